"""Several operators in one province: each with its own spectrum, share, sites and pots, and what they share.

Without operators the province is planned as one network. With them every technology is asked once for each
operator that may build it, with that operator's carriers, users and plant; what the operators build together
or open to one another is bought once for all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from sim.options import Options
from sim.parameters import Quantity
from sim.tables.plan import ITEMS, TRANSPORT, Proposal
from sim.technologies.radio import RadioNetwork
from sim.technologies.spectrum import BROADCASTER, OperatorName, has_spectrum

if TYPE_CHECKING:
    import pandas as pd

    from sim.planning.subscribers import Subscribers
    from sim.planning.underway import UnderWay
    from sim.tables.demand import Demand
    from sim.technologies import Technology

Opened = Literal["cable", "duct", "mast", "site"]
ALL_OPENED: tuple[Opened, ...] = ("cable", "duct", "mast", "site")
_KINDS: Mapping[str, Opened] = {"mast": "mast", "route": "cable", "olt room": "site"}
"""What has to be opened for an asset of a kind to be bought once for all operators."""
_WAY, _CIVIL = "route", "civil_fen"


class Operator(Options):
    """One operator: who its users are, what it builds and what of the plant of month 0 is its own."""

    share: Annotated[float, Field(gt=0, le=1), Quantity("share")]
    """Share of users, at homes and on the move, that are its customers [share]."""
    technologies: tuple[str, ...] = ()
    """Technologies that it may build; empty: all in use for which it has spectrum or needs none [names]."""
    fixed_plant: tuple[str, ...] = ()
    """Fixed networks of month 0 that are its own (ftth, dsl, cable) [names]."""


class Operators(Options):
    """The operators of the province, where it is not planned as one network."""

    each: dict[OperatorName, Operator] = Field(default_factory=dict)
    """The operators by name; none: the province is planned as one network [group]."""
    opened: tuple[Opened, ...] = ALL_OPENED
    """What they build together or open to one another and is bought once for all: cable (with the way it
    lies in), duct (the digging alone, each lays a cable of its own), mast, site (equipment rooms, and
    co-location at standing sites of others) [names]."""

    @model_validator(mode="after")
    def _share_the_users(self) -> Operators:
        each = {name: operator.share for name, operator in self.each.items() if name != BROADCASTER}
        total = sum(each.values())
        if total > 1.0 + 1e-9:
            given = ", ".join(f"{name} {share:g}" for name, share in each.items())
            raise ValueError(f"the shares of the operators sum to {total:g}, which is more than 1 ({given})")
        return self


@dataclass(frozen=True, eq=False)
class View:
    """How the plan of one operator among several sees the province; of a province as one, nothing."""

    operator: str = ""
    opened: tuple[Opened, ...] = ALL_OPENED
    subscribers: Subscribers | None = None
    """The account of lines that all operators' homes and pots share."""
    whole: Demand | None = None
    """Demand of all operators together, by which the common transport network is dimensioned."""
    behind: NDArray[np.object_] | None = None
    """Transport project that access in each zone requires, shape (Z,): transport is common to all."""
    others: list[UnderWay] = field(default_factory=list)
    """What the other operators have standing or under way."""

    def demand_for(self, technology: Technology, own: Demand) -> Demand:
        """Return the demand that a technology is asked with."""
        return self.whole if self.whole is not None and technology.name == TRANSPORT else own

    def named(self, proposal: Proposal) -> Proposal:
        """Return a proposal under the operator's own names; as it is where there is one network."""
        return as_own(proposal, self.operator, self.opened) if self.operator else proposal


def may_build(name: str, operator: Operator, technology: Technology) -> bool:
    """Return whether an operator may build a technology: it wants to, and has a carrier where one is needed.

    Transport is common to all: whoever needs it first builds it.
    """
    if technology.name == TRANSPORT:
        return True
    if operator.technologies and technology.name not in operator.technologies:
        return False
    return not isinstance(technology, RadioNetwork) or has_spectrum(name, technology)


def users_of(operator: Operator, demand: Demand) -> Demand:
    """Return demand as one operator meets it: its share of the users everywhere."""
    return replace(
        demand,
        fixed_willing=demand.fixed_willing * operator.share,
        mobile_willing=demand.mobile_willing * operator.share,
    )


def as_own(proposal: Proposal, name: str, opened: tuple[Opened, ...]) -> Proposal:
    """Return an operator's proposal under its own names, so that proposals of several can be joined.

    A project ``lte:site`` becomes ``lte:<operator>/site``; so does what it requires, but for transport, which
    is common. An asset keeps its name where it is opened and is then bought once for all; else it gets
    the operator's. Where ducts are opened and cables are not, the digging of a route is shared and the
    cable is each operator's own.
    """
    candidates = proposal.candidates.assign(
        project_id=_named(proposal.candidates["project_id"], name),
        requires=_named(proposal.candidates["requires"], name),
    )
    service = proposal.service.assign(project_id=_named(proposal.service["project_id"], name))
    needed = proposal.needed.assign(project_id=_named(proposal.needed["project_id"], name))
    kind = proposal.assets["kind"].to_numpy(dtype=object)
    common = np.array([_KINDS.get(one) in opened for one in kind], dtype=bool)
    halved = (kind == _WAY) & ~common & ("duct" in opened)
    return Proposal(candidates, *_assets(proposal.assets, needed, common, halved, name), service)


def _assets(
    assets: pd.DataFrame,
    needed: pd.DataFrame,
    common: NDArray[np.bool_],
    halved: NDArray[np.bool_],
    name: str,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return assets and needs with the names of what is not opened changed, and routes parted in two."""
    import pandas as pd

    if common.all():
        return assets, needed
    own_name = assets["asset_id"].astype(str) + f"/{name}"
    renamed = assets.assign(asset_id=assets["asset_id"].where(common, own_name))
    duct = assets[halved].assign(
        asset_id=assets["asset_id"][halved].astype(str) + "/duct",
        **{f"{item}_fen": np.int64(0) for item in ITEMS if f"{item}_fen" != _CIVIL},
    )
    renamed.loc[halved, _CIVIL] = np.int64(0)
    to_own = dict(zip(assets["asset_id"], renamed["asset_id"], strict=True))
    to_duct = dict(zip(assets["asset_id"][halved], duct["asset_id"], strict=True))
    dug = needed[needed["asset_id"].isin(list(to_duct))]
    every = pd.concat(
        [
            needed.assign(asset_id=needed["asset_id"].map(to_own)),
            dug.assign(asset_id=dug["asset_id"].map(to_duct)),
        ],
        ignore_index=True,
    )
    return pd.concat([renamed, duct], ignore_index=True), every


def _named(ids: pd.Series, name: str) -> pd.Series:
    """Return projects under an operator's name; transport and empty texts stay."""
    text = ids.astype(str)
    own = ~text.str.startswith(f"{TRANSPORT}:") & (text != "")
    return text.where(~own, text.str.replace(":", f":{name}/", n=1, regex=False))
