"""The tables of planning, and the one protocol by which the rollout asks for a plan."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from sim.tables.base import Column, Table
from sim.tables.layers import VILLAGE

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

ITEMS = ("active", "passive", "civil", "tower", "power", "backhaul", "terminal")
"""The items a price is made of: electronics, cable and splitters, digging and poles, mast, energy,
backhaul, equipment at the customer's side."""
FIXED, MOBILE, IOT, CAPACITY, PUBLIC = "fixed", "mobile", "iot", "capacity", "public"
TELEVISION = "television"
TRANSPORT, EGRESS, IPV6, BACKUP = "transport", "egress", "ipv6", "backup"
BEHIND_ACCESS = (TRANSPORT, EGRESS, IPV6, BACKUP)
"""Uses of the network behind access; apart, because a home that gains by one gains by the others too."""
USES = (FIXED, MOBILE, IOT, CAPACITY, PUBLIC, TELEVISION, *BEHIND_ACCESS)
"""``capacity`` relieves cells that cover already; ``public`` is access in public places; ``television`` is
two-way cable television, which fibre to the same home does not replace; ``transport``
carries what access networks collect to the core, ``egress`` from there to other provinces."""
NEW_SITE, CO_LOCATION, SECOND_SITE = "new site", "co-location", "second site"
SITE_BUILDS = (NEW_SITE, CO_LOCATION, SECOND_SITE)
"""Ways of building that put one more radio site in service."""
CARRIER, SECTORS = "carrier", "sectors"
ADDED_TO_SITES = (CARRIER, SECTORS)
"""Ways of building that add to a radio site which stands or is built already."""
TERMINALS = "terminals"
"""Way of building that serves no more homes of its zone than it has units."""
PHASES = ("survey", "permit", "procure", "build", "test")
"""Phases of a project's life between funding and activation, in order."""
SKILLS = ("survey", "fibre", "civil", "radio", "software", "install")
"""Skills of crews. ``survey`` and ``software`` are office work without a field crew."""

PRICES = tuple(Column(f"{item}_fen", "int64", f"price of {item}", "fen", ge=0) for item in ITEMS)
"""Columns of a price by its items."""

CANDIDATES = Table(
    "candidates",
    "What could be built.",
    (
        Column("project_id", "str", "technology, a colon, what it serves", unique=True),
        Column("technology", "str", "technology"),
        Column("use", "str", "what it is for", one_of=USES),
        Column("zone", "int32", "row of the zone where it stands", ge=0),
        Column("location", "int32", "row of the location, -1 without one", ge=-1),
        *PRICES,
        Column("opex_fen_per_year", "int64", "yearly cost of running it", "fen/yr", ge=0),
        Column("available_month", "int32", "first month in which it may be funded (licences)", "month"),
        Column("field_days", "float32", "days of one crew in the field", "working day", ge=0),
        Column(
            "build",
            "str",
            "way of building, which decides its tasks (village, town, new site, co-location ...)",
        ),
        Column("quantity", "int32", "units built: sites, lines of equipment, terminals", ge=1),
        Column("requires", "str", "project that must be chosen no later, or empty"),
    ),
    made_by="technologies",
)
ASSETS = Table(
    "assets",
    "Physical things bought once and shared by candidates.",
    (
        Column("asset_id", "str", "identifier", unique=True),
        Column("kind", "str", "what it is"),
        *PRICES,
        Column("life_years", "float32", "technical life", "yr", ge=0),
    ),
    made_by="technologies",
)
NEEDED = Table(
    "needed assets",
    "Which candidate needs which asset.",
    (Column("project_id", "str", "candidate"), Column("asset_id", "str", "asset")),
    made_by="technologies",
    key=("project_id", "asset_id"),
)
SERVICE = Table(
    "service",
    "What a candidate would serve: zones (fixed) or points (radio); sparse.",
    (
        Column("project_id", "str", "candidate"),
        Column("zone", "int32", "row of the zone served", ge=0),
        Column("point", "int32", "row of the point served, -1 where the whole zone is", ge=-1),
        Column("peak_mbps", "float32", "rate of one user alone", "Mbit/s", ge=0),
        Column("capacity_mbps", "float32", "shared rate available there at the busy hour", "Mbit/s", ge=0),
    ),
    made_by="technologies",
    key=("project_id", "zone", "point"),
)
NEEDS = Table(
    "needs",
    "Open targets broken down to kinds of zones and groups of roads.",
    (
        Column("use", "str", "what it is for", one_of=USES),
        Column("kind", "str", "kind of zone, or group of roads (road, road 1-3, rail ...)"),
        Column("wanted_mbps", "float32", "rate wanted (0: coverage alone)", "Mbit/s", ge=0),
        Column("due_month", "int32", "month by whose end it is due", "month"),
        Column("weight", "float32", "worth of one home, person or km of road served in time", ge=0),
        Column(
            "enough",
            "float32",
            "share of the length (roads), or of a village's residents whom radio serves, from which it "
            "weighs no more; else 1",
            ge=0,
            le=1,
        ),
        Column(
            "counts",
            "str",
            "technologies that meet it, joined by semicolons; a use stands for all of its technologies, "
            "fixed for lines and cable but not satellite; empty: all of its use",
        ),
    ),
    made_by="indicators",
)


