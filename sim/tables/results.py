"""The tables of results: the event log and everything folded from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from sim.tables.base import Column, Table

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from sim.tables.feeders import Feeders
    from sim.tables.finance import Finance
    from sim.tables.lines import Lines
from sim.tables.transport import Carried

EVENT_KINDS = (
    "released", "lapsed", "connected", "funded", "matched", "bought", "started", "delayed", "finished",
    "paid", "activated", "cancelled", "returned", "crews",
)  # fmt: skip

EVENTS = Table(
    "events",
    "The append-only log of the rollout, in order; everything else is a fold over it.",
    (
        Column("event_id", "int64", "number in order within the replication", ge=0),
        Column("replication", "int32", "replication", ge=0),
        Column("day", "float64", "working days from the start", "working day", ge=0),
        Column("month", "int32", "month of the day", "month", ge=0),
        Column("project_id", "str", "project; for `connected` the technology; empty for money released"),
        Column("event", "str", "what happened", one_of=EVENT_KINDS),
        Column("task", "str", "step of building, or the asset bought"),
        Column("crew", "str", "prefecture and skill of the crew"),
        Column("released_fen", "int64", "money released (negative: lapsed)", "fen"),
        Column(
            "committed_fen", "int64", "money promised (negative: no longer, of a cancelled project)", "fen"
        ),
        Column("spent_fen", "int64", "money paid", "fen", ge=0),
        Column("pot", "str", "pot that pays"),
        Column(
            "quantity", "int64", "subscribers connected; for `crews` the crews there are from now on", ge=0
        ),
        Column("share", "float64", "share of waiting subscribers that were connected", ge=0, le=1),
        Column("cause", "str", "why (season, crew, permit, supply, travel, money ...)"),
        Column(
            "lost_days", "float64", "working days lost to the cause, known at this event", "working day", ge=0
        ),
    ),
    made_by="rollout",
)
STATE = Table(
    "state",
    "Month-end state by technology and zone; rows of zeros are left out.",
    (
        Column("replication", "int32", "replication", ge=0),
        Column("month", "int32", "month", ge=0),
        Column("technology", "str", "technology"),
        Column("zone_id", "str", "zone (county in replications above 0)"),
        Column("homes_passed", "int32", "homes that could order (fixed) or are covered (radio)", ge=0),
        Column("homes_connected", "float32", "homes whose line has ever been put in (fixed)", ge=0),
        Column("subscribers", "float32", "subscribers", ge=0),
        Column("covered_share", "float32", "share of the zone's residents at served points", ge=0, le=1),
        Column("busy_hour_mbps", "float32", "rate per subscriber at the busy hour", "Mbit/s", ge=0),
    ),
    made_by="rollout",
)
SPENDING = Table(
    "spending",
    "Money by month, pot and technology.",
    (
        Column("replication", "int32", "replication", ge=0),
        Column("month", "int32", "month", ge=0),
        Column("pot", "str", "pot"),
        Column("technology", "str", "technology; empty for money released"),
        Column("released_fen", "int64", "released in the month", "fen"),
        Column("committed_fen", "int64", "committed in the month", "fen"),
        Column("spent_fen", "int64", "spent in the month", "fen"),
    ),
    made_by="indicators",
)
CAUSES = (
    "crew", "travel", "permit", "procure", "work", "season", "holiday", "supply", "requires", "money",
    "other",
)  # fmt: skip
"""What costs a project days: no free crew, the way to the site, papers, delivery, work that took longer than
its median, season, holidays, shortage of supplies, another project, money that has not come in."""
OUTCOMES = ("in service", "given up", "under way")
DELAYS = Table(
    "delays",
    "How long every project took, and what held it up; waits beyond the horizon do not count.",
    (
        Column("replication", "int32", "replication", ge=0),
        Column("project_id", "str", "project"),
        Column("technology", "str", "technology"),
        Column("zone", "int32", "row of the zone where it stands, -1 where it is not known", ge=-1),
        Column("contract", "str", "contract that it is part of, or empty"),
        Column("funded_month", "int32", "month in which it was funded", "month", ge=0),
        Column("ended_month", "int32", "month in which it came into service or was given up, or -1", "month"),
        Column("outcome", "str", "what has become of it by the horizon", one_of=OUTCOMES),
        Column("lasted_days", "float64", "working days since it was funded", "working day", ge=0),
        Column("lost_days", "float64", "working days lost in all", "working day", ge=0),
        *(
            Column(f"lost_{cause}_days", "float64", f"working days lost to {cause}", "working day", ge=0)
            for cause in CAUSES
        ),
        Column("cause", "str", "cause that cost most days, or empty", one_of=("", *CAUSES)),
        Column("held_by", "str", "crew, project or task of the longest stretch lost to it, or empty"),
    ),
    made_by="indicators",
    key=("replication", "project_id"),
)
INDICATORS = Table(
    "indicators",
    "What was measured, by month.",
    (
        Column("replication", "int32", "replication", ge=0),
        Column("month", "int32", "month", ge=0),
        Column("indicator", "str", "indicator"),
        Column("breakdown", "str", "all, urban, rural, a prefecture or a technology"),
        Column("value", "float64", "value"),
        Column("unit", "str", "unit"),
    ),
    made_by="indicators",
    key=("replication", "month", "indicator", "breakdown"),
)
BINDINGS = (
    "money", "rules", "crews", "permits", "season", "supply", "time", "take-up", "technology",
)  # fmt: skip
"""What may hold a target: money; what may not be built by rule (no pot, licence, moratorium, given up);
crews, papers, season and supplies of what is paid for and late, or the time that building takes; homes and
persons who could order and do not; nothing left that would serve it."""
VERDICTS = ("met", "at risk", "missed", "trend", "not judged")
SCORECARD = Table(
    "scorecard",
    "The verdict on every target.",
    (
        Column("target_id", "str", "target", unique=True),
        Column("statement", "str", "what is wanted, in our words"),
        Column("indicator", "str", "indicator that judges it, or empty"),
        Column("breakdown", "str", "breakdown of the indicator"),
        Column("definition", "str", "what the indicator measures, in one sentence, or empty"),
        Column("comparator", "str", ">=, >, <=, increase, decrease, report or lever"),
        Column("wanted", "str", "threshold, or empty"),
        Column("unit", "str", "unit"),
        Column("due_month", "str", "month by whose end it is due, YYYY-MM"),
        Column("mean", "str", "mean over replications at the due month, or empty"),
        Column("p10", "str", "tenth percentile of draws, else of replications"),
        Column("p90", "str", "ninetieth percentile, likewise"),
        Column("chance_met", "str", "share of draws, else of replications, that meet it"),
        Column("margin", "str", "mean less wanted, in the direction wanted"),
        Column("shortfall", "str", "homes, persons or villages missing"),
        Column("first_met", "str", "first month in which it holds, YYYY-MM"),
        Column("at_start", "bool", "whether it already holds in month 0"),
        Column("binding", "str", "what held it where it is missed or at risk", one_of=("", *BINDINGS)),
        Column("cost_to_close_yuan", "str", "money that would close it beside the run, or empty", "yuan"),
        Column("verdict", "str", "verdict", one_of=VERDICTS),
        Column("reason", "str", "why, and what is missing"),
        Column("document", "str", "document"),
        Column("clause", "str", "clause"),
        Column("interpreted", "bool", "whether the threshold is ours"),
        Column("counts", "str", "technologies that count"),
    ),
    made_by="indicators",
)


@dataclass(frozen=True, eq=False)
class MonthlyState:
    """Month-end state as dense arrays: M months, T technologies, Z zones, P points.

    Fixed technologies nest on the same homes: a zone's best technology serves the first homes, the
    next best the homes beyond, so unions never add up.
    """

    technologies: tuple[str, ...]
    uses: tuple[str, ...]
    """``fixed``, ``mobile``, ``iot`` or ``satellite`` of each technology (satellite stands apart)."""
    homes: NDArray[np.int32]
    """Homes, shape (M, Z)."""
    population: NDArray[np.int32]
    """Residents, shape (M, Z)."""
    homes_passed: NDArray[np.int32]
    """Homes that could order (fixed) or stand at covered points (radio), shape (M, T, Z)."""
    homes_connected: NDArray[np.float32]
    """Homes whose fixed line has ever been put in, those of month 0 included, shape (M, T, Z)."""
    covered_share: NDArray[np.float32]
    """Share of residents at served points, shape (M, T, Z)."""
    subscribers: NDArray[np.float32]
    """Subscribers, shape (M, T, Z); an LTE subscriber is a person, an FTTH subscriber a household."""
    peak_mbps: NDArray[np.float32]
    """Rate that a home passed could order, shape (M, T, Z) [Mbit/s]."""
    subscribed_mbps: NDArray[np.float32]
    """Mean rate paid for per subscriber, shape (M, T, Z) [Mbit/s]."""
    busy_hour_mbps: NDArray[np.float32]
    """Rate that a subscriber gets at the busy hour, shape (M, T, Z) [Mbit/s]."""
    point_month: Mapping[str, NDArray[np.int32]]
    """Month from which each point is served, by radio technology: -1 from the start, M never; shape (P,)."""
    site_month: Mapping[str, NDArray[np.int32]]
    """Month from which a location carries the technology: -1 from the start, M never; shape (locations,)."""
    sites: NDArray[np.int32]
    """Radio sites in service, shape (M, T)."""
    standing_share: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    """Share of homes passed in month 0 by what the standing table names, shape (Z,)."""
    lines: Lines | None = None
    """What subscribers of fixed lines pay for and share."""
    transport: Carried | None = None
    """What the network behind access carries; ``None`` where a run leaves it out."""
    radio: pd.DataFrame | None = None
    """What the radio networks give (contract ``RADIO``), in the replication in which that is measured."""

    finance: Finance | None = None
    """What the money costs and earns; ``None`` where that is not worked out."""

    feeders: Feeders | None = None
    """The feeder routes and what hangs on them; ``None`` where they are not known."""

    left_out: NDArray[np.bool_] | None = None
    """Whether candidates of worth were left out for want of money at the last release, shape (M,);
    ``None`` where the plan is not known."""

    @cached_property
    def uplink_mbps(self) -> NDArray[np.float32] | None:
        """Rate that the way from each zone to the core can carry, 0 for a zone without one, shape (M, Z).

        ``None`` where a run leaves the network behind access out [Mbit/s].
        """
        return None if self.transport is None else self.transport.zone_mbps()

    def technology(self, name: str) -> int:
        """Return the index of a technology; ``ValueError`` where the run has none of that name."""
        return self.technologies.index(name)
