"""What a scenario can say about targets: which count, and the rules by which they are measured."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from sim.options import Options
from sim.parameters import Quantity

Share = Annotated[float, Field(gt=0, le=1), Quantity("share")]
Kilometres = Annotated[float, Field(gt=0), Quantity("km")]
Rate = Annotated[float, Field(gt=0), Quantity("Mbps")]


class TargetOptions(Options):
    """Which targets are judged, and the rules of the indicators that judge them."""

    table: str
    """Table of targets, relative to the scenario's folder"""
    nation: bool
    """Whether the nation's targets are applied to the province too"""
    leave_out: tuple[str, ...]
    """Targets that are not wanted on the scorecard, by identifier"""
    chance_met: Share
    """Share of replications from which a target counts as met [share]"""
    chance_missed: Share
    """Share of replications below which a target counts as missed [share]"""
    broadband_mbps: Rate
    """Rate from which a line counts as broadband [Mbit/s]"""
    city_share: Share
    """Share of a city's urban homes from which it counts as offering a rate [share]"""
    all_fibre_share: Share
    """Share of a city's homes passed by fibre from which it counts as all-fibre [share]"""
    village_radio_share: Share
    """Share of a village's residents from which LTE counts as broadband of the village [share]"""
    village_site_radius: Kilometres
    """Distance between village committee and LTE site within which the village counts as covered [km]"""
    settlement_homes: Annotated[int, Field(ge=1)]
    """Homes from which a settlement must have signal where no site is near the committee [homes]"""
    launch_share: Share
    """Share of a prefecture's urban residents from which LTE counts as launched there [share]"""
    scale_use: Share
    """LTE users per resident of a prefecture from which use counts as at scale [share]"""
    deep_radius: Kilometres
    """Distance from an NB-IoT site within which a key place counts as covered deep indoors [km]"""
    iptv_rate: Rate
    """Rate on offer from which a line carries the television of telecom operators [Mbit/s]"""
    triple_play_share: Share
    """Share of homes of a place to which cable and line must offer both services there [share]"""
    ipv6_terminals: Share
    """Share of gateways and handsets in use in month 0 that know IPv6 [share]"""
    ipv6_new_terminals: Share
    """Share of those bought from then on that know it [share]"""
    ipv6_gateway_life: Annotated[float, Field(gt=0), Quantity("yr")]
    """Life of a home's gateway [yr]"""
    ipv6_handset_life: Annotated[float, Field(gt=0), Quantity("yr")]
    """Life of a handset [yr]"""
    household_rate: Rate
    """Rate that a home should get while active at the busy hour [Mbit/s]"""
    province_weight: Annotated[float, Field(ge=0), Quantity("weight")]
    """Worth to the planner of one home or person that a target of the province asks for [weight]"""
    persons_per_road_km: Annotated[float, Field(ge=0), Quantity("persons/km")]
    """Persons as which a kilometre of road or railway counts where a target asks for it [persons/km]"""
    nation_weight: Annotated[float, Field(ge=0), Quantity("weight")]
    """Worth to the planner of one home or person that a target of the nation asks for [weight]"""

    @model_validator(mode="after")
    def _ordered(self) -> TargetOptions:
        if self.chance_missed >= self.chance_met:
            raise ValueError("chance_missed must lie below chance_met")
        return self
