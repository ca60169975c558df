"""Money that cannot be spent with the crews there are, told before anything runs.

Works cost money and crew-days. Of each skill the crews of a prefecture have so many days until the horizon
ends; works that give most money for a day of that skill would use them best. What they could build at
most, taken together over prefectures, is what can be spent on works; the skill that allows least decides.
It is an estimate from above: nobody waits for anybody, no season slows, and works are split at will.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.planning.projects import own_prices
from sim.tables.plan import SKILLS

if TYPE_CHECKING:
    import pandas as pd

    from sim.clock import Horizon
    from sim.tables.plan import Proposal
    from sim.technologies import Technology

Floats = NDArray[np.float64]
_OFFICE = ("survey", "software")
FIELD_SKILLS = tuple(skill for skill in SKILLS if skill not in _OFFICE)
"""Skills of which crews can run short."""
_FEN_PER_MILLION_YUAN = 1e8
_TENTH = 1
"""Places to which days in the field are rounded where works of one kind are told apart."""


class Money(Protocol):
    """What must be known of a budget."""

    def releases(self, horizon: Horizon) -> Mapping[int, Mapping[str, int]]:
        """Return the money released by month index and pot [fen]."""


@dataclass(frozen=True, eq=False)
class Efforts:
    """What candidates cost in money and in days of crews, shape (N,) each."""

    price_fen: Floats
    """Own price and an equal part of what it shares with others [fen]."""
    prefecture: NDArray[np.object_]
    """Prefecture whose crews build it."""
    wait_days: Floats
    """Median working days of papers and delivery before its last crew can be done."""
    crew_days: Mapping[str, Floats]
    """Days of one crew by field skill."""


def efforts_of(
    proposals: Mapping[str, Proposal], technologies: Mapping[str, Technology], zones: pd.DataFrame
) -> Efforts:
    """Return what the candidates of all technologies cost in money and crew-days.

    Parameters
    ----------
    proposals
        What each technology would build, by its name.
    technologies
        Technologies by name, which say what work a candidate takes.
    zones
        Zones with their ``prefecture``.
    """
    names = [name for name in proposals if len(proposals[name].candidates)]
    parts = [_of_technology(proposals[name], technologies[name]) for name in names]
    place = zones["prefecture"].to_numpy(dtype=object)
    rows = [proposals[name].candidates["zone"].to_numpy() for name in names]
    none = np.zeros(0)
    return Efforts(
        price_fen=np.concatenate([part.price_fen for part in parts]) if parts else none,
        prefecture=place[np.concatenate(rows)] if rows else np.zeros(0, dtype=object),
        wait_days=np.concatenate([part.wait_days for part in parts]) if parts else none,
        crew_days={
            skill: np.concatenate([part.crew_days[skill] for part in parts]) if parts else none
            for skill in FIELD_SKILLS
        },
    )


def _of_technology(proposal: Proposal, technology: Technology) -> Efforts:
    """Return the efforts of one technology's candidates; works alike in what decides them are asked once."""
    table = proposal.candidates
    alike = table.assign(
        days=np.round(table["field_days"].to_numpy(dtype=np.float64), _TENTH), digs=table["civil_fen"] > 0
    )
    group = alike.groupby(["build", "days", "digs"], sort=False).ngroup().to_numpy()
    first = np.unique(group, return_index=True)[1]
    wait, days = np.zeros(len(first)), {skill: np.zeros(len(first)) for skill in FIELD_SKILLS}
    for number, row in enumerate(table.iloc[first].to_dict("records")):
        tasks = technology.steps({str(name): value for name, value in row.items()})
        field = [place for place, task in enumerate(tasks) if task.skill in days]
        wait[number] = sum(
            task.days for task in tasks[: field[-1] if field else None] if task.skill not in days
        )
        for place in field:
            days[tasks[place].skill][number] += tasks[place].days
    return Efforts(
        price_fen=_shared_prices(proposal),
        prefecture=np.full(len(table), "", dtype=object),
        wait_days=wait[group],
        crew_days={skill: each[group] for skill, each in days.items()},
    )


