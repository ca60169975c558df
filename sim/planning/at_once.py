"""The whole horizon as one question: all its money at once, and everything that may be built in it."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from sim.planning.base import Choice, Question
from sim.planning.commitments import fixed_at
from sim.planning.pots import Budget
from sim.planning.projects import join
from sim.planning.rolling import RollingPlan, Setting
from sim.tables.plan import SITE_BUILDS, Progress, Proposal

if TYPE_CHECKING:
    from sim.clock import Horizon
    from sim.planning.base import Planner
    from sim.technologies import Technology


@dataclass(frozen=True, eq=False)
class Offered:
    """Everything that could be built in a horizon, and from when."""

    plan: RollingPlan
    """What asked the technologies; it knows every proposal."""
    proposal: Proposal
    earliest: dict[str, int]
    """First month in which each project may be funded; left out where that is the start."""
    never: Mapping[str, str]
    """Projects that may not be funded in any month, with the reason."""
    technologies: Mapping[str, Technology]
    """The technologies as the scenario has them."""

    @cached_property
    def units(self) -> dict[str, int]:
        """Units of each candidate, by project."""
        candidates = self.proposal.candidates
        return dict(zip(candidates["project_id"], candidates["quantity"].tolist(), strict=True))


@dataclass(frozen=True, eq=False)
class Whole(Offered):
    """The one question of a horizon and what the answer is built with."""

    question: Question
    """Candidates of every technology licensed within the horizon, none of them too early."""


class _AllAtOnce(Budget):
    """A budget whose money of the whole horizon is released on the first day."""

    def releases(self, horizon: Horizon) -> dict[int, dict[str, int]]:
        """Return the sum of all releases in month 0 [fen]."""
        return {0: totals(super().releases(horizon))}


class _Listening:
    """A planner that keeps the question; the hosts of the first one are chosen as it was told."""

    def __init__(self, planner: Planner, riders: frozenset[str]) -> None:
        self.planner, self.riders = planner, riders
        self.questions: list[Question] = []

    def choose(self, question: Question) -> Choice:
        """Return the hosts worth their money at the first call, nothing later."""
        # what the plan knows of its surroundings goes on changing as hosts are taken
        question = replace(
            question,
            proposal=_open_at_once(question.proposal),
            situation=deepcopy(question.situation),
        )
        self.questions.append(question)
        if len(self.questions) > 1:
            return Choice(decisions=_none(), chosen=())
        candidates = question.proposal.candidates
        rides = candidates["technology"].isin(self.riders).to_numpy()
        barred = frozenset(candidates["project_id"][rides])
        return self.planner.choose(replace(question, taken=question.taken | barred))


def ask_at_once(setting: Setting) -> Whole:
    """Return the whole horizon as one question, asked on its first day.

    Technologies that ride on others are asked again with the hosts that all the money would build, and a
    rider at such a site requires it. Licences do not bar a candidate here; they hold back its funding.
    """
    first = setting.horizon.first
    riders = frozenset(name for name, one in setting.technologies.items() if one.reacts_to)
    listening = _Listening(setting.planner, riders)
    plan = RollingPlan(
        replace(
            setting,
            technologies={
                name: one.model_copy(update={"available_from": first})
                for name, one in setting.technologies.items()
            },
            planner=cast("Planner", listening),
            budget=_AllAtOnce.model_construct(**dict(setting.budget)),
        )
    )
    funds = totals(setting.budget.releases(setting.horizon))
    for _ in range(2 if riders else 1):
        plan(0, Progress({}, {}), dict(funds), release=True)
    proposal = join([_versions(plan, name) for name in plan.asked])
    earliest, never = _earliest(proposal, setting, plan)
    last = fixed_at(setting.commitments, proposal, plan.places, setting.horizon.months - 1, setting.horizon)
    question = replace(
        listening.questions[0],
        proposal=_open_at_once(proposal),
        funds_fen=funds,
        forced=last.forced,
        shut=never,
    )
    return Whole(plan, proposal, earliest, never, setting.technologies, question)


def offered_by(plan: RollingPlan) -> Offered:
    """Return everything that a plan which has run was ever offered, each project in its latest form."""
    proposal = join([_latest(versions) for versions in plan.asked.values()])
    earliest, never = _earliest(proposal, plan.setting, plan)
    return Offered(plan, proposal, earliest, never, plan.setting.technologies)


def _latest(versions: list[Proposal]) -> Proposal:
    """Return several proposals of one technology as one, the later form of a project before the earlier."""
    known, parts = set[str](), []
    for version in reversed(versions):
        parts.append(version.without([name for name in version.candidates["project_id"] if name in known]))
        known.update(version.candidates["project_id"])
    return join_versions(parts)


def totals(releases: Mapping[int, Mapping[str, int]]) -> dict[str, int]:
    """Return the sum of all releases by pot [fen]."""
    total: dict[str, int] = {}
    for amounts in releases.values():
        for name, fen in amounts.items():
            total[name] = total.get(name, 0) + fen
    return total


def _none() -> Any:
    from sim.tables.decisions import DECISIONS

    return DECISIONS.empty()


def _open_at_once(proposal: Proposal) -> Proposal:
    """Return a proposal none of whose candidates has to wait."""
    return replace(proposal, candidates=proposal.candidates.assign(available_month=np.int32(0)))


def _versions(plan: RollingPlan, name: str) -> Proposal:
    """Return what a technology proposed with the hosts, and what it would have proposed without them."""
    versions = plan.asked[name]
    if len(versions) == 1:
        return versions[0]
    last = _hosted(versions[-1], plan)
    known = frozenset(last.candidates["project_id"])
    before = [part for part in versions[:-1] if len(part.candidates)]
    older = [part.without([one for one in part.candidates["project_id"] if one in known]) for part in before]
    return join_versions([last, *older[:1]])


def join_versions(parts: list[Proposal]) -> Proposal:
    """Return proposals of one technology as one; an asset is priced as in the first that names it."""
    whole = Proposal.together(parts)
    return replace(whole, assets=whole.assets.drop_duplicates("asset_id", ignore_index=True))


def _hosted(proposal: Proposal, plan: RollingPlan) -> Proposal:
    """Return a rider's proposal in which each candidate at a site that is yet to be built requires it."""
    hosts = _hosts(plan)
    candidates, requires = proposal.candidates, proposal.candidates["requires"].to_numpy(dtype=object)
    technology = candidates["technology"].to_numpy(dtype=object)
    place = _places(proposal, plan)
    found = [
        needed or next((hosts[key] for host in plan.setting.technologies[name].reacts_to
                        if (key := (host, int(where))) in hosts), "")
        for needed, name, where in zip(requires, technology, place, strict=True)
    ]  # fmt: skip
    return replace(proposal, candidates=candidates.assign(requires=np.array(found, dtype=object)))


