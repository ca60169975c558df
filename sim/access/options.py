"""What a scenario says of the design of passive optical networks: rules, optics and prices."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from sim.options import Options
from sim.parameters import Quantity

Decibel = Annotated[float, Field(ge=0), Quantity("dB")]
DecibelPerKm = Annotated[float, Field(gt=0), Quantity("dB/km")]
Metres = Annotated[float, Field(gt=0), Quantity("m")]
Km = Annotated[float, Field(gt=0), Quantity("km")]
YuanPerUnit = Annotated[float, Field(ge=0), Quantity("yuan/unit")]
YuanPerMetre = Annotated[float, Field(ge=0), Quantity("yuan/m")]
Share = Annotated[float, Field(ge=0, le=1), Quantity("share")]
Size = Annotated[int, Field(ge=2)]
Split = Annotated[str, Field(pattern=r"^[1-9]\d*(x[1-9]\d*)?$")]


class OpticsClass(Options):
    """A class of optics: the losses that lie between its transmitters and its receivers."""

    budget: Decibel
    """Most loss between line terminal and home [dB]."""
    least_loss: Decibel
    """Least loss: a receiver nearer than this is overloaded without an attenuator [dB]."""
    fibre_loss_up: DecibelPerKm
    """Loss of the fibre at the wavelength towards the exchange (GPON 1310 nm) [dB/km]."""
    fibre_loss_down: DecibelPerKm
    """Loss of the fibre at the wavelength towards the home (GPON 1490 nm) [dB/km]."""
    port_price: YuanPerUnit
    """Port of the optical line terminal with optics of this class [yuan/unit]."""


class OdnOptions(Options):
    """Rules, optics and prices by which the passive optical network of a tile is designed."""

    splits: Annotated[tuple[Split, ...], Field(min_length=1)]
    """Splits that are designed and compared: "4x16" is 1:4 in the cabinet and 1:16 in the access box, "64"
    is 1:64 in the cabinet alone [splits]."""
    ports_per_home: Annotated[float, Field(gt=0, le=1), Quantity("share")]
    """Ports provided for each home passed: not every home takes one [share]."""
    longest_drop: Metres
    """Longest cable between an access box and a home [m]."""
    longest_lead_in: Metres
    """Distance to the nearest street beyond which the cable plant itself is led to a building [m]."""
    homes_of_shared_building: Annotated[int, Field(ge=2)]
    """Homes from which a building has access boxes of its own and a riser [homes]."""
    storey_height: Metres
    """Height of a storey, for risers [m]."""
    spare_fibres: Share
    """Fibres laid beyond those needed, as a share of them [share]."""
    bound_rounds: Annotated[int, Field(ge=0)]
    """Rounds in which the lower bound of the drops' length is raised; 0 leaves it out [rounds]."""

    splitter_loss: dict[Size, Decibel]
    """Loss of a splitter by its outputs [dB]."""
    connector_loss: Decibel
    """Loss of a connector [dB]."""
    connectors: Annotated[float, Field(ge=0), Quantity("1")]
    """Connectors between line terminal and home [1]."""
    splice_loss: Decibel
    """Loss of a splice [dB]."""
    splices: Annotated[float, Field(ge=0), Quantity("1")]
    """Splices between line terminal and home at cabinet, boxes and branches [1]."""
    drum_length: Metres
    """Length of cable on a drum: another splice after each [m]."""
    ageing_margin: Decibel
    """Loss kept in hand for ageing and repairs [dB]."""
    longest_reach: Km
    """Longest fibre that the protocol ranges [km]."""
    differential_reach: Km
    """Most by which the homes of one port may differ in distance [km]."""
    optics: dict[str, OpticsClass]
    """Classes of optics by name [classes]."""
    offered: Annotated[tuple[str, ...], Field(min_length=1)]
    """Classes that may be built; each port gets the cheapest that serves most of its homes [classes]."""

    new_poles: bool
    """Whether poles may be set where the land is not built up [yes or no]."""
    trench_price: YuanPerMetre
    """Trench through soil with reinstatement [yuan/m]."""
    paved_trench_price: YuanPerMetre
    """Trench through pavement with reinstatement, where the land is built up [yuan/m]."""
    duct_price: YuanPerMetre
    """Duct laid into an open trench [yuan/m]."""
    pole_price: YuanPerMetre
    """New line of poles with its strand [yuan/m]."""
    pulling_price: YuanPerMetre
    """Work of pulling one cable through a duct [yuan/m]."""
    lashing_price: YuanPerMetre
    """Work and fittings of hanging one cable on poles [yuan/m]."""
    cable_price: Annotated[dict[Size, YuanPerMetre], Field(min_length=1)]
    """Cable by its fibres [yuan/m]."""
    splice_price: YuanPerUnit
    """Splice with its share of a closure [yuan/unit]."""
    splitter_price: dict[Size, YuanPerUnit]
    """Splitter by its outputs [yuan/unit]."""
    box_price: Annotated[dict[Size, YuanPerUnit], Field(min_length=1)]
    """Access box with fitting, by its ports [yuan/unit]."""
    cabinet_price: Annotated[dict[Size, YuanPerUnit], Field(min_length=1)]
    """Cabinet with fitting, by the fibres that leave it [yuan/unit]."""
    attenuator_price: YuanPerUnit
    """Attenuator where a home is too near for its class of optics [yuan/unit]."""
    riser_price: YuanPerMetre
    """Vertical cable in a building with its work [yuan/m]."""
    floor_box_price: YuanPerUnit
    """Box on a floor of a shared building [yuan/unit]."""
    drop_price: YuanPerUnit
    """Work and fittings of connecting one home, without its cable [yuan/unit]."""
    drop_cable_price: YuanPerMetre
    """Drop cable [yuan/m]."""

    @model_validator(mode="after")
    def _parts_exist(self) -> Self:
        wrong = []
        for split in self.splits:
            stages = stages_of(split)
            wrong += [
                f"splits: {split} needs the {name} of 1:{stage}"
                for stage in stages
                for name in ("splitter_loss", "splitter_price")
                if stage not in getattr(self, name)
            ]
            if len(stages) == 2 and stages[1] not in self.box_price:
                wrong.append(f"splits: {split} needs the box_price of a box of {stages[1]} ports")
        wrong += [f"offered: optics has no {name}" for name in self.offered if name not in self.optics]
        if max(self.box_price) > min(self.cabinet_price):
            wrong.append("cabinet_price: the smallest cabinet must hold the fibres of the largest box")
        if 2 * self.longest_lead_in > self.longest_drop:
            wrong.append(
                "longest_lead_in: at most half of longest_drop, so that every home has a box in reach"
            )
        if wrong:
            raise ValueError("; ".join(wrong))
        return self


def stages_of(split: str) -> tuple[int, ...]:
    """Return the ratios of a split from the exchange outwards: "4x16" is (4, 16)."""
    return tuple(int(stage) for stage in split.split("x"))