def _shared_prices(proposal: Proposal) -> Floats:
    """Return own prices and equal parts of the assets that candidates share, shape (N,) [fen]."""
    import pandas as pd

    price: Floats = own_prices(proposal.candidates).sum(axis=1).astype(np.float64)
    if not len(proposal.needed):
        return price
    assets = pd.Index(proposal.assets["asset_id"])
    asset = assets.get_indexer(pd.Index(proposal.needed["asset_id"]))
    row = pd.Index(proposal.candidates["project_id"]).get_indexer(pd.Index(proposal.needed["project_id"]))
    known = (asset >= 0) & (row >= 0)
    asset, row = asset[known], row[known]
    part = own_prices(proposal.assets).sum(axis=1) / np.maximum(np.bincount(asset, minlength=len(assets)), 1)
    np.add.at(price, row, part[asset])
    return price


def unspendable(
    efforts: Efforts, crews: Mapping[tuple[str, str], int], budget: Money, horizon: Horizon
) -> tuple[str, ...]:
    """Return what to tell a user whose money outruns his crews: nothing, or one sentence with figures.

    ``crews`` are those of each prefecture and skill. For every release, what is released from then on is
    held against what crews could build from then on; the release with the largest rest is told.
    """
    releases = {
        month: sum(pots.values())
        for month, pots in budget.releases(horizon).items()
        if month < horizon.months
    }
    worst: tuple[float, int, float, str] | None = None
    for month in sorted(releases):
        money = float(sum(fen for later, fen in releases.items() if later >= month))
        days = float(horizon.end_day - horizon.first_day(month))
        most, skill = spendable(efforts, crews, days)
        if skill and money > most and (worst is None or money - most > worst[0]):
            worst = (money - most, month, money, skill)
    if worst is None:
        return ()
    rest, month, money, skill = worst
    number = sum(count for (_, own), count in crews.items() if own == skill)
    first, last = horizon.label(month), horizon.label(horizon.months - 1)
    return (
        f"About {_million(rest)} of the {_million(money)} million yuan released from {first} on cannot be "
        f"spent on works by {last} with these crews: the {number:,} {skill} crews can build for "
        f"{_million(money - rest)} million yuan until then. More of them (rollout.crews.{skill}, "
        "rollout.hire) or fewer works at a time would bring money and crews together.",
    )


def spendable(efforts: Efforts, crews: Mapping[tuple[str, str], int], days: float) -> tuple[float, str]:
    """Return what crews can build at most within so many working days [fen], and the skill that limits it.

    The skill is empty where all that could be built is within their reach.
    """
    fits = efforts.wait_days <= days
    price = np.where(fits, efforts.price_fen, 0.0)
    most, limit = float(price.sum()), ""
    for skill in FIELD_SKILLS:
        bound = _bound(price, efforts.prefecture, efforts.crew_days[skill], _of_skill(crews, skill, days))
        if bound < most:
            most, limit = bound, skill
    return most, limit


def _of_skill(crews: Mapping[tuple[str, str], int], skill: str, days: float) -> dict[str, float]:
    return {prefecture: count * days for (prefecture, own), count in crews.items() if own == skill}


def _bound(price: Floats, prefecture: NDArray[np.object_], need: Floats, there: Mapping[str, float]) -> float:
    """Return the price of the works that crew-days of one skill allow at most, prefecture by prefecture."""
    takes = need > 0
    total = float(price[~takes].sum())
    for name in sorted(set(prefecture[takes].tolist())):
        rows = np.flatnonzero(takes & (prefecture == name))
        rows = rows[np.argsort(-price[rows] / need[rows], kind="stable")]
        used = np.cumsum(need[rows])
        have = there.get(name, 0.0)
        done = np.clip((have - (used - need[rows])) / need[rows], 0.0, 1.0)
        total += float((price[rows] * done).sum())
    return total


def _million(fen: float) -> str:
    return f"{fen / _FEN_PER_MILLION_YUAN:,.0f}"
