"""What held the targets that a run did not meet, and what closing them would have cost beside it.

Everything that the run's plan was offered is judged as if built as early as licences and lead times allow.
Between the run and that, what a target misses is taken to shrink in step with the units (homes, persons,
kilometres) newly served: a target that lies a third of the way needs a third of the units left. Units that
projects under way bring come first and cost nothing more; the rest is bought cheapest first
(``sim.planning.cheapest``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.indicators.binding import (
    MONEY,
    RULES,
    TAKE_UP,
    TECHNOLOGY,
    TIME,
    binding_of,
    is_ordered,
    late_of,
    left_out_for,
    served_of,
    summed,
)
from sim.indicators.registry import REGISTRY
from sim.indicators.scorecard import Held, number
from sim.planning.cheapest import Bought, Brought, Stock, cheapest
from sim.planning.problem import hanging, named
from sim.planning.projects import link, own_prices
from sim.planning.rolling import RollingPlan
from sim.planning.worth import per_candidate, value_rows
from sim.plans.goals import ALONE, needs_of_one
from sim.plans.reach import Figures
from sim.prepare import setting_of
from sim.tables.plan import FIXED, TELEVISION

if TYPE_CHECKING:
    import pandas as pd

    from sim.indicators.targets import Target
    from sim.plans.reach import Judge, Reached
    from sim.tables.plan import Proposal

Ints = NDArray[np.int64]
NO_CANDIDATE = "what could be built is not weighed by this target, so that nothing is known of its price"


@dataclass(frozen=True, eq=False)
class Ran(Figures):
    """What replication 0 of a run left behind."""

    decisions: pd.DataFrame
    delays: pd.DataFrame


@dataclass(frozen=True, eq=False)
class _Month:
    """What had become of every candidate by the due month of a target, N candidates."""

    served: Ints
    """Rows in service."""
    late: Ints
    """Rows paid for and not in service."""
    in_time: NDArray[np.bool_]
    """Whether each could be in service by then at the earliest, shape (N,)."""
    licensed: NDArray[np.bool_]
    """Whether each could be funded by then at the earliest, shape (N,)."""
    why_late: Mapping[str, str]
    why_left: Mapping[str, str]


class RunClosing:
    """Tells of each target that a run did not meet what held it, and what closing it costs."""

    def __init__(self, judge: Judge, most: Reached, ran: Ran) -> None:
        self.judge, self.most, self.ran = judge, most, ran
        self._months: dict[int, _Month] = {}
        self._brought: dict[str, tuple[Brought, int]] = {}

    def __call__(self, target: Target, gap: float) -> Held:
        """Return what held a target that misses so much of its own unit."""
        due = self.judge.prepared.scenario.clock.index(target.due_month)
        weighed = self._weighed(target) if target.comparator in (">=", ">") else None
        if weighed is None:
            return Held(self._by_count(target, due, gap), None, NO_CANDIDATE)
        return _Gap(self, target, due, gap, *weighed).held()

    # -- what is the same for all targets --------------------------------------------------------

    @cached_property
    def proposal(self) -> Proposal:
        """Everything that was offered, at the prices of the last release."""
        offered = self.judge.offered
        setting = offered.plan.setting
        releases = self.ran.decisions["release"]
        last = int(releases.max()) if len(releases) else 0
        return setting.price_paths.at(offered.proposal, last, setting.horizon)

    @cached_property
    def ids(self) -> NDArray[np.object_]:
        """Identifier of each candidate, shape (N,)."""
        return self.proposal.candidates["project_id"].to_numpy(dtype=object)

    @cached_property
    def _row(self) -> dict[str, int]:
        return {str(name): row for row, name in enumerate(self.ids.tolist())}

    @cached_property
    def stock(self) -> Stock:
        """What could still be built beside what the run paid for."""
        delays, proposal = self.ran.delays, self.proposal
        gone = frozenset(delays.loc[delays["outcome"] == "given up", "project_id"])
        taken = frozenset(delays["project_id"]) - gone
        links = link(proposal, taken)
        closed = named(proposal.candidates["project_id"], taken | gone | frozenset(self.judge.offered.never))
        bought = named(proposal.assets["asset_id"], self.judge.offered.plan.bought)
        rank = np.empty(len(self.ids), dtype=np.int64)
        rank[np.argsort(self.ids, kind="stable")] = np.arange(len(self.ids))
        return Stock(
            id_rank=rank,
            own_fen=own_prices(proposal.candidates).sum(axis=1),
            asset_fen=np.where(bought, 0, own_prices(proposal.assets).sum(axis=1)),
            links=links,
            open=~(closed | hanging(links, closed)),
        )

    def month(self, due: int) -> _Month:
        """Return what had become of every candidate by a month."""
        if due not in self._months:
            offered, ran = self.judge.offered, self.ran
            why_late = late_of(ran.delays, due)
            never = self.judge.prepared.scenario.clock.months
            first = np.array([self.most.funded.get(str(name), never) for name in self.ids], dtype=np.int64)
            earliest = np.array([offered.earliest.get(str(name), 0) for name in self.ids], dtype=np.int64)
            self._months[due] = _Month(
                served=self._rows(served_of(ran.delays, due)),
                late=self._rows(list(why_late)),
                in_time=first <= due,
                licensed=earliest <= due,
                why_late=why_late,
                why_left=left_out_for(ran.decisions, due),
            )
        return self._months[due]

    def _rows(self, names: list[str]) -> Ints:
        rows = sorted(self._row[name] for name in names if name in self._row)
        return np.array(rows, dtype=np.int64)

    @cached_property
    def _start(self) -> RollingPlan:
        """A plan that has decided nothing, which knows what stands in month 0."""
        return RollingPlan(setting_of(self.judge.prepared))

    def _weighed(self, target: Target) -> tuple[Brought, int] | None:
        """Return what each candidate brings toward a target, and how many keys there are."""
        needs = needs_of_one(target, self.judge.prepared.scenario)
        if needs.empty:
            return None
        key = needs.to_csv()
        if key not in self._brought:
            start = self._start
            values = value_rows(
                self.proposal, needs, start.situation(0), start.places.kind, ALONE, self._may_serve(needs)
            )
            self._brought[key] = Brought(values.starts, values.key, values.value), values.keys
        brought, keys = self._brought[key]
        return (brought, keys) if len(brought.value) else None

    def _may_serve(self, needs: pd.DataFrame) -> NDArray[np.bool_]:
        """Return the candidates whose use, or technology, a table of needs speaks of, shape (N,)."""
        uses, named_ones = set(needs["use"]), {name for text in needs["counts"] for name in text.split(";")}
        if uses & {FIXED, TELEVISION}:
            uses |= {FIXED, TELEVISION}
        candidates = self.proposal.candidates
        return np.asarray(candidates["use"].isin(uses) | candidates["technology"].isin(named_ones))

    def _by_count(self, target: Target, due: int, gap: float) -> str:
        """Return what held a target that weighs no candidate: what held most projects that count for it.

        All of them count for as much of the gap as everything built would have closed.
        """
        indicator = REGISTRY.get(target.indicator)
        counts = frozenset(() if indicator is None else indicator.counts)
        month, beyond = self.month(due), _beyond(target)
        worthy = self.ran.decisions.loc[self.ran.decisions["worth"] > 0, "project_id"]
        left = {name: month.why_left[name] for name in worthy if name in month.why_left}
        shares = [
            summed({name: 1.0 for name in why if name.partition(":")[0] in counts}, why, TIME)
            for why in (month.why_late, left)
        ]
        room = self.room(target, due)
        sign = -1.0 if target.comparator == "<=" else 1.0
        known = sum(sum(share.values()) for share in shares)
        if sign * room <= 0 or known == 0:
            return beyond
        return binding_of(known * max(1.0, gap / (sign * room)), shares, beyond)

    def room(self, target: Target, due: int) -> float:
        """Return how far everything offered would have moved an indicator beyond the run by a month."""
        pair = target.indicator, target.breakdown, due
        reached, most = self.ran.value(*pair), self.most.value(*pair)
        return 0.0 if reached is None or most is None else most - reached


def _beyond(target: Target) -> str:
    return TAKE_UP if is_ordered(target.indicator) else TECHNOLOGY


class _Gap:
    """What one target misses, in units of what it asks for."""

    def __init__(
        self, run: RunClosing, target: Target, due: int, gap: float, brought: Brought, keys: int
    ) -> None:
        self.run, self.target, self.gap = run, target, gap
        self.month = run.month(due)
        self.brought, self.keys = brought, keys
        self.most = run.most.value(target.indicator, target.breakdown, due)
        self.room = run.room(target, due)
        """How far everything would move the indicator beyond the run."""

    @cached_property
    def had(self) -> Ints:
        """Units in service by key, shape (K,)."""
        return self.brought.best(self.month.served, self.keys)

    @cached_property
    def beside(self) -> Brought:
        """What each candidate brings beside what is in service."""
        return self.brought.beside(self.had)

    def _units(self, rows: Ints) -> int:
        return int(self.beside.best(rows, self.keys).sum())

    @cached_property
    def late_units(self) -> int:
        """Units that what is paid for and late would bring."""
        return self._units(self.month.late)

    @cached_property
    def left(self) -> NDArray[np.bool_]:
        """Candidates that could have been built in time beside the run, shape (N,)."""
        return self.run.stock.open & self.month.in_time

    @cached_property
    def in_time_units(self) -> int:
        """Units that everything in time would bring beside what is in service."""
        return self._units(np.union1d(np.flatnonzero(self.left), self.month.late))

    @cached_property
    def missing(self) -> int:
        """Units that the gap asks for, as many more than there are as the gap is beyond reach."""
        if self.room <= 0 or self.in_time_units == 0:
            return 0
        return int(np.ceil(self.gap / self.room * self.in_time_units - 1e-6))

    def held(self) -> Held:
        """Return what held the target, and what closing it costs."""
        if self.missing == 0:
            return Held(self._binding_out_of_reach(1.0), None, self._no_use())
        if self.missing > self.in_time_units:
            binding = self._binding_out_of_reach(self.missing - self.in_time_units)
            return Held(binding, None, self._no_use())
        wanted = self.missing - self.late_units
        if wanted <= 0:
            return Held(self._binding({}), 0, "what is paid for and late would close it")
        found = self._buy(wanted)
        if found is None:
            return Held(self._binding_out_of_reach(wanted), None, self._no_use())
        count = len(found.rows)
        why = f"{count:,} more {'project' if count == 1 else 'projects'} would close it"
        return Held(self._binding(self._of(np.array(found.rows, dtype=np.int64))), found.price_fen, why)

    def _buy(self, wanted: int) -> Bought | None:
        """Return the cheapest that brings so many units beside what is in service and what is late."""
        late = self.brought.best(np.union1d(self.month.served, self.month.late), self.keys)
        stock = self.run.stock
        open_now = Stock(stock.id_rank, stock.own_fen, stock.asset_fen, stock.links, self.left)
        return cheapest(open_now, self.brought.beside(late), wanted)

    def _of(self, rows: Ints) -> dict[str, float]:
        """Return what each of some candidates brings alone, by name."""
        alone = per_candidate(self.beside.value, self.beside.starts)
        return {str(self.run.ids[row]): float(alone[row]) for row in rows.tolist() if alone[row] > 0}

    def _binding(self, left: Mapping[str, float]) -> str:
        """Return what held the target, by what is late and what was left out that would close it."""
        late = summed(self._of(self.month.late), self.month.why_late, TIME)
        out = summed(left, self.month.why_left, RULES)
        return binding_of(self.missing, (late, out), MONEY if left else TIME)

    def _binding_out_of_reach(self, beyond: float) -> str:
        """Return what held a target that money does not close.

        Everything that would serve it is counted, then what could not be in service in time or was not
        licensed, and what is left goes to take-up or to technology.
        """
        late = summed(self._of(self.month.late), self.month.why_late, TIME)
        out = summed(self._of(np.flatnonzero(self.left)), self.month.why_left, RULES)
        after = self.run.stock.open & ~self.month.in_time
        slow = self._units(np.flatnonzero(after & self.month.licensed))
        barred = self._units(np.flatnonzero(after & ~self.month.licensed))
        known = sum(late.values()) + sum(out.values()) if self.room > 0 else 0.0
        shares = ((late, out) if self.room > 0 else ()) + ({TIME: float(slow)}, {RULES: float(barred)})
        return binding_of(known + beyond, shares, _beyond(self.target))

    def _no_use(self) -> str:
        if self.most is None or self.room <= 0:
            return "nothing left to build moves it"
        return f"all that could be built in time would reach {number(self.most)}"