@dataclass(frozen=True, slots=True)
class Task:
    """One step of building: what it is, how long it takes one crew, and which crew."""

    name: str
    days: float
    """Working days of one crew under ordinary conditions; waiting days where ``skill`` is empty."""
    skill: str = ""
    """Skill of the crew that does it; empty for waiting (permits, procurement)."""
    share: float = 0.0
    """Share of the project's price that falls due when it finishes; the shares sum to 1."""
    stream: str = ""
    """Random stream of its delay factor; tasks of one stream share one draw per project."""
    sigma: float = 0.0
    """Spread of the logarithm of the delay factor."""
    outdoor: bool = False
    """Whether seasons slow it."""
    phase: str = "build"
    """Phase of the project's life that it belongs to, one of ``PHASES``."""
    of_batch: bool = False
    """Whether projects of one contract do it together: one draw of its delay for the whole batch."""


@dataclass(frozen=True, slots=True)
class Work:
    """A project as the rollout needs it: chosen, priced, with its tasks in order."""

    project_id: str
    technology: str
    prefecture: str
    zone: int
    elevation_m: float
    price_fen: int
    """Own price and the assets bought with it."""
    pot: str
    priority: int
    """Rank in the plan; crews take the lowest first."""
    tasks: tuple[Task, ...]
    buys: tuple[tuple[str, int], ...] = ()
    """Shared assets bought with it: identifier and price [fen]."""
    requires: str = ""
    matching: tuple[str, int] | None = None
    """Pot that adds a matching share and what it pays of ``price_fen`` [fen]; ``pot`` pays the rest."""
    batch: str = ""
    """Contract that it is part of (the villages of a county chosen together), or empty."""
    x_m: float = 0.0
    """Easting of its zone, between which crews travel [m]."""
    y_m: float = 0.0
    """Northing [m]."""
    build: str = ""
    """Way of building, of which milestones speak."""
    kind: str = ""
    """Kind of its zone, of which milestones speak."""

    @property
    def parts(self) -> dict[str, int]:
        """What each pot pays of its price [fen]."""
        if self.matching is None:
            return {self.pot: self.price_fen}
        other, fen = self.matching
        return {self.pot: self.price_fen - fen, other: fen}

    @property
    def labels(self) -> tuple[str, ...]:
        """What it counts as for milestones: technology, the same with way of building, kind, or both."""
        name, build, kind = self.technology, f"/{self.build}", f"@{self.kind}"
        return (name, name + build, name + kind, name + build + kind)


def contract_of(technology: str, kind: str, county: str, month: int) -> str:
    """Return the contract of a project: one covers the villages of a county that are chosen together.

    It is empty for what stands in a city or town, where each project is a contract of its own.
    """
    return f"{technology}:{county}:{month}" if kind == VILLAGE else ""


@dataclass(frozen=True, slots=True)
class Charge:
    """Money asked for connecting new subscribers of one technology in one month."""

    technology: str
    pot: str
    amount_fen: int
    quantity: int
    """Subscribers connected."""
    share: float
    """Share of the subscribers waiting that the money reaches, 0..1."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one month of planning asks of the rollout: charges first, then works."""

    charges: tuple[Charge, ...] = ()
    works: tuple[Work, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the projects funded so far have come."""

    activated: Mapping[str, int]
    """Projects in service, in the order of activation, with the month of it."""
    cancelled: Mapping[str, int]
    """Projects given up, in order, with the month of it; they may not be chosen again."""


class PlanStep(Protocol):
    """The one question of the rollout: given this month and this money, what to do."""

    def __call__(self, month: int, progress: Progress, funds_fen: Mapping[str, int], release: bool) -> Step:
        """Return charges and works that together cost no more than ``funds_fen`` of each pot.

        ``funds_fen`` is what may be committed now, advances on later releases included; ``release``
        says whether new works may be chosen this month.
        """
        ...


@dataclass(frozen=True, eq=False)
class Proposal:
    """What one or all technologies could build."""

    candidates: pd.DataFrame
    assets: pd.DataFrame
    needed: pd.DataFrame
    service: pd.DataFrame

    @classmethod
    def together(cls, parts: Iterable[Proposal]) -> Proposal:
        """Return several proposals of one technology as one; none at all proposes nothing."""
        import pandas as pd

        every = tuple(parts)
        tables = {
            "candidates": CANDIDATES, "assets": ASSETS, "needed": NEEDED, "service": SERVICE,
        }  # fmt: skip
        frames = {}
        for name, table in tables.items():
            rows = [frame for part in every if len(frame := getattr(part, name))]
            frames[name] = pd.concat(rows, ignore_index=True) if rows else table.empty()
        return cls(**frames)

    def without(self, project_ids: Collection[str]) -> Proposal:
        """Return the proposal without these candidates, their service and what only they need."""
        if not len(project_ids):
            return self
        kept = {
            name: frame[~frame["project_id"].isin(project_ids)].reset_index(drop=True)
            for name, frame in (
                ("candidates", self.candidates), ("needed", self.needed), ("service", self.service),
            )
        }  # fmt: skip
        wanted = self.assets["asset_id"].isin(kept["needed"]["asset_id"])
        return Proposal(assets=self.assets[wanted].reset_index(drop=True), **kept)

    @cached_property
    def service_owner(self) -> NDArray[np.int64]:
        """Row of the candidate that each row of service belongs to, -1 where it names none."""
        import pandas as pd

        ids = pd.Index(self.candidates["project_id"])
        owner: NDArray[np.int64] = ids.get_indexer(pd.Index(self.service["project_id"])).astype("int64")
        return owner