def _hosts(plan: RollingPlan) -> dict[tuple[str, int], str]:
    """Return the sites chosen as hosts: the project by technology and location."""
    hosts: dict[tuple[str, int], str] = {}
    for name, versions in plan.asked.items():
        candidates = versions[0].candidates
        chosen = candidates["project_id"].isin(plan.works) & candidates["build"].isin(SITE_BUILDS)
        for project_id, where in candidates.loc[chosen, ["project_id", "location"]].to_numpy().tolist():
            hosts.setdefault((name, int(where)), str(project_id))
    return hosts


def _places(proposal: Proposal, plan: RollingPlan) -> NDArray[np.int64]:
    """Return the location of each candidate: its own, or that of the shared carrier it needs, else -1."""
    import pandas as pd

    candidates = proposal.candidates
    place: NDArray[np.int64] = candidates["location"].to_numpy().astype(np.int64)
    names = pd.Index(plan.setting.area.locations["location_id"].astype(str))
    asset = [str(name).partition(":")[2] for name in proposal.needed["asset_id"]]
    where = names.get_indexer(pd.Index(asset, dtype=object))
    owner = pd.Index(candidates["project_id"]).get_indexer(pd.Index(proposal.needed["project_id"]))
    known = (where >= 0) & (owner >= 0)
    at = owner[known]
    place[at] = np.where(place[at] < 0, where[known], place[at])
    return place


def _earliest(
    proposal: Proposal, setting: Setting, plan: RollingPlan
) -> tuple[dict[str, int], dict[str, str]]:
    """Return the first month in which each project may be funded, and those that never may, with the reason.

    Projects that may be funded from the start are left out.
    """
    horizon, candidates = setting.horizon, proposal.candidates
    licence = candidates["technology"].map(
        {name: max(horizon.index(one.available_from), 0) for name, one in setting.technologies.items()}
    )
    month = np.maximum(candidates["available_month"].to_numpy(), licence.to_numpy(dtype=np.int64))
    ids = candidates["project_id"].to_numpy(dtype=object)
    earliest = {str(ids[row]): int(month[row]) for row in np.flatnonzero(month > 0).tolist()}
    if not (setting.commitments.commitments or setting.commitments.moratoria):
        return earliest, {}
    shut = [
        fixed_at(setting.commitments, proposal, plan.places, at, horizon).shut for at in range(horizon.months)
    ]
    never: dict[str, str] = {}
    for name in sorted({name for names in shut for name in names}):
        begin = earliest.get(name, 0)
        opened = (at for at in range(begin, horizon.months) if name not in shut[at])
        earliest[name] = next(opened, horizon.months)
        if earliest[name] == horizon.months:
            never[name] = shut[-1].get(name, shut[0].get(name, ""))
    return earliest, never
