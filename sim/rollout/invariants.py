"""What must hold in every run; a run that breaks one of these is not to be trusted.

The checks fold the finished log anew and share no bookkeeping with the processes that wrote it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.errors import RolloutError

LINES = ("fixed", "satellite")
"""Uses whose homes have lines (or terminals) of their own."""
_SLACK = 1e-3
"""Homes by which rounding may deceive."""

if TYPE_CHECKING:
    from sim.tables.plan import Work
    from sim.tables.results import MonthlyState


def check_invariants(
    events: pd.DataFrame, works: Mapping[str, Work], ahead: Sequence[Mapping[str, int]] = ()
) -> None:
    """Raise ``RolloutError`` with the exact event where the log breaks an invariant.

    At every event: nothing is bought twice; in no pot is more committed and paid for connections than
    was released and may be committed in advance, nor more spent than released or than committed; no
    project is paid more than was committed for it; no pool has more crews at work than it has crews;
    nothing happens to a project before it is funded, or after it serves or is given up, but payments;
    it serves once its tasks are finished; what it requires is funded no later and serves no later, and
    was not given up. ``works`` holds every project of the log by its identifier, ``ahead`` what may be
    committed in advance by month and pot [fen].
    """
    ledger = _Ledger(events)
    ledger.once("funded", ledger.project)
    ledger.once("bought", pd.factorize(events["task"])[0])
    ledger.once("activated", ledger.project)
    ledger.once("cancelled", ledger.project)
    _money_by_pot(ledger, ahead)
    _money_by_project(ledger)
    _order(ledger, np.array([_count_of_tasks(works, name) for name in ledger.names], dtype=np.int64))
    _precedence(ledger, works)
    _crews(ledger)


def _count_of_tasks(works: Mapping[str, Work], name: str) -> int:
    return len(works[name].tasks) if name in works else 0


class _Ledger:
    """The log as numbers, read anew."""

    def __init__(self, events: pd.DataFrame) -> None:
        self.events = events
        self.project, names = pd.factorize(events["project_id"])
        self.names: list[str] = names.tolist()
        self._kind, kinds = pd.factorize(events["event"])
        self._kinds: list[str] = kinds.tolist()
        self.committed = events["committed_fen"].to_numpy()
        self.spent = events["spent_fen"].to_numpy()

    def is_(self, *kinds: str) -> NDArray[np.bool_]:
        """Whether each event is of one of these kinds."""
        wanted = np.array([kind in kinds for kind in self._kinds], dtype=bool)
        found: NDArray[np.bool_] = wanted[self._kind]
        return found

    def first(self, kind: str) -> NDArray[np.int64]:
        """Position of each project's event of a kind; the length of the log where it has none."""
        here = np.flatnonzero(self.is_(kind))
        result = np.full(len(self.names), len(self.events))
        result[self.project[here]] = here
        return result

    def once(self, kind: str, what: NDArray[np.int64]) -> None:
        """Refuse a second event of a kind for the same thing."""
        here = np.flatnonzero(self.is_(kind))
        repeated = pd.Series(what[here]).duplicated().to_numpy()
        if repeated.any():
            self.fail(int(here[np.argmax(repeated)]), f"{kind} a second time")

    def fail(self, position: int, what: str) -> None:
        """Raise with the event that breaks the invariant."""
        row = self.events.iloc[position]
        subject = f"{row['event']} {row['project_id']} {row['task']}".strip()
        raise RolloutError(f"event {row['event_id']} (day {row['day']:g}, {subject}): {what}")


def check_state(state: MonthlyState) -> None:
    """Raise ``RolloutError`` where more homes subscribe than are connected, passed or there at all."""
    fixed = [row for row, use in enumerate(state.uses) if use in LINES]
    passed, connected = state.homes_passed, state.homes_connected
    for fewer, more, rows, verb, whole in (
        (passed, state.homes[:, None, :], slice(None), "passes", "homes"),
        (connected, passed, fixed, "connects", "homes passed"),
        (state.subscribers, connected, fixed, "serves", "homes connected"),
    ):
        few, many = np.broadcast_arrays(fewer, more)
        beyond = few[:, rows] > many[:, rows] + _SLACK
        if beyond.any():
            month, place, zone = (int(k) for k in np.argwhere(beyond)[0])
            technology = np.arange(few.shape[1])[rows][place]
            raise RolloutError(
                f"month {month}, zone {zone}: {state.technologies[technology]} {verb} "
                f"{few[month, technology, zone]:g} of {many[month, technology, zone]:g} {whole}"
            )
    share = state.covered_share
    if share.size and not (share.min() >= 0.0 and share.max() <= 1.0):
        raise RolloutError(f"covered_share leaves 0..1: it runs from {share.min():g} to {share.max():g}")


def _money_by_pot(ledger: _Ledger, ahead: Sequence[Mapping[str, int]]) -> None:
    """Money promised and paid keeps to money released and to the advance, at every event."""
    pot, names = pd.factorize(ledger.events["pot"])
    released = ledger.events["released_fen"].to_numpy()
    direct = np.where(ledger.is_("connected"), ledger.spent, 0)
    month = ledger.events["month"].to_numpy()
    for k, name in enumerate(names):
        here = np.flatnonzero(pot == k)
        limit = np.array([by_pot.get(name, 0) for by_pot in ahead], dtype=np.int64)
        flows: tuple[tuple[NDArray[np.int64], str], ...] = (
            (released - ledger.committed - direct, "more is committed than released"),
            (released - ledger.spent, "more is spent than released"),
            (ledger.committed + direct - ledger.spent, "more is spent than committed"),
        )
        for number, (flow, what) in enumerate(flows):
            balance = np.cumsum(flow[here])
            if number == 0 and limit.any():
                balance = balance + limit[month[here]]
            if (balance < 0).any():
                first = int(np.argmax(balance < 0))
                ledger.fail(int(here[first]), f"{what} in pot {name!r} by {-balance[first]} fen")


