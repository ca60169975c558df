"""What chance decides of projects: how long their tasks take, and which are given up.

All projects funded at once are drawn at once; no draw depends on which others are drawn with it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from sim.randomness import Streams
from sim.rollout.options import Failure
from sim.tables.plan import Work

PERMIT = "permit"
"""Phase at whose end projects are given up."""


def durations(works: Sequence[Work], streams: Streams, spread: float) -> list[list[float]]:
    """Return the days of every task of every project: the median times a log-normal factor.

    Tasks of one stream share the draw of their project, those of a contract (``of_batch``) the draw of
    the contract.
    """
    keys: defaultdict[str, dict[str, int]] = defaultdict(dict)
    key = []
    drawn = 0
    for work in works:
        name, batch = work.project_id, work.batch
        for task in work.tasks:
            if not task.sigma or not task.stream:
                key.append(-1)
                continue
            of_stream = keys[task.stream]
            number = of_stream.setdefault(batch if batch and task.of_batch else name, drawn)
            drawn += number == drawn
            key.append(number)
    median = np.array([task.days for work in works for task in work.tasks])
    sigma = np.array([task.sigma for work in works for task in work.tasks])
    normal = np.zeros(drawn + 1)
    for stream, of_stream in keys.items():
        normal[np.fromiter(of_stream.values(), np.int64)] = streams.normals(stream, of_stream)
    normal[-1] = 0.0
    factor = np.round(np.exp(sigma * spread * normal[np.array(key, dtype=np.int64)]), 6)
    days = (median * factor).tolist()
    ends = np.cumsum([len(work.tasks) for work in works]).tolist()
    return [days[end - len(work.tasks) : end] for work, end in zip(works, ends, strict=True)]


def failing(works: Sequence[Work], failures: Mapping[str, Failure], streams: Streams) -> dict[str, str]:
    """Return the projects that will be given up at the end of their permit phase, with the cause.

    Each cause is drawn for itself; where several strike, the first by name counts. A project without a
    task of that phase cannot fail.
    """
    found: dict[str, str] = {}
    for cause in sorted(failures):
        failure = failures[cause]
        mine = [work.project_id for work in works if may_fail(work, failure)]
        lost = streams.uniforms(f"failure {cause}", mine) < failure.chance
        for number in np.flatnonzero(lost).tolist():
            found.setdefault(mine[number], cause)
    return found


def may_fail(work: Work, failure: Failure) -> bool:
    """Return whether a project may be given up for this reason."""
    if failure.technologies and work.technology not in failure.technologies:
        return False
    if failure.builds and work.build not in failure.builds:
        return False
    return any(task.phase == PERMIT for task in work.tasks)
