"""What must hold in every run; a run that breaks one of these is not to be trusted.

The checks fold the finished log anew and share no bookkeeping with the processes that wrote it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.errors import RolloutError

if TYPE_CHECKING:
    import pandas as pd

    from sim.tables.plan import Work
    from sim.tables.results import MonthlyState


def check_invariants(events: pd.DataFrame, works: Mapping[str, Work]) -> None:
    """Raise ``RolloutError`` with the exact event where the log breaks an invariant.

    Nothing is bought twice; money committed and paid for connections never exceeds money
    released, at any event, in any pot; no project is paid more than was committed for it; nothing
    is active before it is funded and its tasks are finished; what a project requires is funded no
    later and in service before its own field work ends.
    """
    import pandas as pd

    kind = events["event"].to_numpy(dtype=object)
    project, names = pd.factorize(events["project_id"].to_numpy(dtype=object))
    _once(events, kind, "funded", "project_id")
    _once(events, kind, "bought", "task")
    _once(events, kind, "activated", "project_id")
    _money_by_pot(events, kind)
    _money_by_project(events, kind, project)
    tasks = np.array([len(works[name].tasks) if name in works else 0 for name in names], dtype=np.int64)
    _order(events, kind, project, tasks)
    _precedence(events, kind, works)


def check_state(state: MonthlyState) -> None:
    """Raise ``RolloutError`` where a month-end state shows more homes passed than there are."""
    beyond = state.homes_passed > state.homes[:, None, :]
    if beyond.any():
        month, technology, zone = (int(k) for k in np.argwhere(beyond)[0])
        raise RolloutError(
            f"month {month}, zone {zone}: {state.technologies[technology]} passes "
            f"{state.homes_passed[month, technology, zone]} of {state.homes[month, zone]} homes"
        )
    for name, share in (("covered_share", state.covered_share),):
        if share.size and not (share.min() >= 0.0 and share.max() <= 1.0):
            raise RolloutError(f"{name} leaves 0..1: {share.min():g} to {share.max():g}")


def _fail(events: pd.DataFrame, position: int, what: str) -> None:
    """Raise with the event that breaks the invariant."""
    row = events.iloc[position]
    subject = f"{row['event']} {row['project_id']} {row['task']}".strip()
    raise RolloutError(f"event {row['event_id']} (day {row['day']:g}, {subject}): {what}")


def _once(events: pd.DataFrame, kind: NDArray[np.object_], event: str, column: str) -> None:
    here = np.flatnonzero(kind == event)
    repeated = events[column].iloc[here].duplicated().to_numpy()
    if repeated.any():
        _fail(events, int(here[np.argmax(repeated)]), f"{event} a second time")


def _money_by_pot(events: pd.DataFrame, kind: NDArray[np.object_]) -> None:
    """Money promised and paid never exceeds money released, at every event."""
    import pandas as pd

    pot, names = pd.factorize(events["pot"].to_numpy(dtype=object))
    committed = events["committed_fen"].to_numpy()
    spent = events["spent_fen"].to_numpy()
    connected = kind == "connected"
    free = events["released_fen"].to_numpy() - committed - np.where(connected, spent, 0)
    promised = committed - np.where(connected, 0, spent)
    for k, name in enumerate(names):
        here = np.flatnonzero(pot == k)
        for flow, what in (
            (free, "more is committed than released"),
            (promised, "more is spent than committed"),
        ):
            balance = np.cumsum(flow[here])
            if (balance < 0).any():
                first = int(np.argmax(balance < 0))
                _fail(events, int(here[first]), f"{what} in pot {name!r} by {-balance[first]} fen")


def _money_by_project(events: pd.DataFrame, kind: NDArray[np.object_], project: NDArray[np.int64]) -> None:
    """No project is paid more than was committed for it, at every event."""
    here = np.flatnonzero(kind != "connected")
    here = here[np.argsort(project[here], kind="stable")]
    flow = (events["committed_fen"].to_numpy() - events["spent_fen"].to_numpy())[here]
    owner = project[here]
    total = np.cumsum(flow)
    first = np.flatnonzero(np.concatenate(([True], owner[1:] != owner[:-1]))) if len(here) else here
    before = np.concatenate(([0], total))[first]
    lengths = np.diff(np.concatenate((first, [len(here)])))
    balance = total - np.repeat(before, lengths)
    if (balance < 0).any():
        _fail(events, int(here[np.argmax(balance < 0)]), "more is spent than was committed for the project")


def _order(
    events: pd.DataFrame,
    kind: NDArray[np.object_],
    project: NDArray[np.int64],
    tasks: NDArray[np.int64],
) -> None:
    """Funded, then every task done, then active, and nothing after; ``tasks`` by project."""
    count = len(tasks)
    day = events["day"].to_numpy()
    if (np.diff(day) < 0).any():
        _fail(events, int(np.argmax(np.diff(day) < 0)) + 1, "lies before the event that precedes it")
    position = np.arange(len(kind))
    funded = np.full(count, len(kind))
    funded[project[kind == "funded"]] = position[kind == "funded"]
    work = np.isin(kind, ["bought", "started", "delayed", "finished", "activated"])
    early = work & (position < funded[project])
    if early.any():
        _fail(events, int(np.argmax(early)), "happens before the project is funded")
    active = np.full(count, len(kind))
    active[project[kind == "activated"]] = position[kind == "activated"]
    late = work & (position > active[project])
    if late.any():
        _fail(events, int(np.argmax(late)), "happens after the project is active")
    finished = np.bincount(project[kind == "finished"], minlength=count)
    undone = (active < len(kind)) & (finished < tasks)
    if undone.any():
        _fail(events, int(active[np.argmax(undone)]), "is active before its last task is finished")


def _precedence(events: pd.DataFrame, kind: NDArray[np.object_], works: Mapping[str, Work]) -> None:
    """A required project is funded no later and active no later."""
    ids = events["project_id"].to_numpy(dtype=object)
    for event in ("funded", "activated"):
        here = np.flatnonzero(kind == event)
        position = dict(zip(ids[here].tolist(), here.tolist(), strict=True))
        for name, at in position.items():
            required = works[name].requires
            if required and position.get(required, len(kind)) > at:
                _fail(events, at, f"is {event} before {required}, which it requires")