def _money_by_project(ledger: _Ledger) -> None:
    """No project is paid more than was committed for it, at every event.

    What connections of a technology owe is committed under its name and paid under it later.
    """
    here = np.flatnonzero(~ledger.is_("released", "lapsed", "crews"))
    spent = np.where(ledger.is_("connected"), 0, ledger.spent)
    here = here[np.argsort(ledger.project[here], kind="stable")]
    if not len(here):
        return
    owner = ledger.project[here]
    total = np.cumsum((ledger.committed - spent)[here])
    first = np.flatnonzero(np.concatenate(([True], owner[1:] != owner[:-1])))
    before = np.concatenate(([0], total))[first]
    balance = total - np.repeat(before, np.diff(np.concatenate((first, [len(here)]))))
    if (balance < 0).any():
        ledger.fail(int(here[np.argmax(balance < 0)]), "more is spent than was committed for the project")


def _order(ledger: _Ledger, tasks: NDArray[np.int64]) -> None:
    """Funded, then every task done, then active, and nothing after; ``tasks`` by project."""
    backwards = np.diff(ledger.events["day"].to_numpy()) < 0
    if backwards.any():
        ledger.fail(int(np.argmax(backwards)) + 1, "lies before the event that precedes it")
    position = np.arange(len(ledger.events))
    work = ledger.is_(
        "matched", "bought", "started", "delayed", "finished", "activated", "cancelled", "returned"
    )
    early = work & (position < ledger.first("funded")[ledger.project])
    if early.any():
        ledger.fail(int(np.argmax(early)), "happens before the project is funded")
    active, cancelled = ledger.first("activated"), ledger.first("cancelled")
    late = work & (position > active[ledger.project])
    if late.any():
        ledger.fail(int(np.argmax(late)), "happens after the project is active")
    dead = work & (position > cancelled[ledger.project]) & ~ledger.is_("returned")
    if dead.any():
        ledger.fail(int(np.argmax(dead)), "happens after the project was given up")
    finished = np.bincount(ledger.project[ledger.is_("finished")], minlength=len(tasks))
    undone = (active < len(position)) & (finished < tasks)
    if undone.any():
        ledger.fail(int(active[np.argmax(undone)]), "is active before its last task is finished")


def _precedence(ledger: _Ledger, works: Mapping[str, Work]) -> None:
    """A required project is funded no later and active no later."""
    row = {name: k for k, name in enumerate(ledger.names)}
    bound = [
        (row[name], row.get(works[name].requires, -1))
        for name in row
        if name in works and works[name].requires
    ]
    if not bound:
        return
    mine, required = np.array(bound, dtype=np.int64).T
    given_up = np.append(ledger.first("cancelled"), len(ledger.events))
    funded = np.append(ledger.first("funded"), len(ledger.events))
    orphan = (funded[mine] < len(ledger.events)) & (given_up[required] < funded[mine])
    if orphan.any():
        k = int(np.argmax(orphan))
        name = ledger.names[mine[k]]
        ledger.fail(int(funded[mine[k]]), f"requires {works[name].requires}, which was given up")
    for kind in ("funded", "activated"):
        at = np.append(ledger.first(kind), len(ledger.events))
        wrong = (at[mine] < len(ledger.events)) & (at[required] > at[mine])
        if wrong.any():
            k = int(np.argmax(wrong))
            name = ledger.names[mine[k]]
            ledger.fail(int(at[mine[k]]), f"is {kind} before {works[name].requires}, which it requires")


def _crews(ledger: _Ledger) -> None:
    """No pool has more crews at work than it has crews, at every event."""
    started, finished, told = (ledger.is_(kind) for kind in ("started", "finished", "crews"))
    pool, names = pd.factorize(ledger.events["crew"])
    here = np.flatnonzero((started | finished | told) & (ledger.events["crew"] != "").to_numpy())
    here = here[np.argsort(pool[here], kind="stable")]
    if not len(here):
        return
    owner = pool[here]
    first = np.flatnonzero(np.concatenate(([True], owner[1:] != owner[:-1])))
    length = np.diff(np.append(first, len(here)))
    busy = np.cumsum(started[here].astype(np.int64) - finished[here])
    busy -= np.repeat(np.concatenate(([0], busy))[first], length)
    latest = np.maximum.accumulate(np.where(told[here], np.arange(len(here)), -1))
    known = latest >= np.repeat(first, length)
    size = np.where(known, ledger.events["quantity"].to_numpy()[here][latest], 0)
    for wrong, what in (
        (busy > size, "more crews of {} are at work than there are"),
        (busy < 0, "more crews of {} come back than went out"),
    ):
        if wrong.any():
            k = int(np.argmax(wrong))
            ledger.fail(int(here[k]), what.format(names[owner[k]]))
