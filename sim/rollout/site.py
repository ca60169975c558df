"""What the projects of one replication share: pots, crews, calendar, and who stands where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from sim.errors import RolloutError
from sim.rollout.crews import Yard
from sim.rollout.disruptions import Climate
from sim.rollout.log import BOUGHT, FUNDED, MATCHED, Log
from sim.rollout.money import Purse
from sim.rollout.options import RolloutOptions
from sim.rollout.supply import Depot
from sim.rollout.turns import Agenda
from sim.tables.plan import Work

if TYPE_CHECKING:
    import simpy

    from sim.clock import Horizon


class Follower(Protocol):
    """A project that requires another one."""

    given_up: bool
    why: int
    """Cause of the wait that it is in, 0 for none."""

    def go_on(self, now: float) -> None:
        """Go on after the required project has entered service."""

    def give_up(self, now: float, cause: str) -> None:
        """End without service."""


class Site:
    """Everything that the projects of one replication share."""

    def __init__(
        self,
        env: simpy.Environment,
        log: Log,
        purse: Purse,
        yard: Yard,
        rules: tuple[RolloutOptions, Horizon],
    ) -> None:
        options, horizon = rules
        self.env = env
        self.log = log
        self.purse = purse
        self.yard = yard
        self.options = options
        self.end_day = float(horizon.end_day)
        climate = Climate(options, horizon)
        self.calendar, self.curve_at = climate.calendar, climate.curve_at
        self.depot = Depot(options.shortages, horizon) if options.shortages else None
        self.days_per_m = options.travel.days_per_m if options.travel else 0.0
        self.agenda = Agenda(env, horizon)
        self.month = 0
        self.funded: set[str] = set()
        self.bought: set[str] = set()
        self.works: list[Work] = []
        self.activated: dict[str, int] = {}
        self.cancelled: dict[str, int] = {}
        self.followers: dict[str, list[Follower]] = {}
        """Projects by the one that they require."""
        self.crew_causes = (log.codes["crew"], log.codes["no crew"])
        self.codes = log.codes
        self.write = log.write

    def fund(self, work: Work) -> None:
        """Commit the price of a project; ``RolloutError`` where the plan may not have it."""
        name, log, now = work.project_id, self.log, self.env.now
        if name in self.funded:
            raise RolloutError(f"{name}: the plan funds the project a second time")
        if work.requires and work.requires not in self.funded:
            raise RolloutError(f"{name}: the plan funds it before {work.requires}, which it requires")
        if work.requires in self.cancelled:
            raise RolloutError(
                f"{name}: the plan funds it though {work.requires}, which it requires, was given up"
            )
        code = log.codes[name]
        matched = work.matching[1] if work.matching else 0
        if not 0 <= matched <= work.price_fen:
            raise RolloutError(f"{name}: {matched} fen of a price of {work.price_fen} fen cannot be matched")
        self.purse.commit(work.pot, work.price_fen - matched, name)
        self.funded.add(name)
        self.works.append(work)
        pot = log.codes[work.pot]
        log.write((now, FUNDED, code, 0, 0, pot, 0, work.price_fen - matched, 0.0))
        if work.matching:
            self.purse.commit(work.matching[0], matched, name)
            log.write((now, MATCHED, code, 0, 0, log.codes[work.matching[0]], 0, matched, 0.0))
        for asset, _ in work.buys:
            if asset in self.bought:
                raise RolloutError(f"{name}: the plan buys the asset {asset!r} a second time")
            self.bought.add(asset)
            log.write((now, BOUGHT, code, log.codes[asset], 0, pot, 0, 0, 0.0))
