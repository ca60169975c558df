"""What a scenario can say about geography: where layers come from and how homes are placed."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, field_validator

from sim.options import Options
from sim.parameters import Quantity

Share = Annotated[float, Field(ge=0, le=1), Quantity("share")]
Metres = Annotated[float, Field(gt=0), Quantity("m")]
Weight = Annotated[float, Field(ge=0), Quantity("weight")]
Spread = Annotated[float, Field(ge=0, le=3), Quantity("log spread")]


class SyntheticOptions(Options):
    """A made-up region from the seed, for tests, the tutorial and benchmarks."""

    zones: Annotated[int, Field(ge=10, le=300_000)]
    """Number of zones [1]"""
    counties: Annotated[int, Field(ge=1, le=1_000)]
    """Number of counties, cut from a square as a chequer-board [1]"""
    prefectures: Annotated[int, Field(ge=1, le=100)]
    """Number of prefectures among which the counties are shared out [1]"""
    urban_share: Share
    """Share of the zones that are urban [share]"""
    homes_per_zone: Annotated[float, Field(ge=1), Quantity("homes")]
    """Mean homes of a zone in 2020 [homes]"""
    people_per_home: Annotated[float, Field(ge=1), Quantity("persons")]
    """Residents of a home [persons]"""
    zones_per_km2: Annotated[float, Field(gt=0), Quantity("1/km2")]
    """Density of zones, which fixes the size of the region [1/km2]"""
    committees_per_township: Annotated[float, Field(ge=1), Quantity("1")]
    """Committees that share one township seat [1]"""
    elevation_std_m: Annotated[float, Field(ge=0), Quantity("m")]
    """Standard deviation of the height within a county [m]"""


class LandCoverWeights(Options):
    """How willing homes are to stand on each land cover; cropland is the measure."""

    cropland: Weight
    """Cropland [weight]"""
    mosaic: Weight
    """Cropland mixed with natural vegetation [weight]"""
    built: Weight
    """Built-up land [weight]"""
    grassland: Weight
    """Grassland [weight]"""
    savanna: Weight
    """Savanna and woody savanna [weight]"""
    shrubland: Weight
    """Shrubland [weight]"""
    forest: Weight
    """Forest of any kind [weight]"""
    wetland: Weight
    """Wetland [weight]"""
    barren: Weight
    """Barren land [weight]"""
    snow: Weight
    """Snow and ice [weight]"""
    water: Weight
    """Water [weight]"""

    def by_class(self) -> tuple[float, ...]:
        """Return the weight of each IGBP class 0 to 16."""
        return (
            self.water, *(self.forest,) * 5, *(self.shrubland,) * 2, *(self.savanna,) * 2, self.grassland,
            self.wetland, self.cropland, self.built, self.mosaic, self.snow, self.barren,
        )  # fmt: skip


class SettleOptions(Options):
    """The rule that turns county totals into placed zones."""

    homes_per_urban_zone: Annotated[int, Field(ge=1)]
    """Most homes of an urban zone, in either census year; larger committees are split [homes]"""
    fewest_homes: Annotated[int, Field(ge=1)]
    """Homes that a county leaves to each committee, whatever its urban share [homes]"""
    village_spread: Spread
    """Spread of the logarithm of village sizes [log spread]"""
    urban_spread: Spread
    """Spread of the logarithm of the sizes of urban committees [log spread]"""
    grid_m: Metres
    """Coarsest spacing of the candidate grid [m]"""
    candidates_per_committee: Annotated[float, Field(ge=2), Quantity("1")]
    """Candidate cells wanted for each committee; dense counties get a finer grid [1]"""
    land_cover: LandCoverWeights
    """Weights of land covers [weight]"""
    road_scale_m: Metres
    """Distance from a road over which the weight falls by e [m]"""
    town_scale_m: Metres
    """Distance from a town over which the weight falls by e [m]"""
    remote_floor: Share
    """Weight that stays far from every road or town [share]"""
    height_scale_m: Metres
    """Height above the county's mean over which the weight falls by e [m]"""
    roughness_scale_m: Metres
    """Roughness over which the weight falls by e [m]"""
    roughness_of_relief: Share
    """Roughness around a zone as a share of the county's standard deviation of height [share]"""
    roughness_radius_m: Metres
    """Radius within which the roughness is measured where there is a height model [m]"""
    relief_wavelength_m: Metres
    """Main wavelength of the modelled relief where there is no height model [m]"""
    seat_share: Share
    """Share of a county's urban committees in the county seat [share]"""
    urban_homes_per_km2: Annotated[float, Field(gt=0), Quantity("1/km2")]
    """Homes on a square kilometre of built-up land [1/km2]"""
    settlements_per_village: Annotated[int, Field(ge=5)]
    """Fewest settlements of a rural zone [1]"""
    most_settlements: Annotated[int, Field(ge=5)]
    """Most settlements of a rural zone [1]"""
    homes_per_settlement: Annotated[float, Field(gt=0), Quantity("homes")]
    """Homes of a settlement (natural village), from which their number follows [homes]"""
    settlement_spread: Spread
    """Spread of the logarithm of settlement sizes [log spread]"""
    settlement_reach: Share
    """Radius in which settlements lie, as a share of the radius of the zone's land [share]"""
    homes_per_building_point: Annotated[float, Field(gt=0), Quantity("homes")]
    """Homes that one building point of an urban zone stands for [homes]"""
    route_factor: Annotated[float, Field(ge=1), Quantity("ratio")]
    """Length of a fibre route over the straight distance [ratio]"""
    mast_height_m: Metres
    """Antenna height on a mast [m]"""
    rooftop_height_m: Metres
    """Antenna height on a roof [m]"""


class PlaceOptions(Options):
    """How many people share one modelled place of each kind."""

    people_per_school: Annotated[float, Field(gt=0), Quantity("persons")]
    """Residents for each school [persons]"""
    people_per_clinic: Annotated[float, Field(gt=0), Quantity("persons")]
    """Residents for each clinic or village health room [persons]"""
    people_per_hotspot: Annotated[float, Field(gt=0), Quantity("persons")]
    """Urban residents for each public hotspot [persons]"""
    people_per_mall: Annotated[float, Field(gt=0), Quantity("persons")]
    """Urban residents for each shopping mall [persons]"""
    people_per_park: Annotated[float, Field(gt=0), Quantity("persons")]
    """Urban residents for each park [persons]"""
    people_per_enterprise: Annotated[float, Field(gt=0), Quantity("persons")]
    """Urban residents for each enterprise of note [persons]"""
    people_per_scenic: Annotated[float, Field(gt=0), Quantity("persons")]
    """Rural residents for each scenic spot [persons]"""


class RoadOptions(Options):
    """How roads and railways become receivers of radio, and where sites could stand along them."""

    sample_m: Metres
    """Longest stretch of road or railway that one sample stands for [m]"""
    mast_spacing_m: Metres
    """Distance between possible sites by the roadside; none within half of it of a zone's middle [m]"""


class GeodataOptions(Options):
    """Where the layers of the study area come from."""

    bundle: str | None = None
    """Folder of a data bundle: the province's own folder, or the one above; without it the layers
    come from installed data packages"""
    dem: str | None = None
    """GeoTIFF of heights in any coordinate system, for radio; it takes the place of the bundle's"""
    synthetic: SyntheticOptions | None = None
    """The made-up region; only for `province: synthetic`"""
    counties: tuple[str, ...] = ()
    """County codes to keep (six digits); empty keeps the whole province"""
    seed: Annotated[int, Field(ge=0)]
    """Seed of everything that is placed by rule; not the seed of the run"""
    settle: SettleOptions
    """The rule that places homes"""
    places: PlaceOptions
    """The rule that places schools, clinics and the like"""
    roads: RoadOptions
    """Samples and possible sites along roads and railways"""

    @field_validator("counties", mode="before")
    @classmethod
    def _codes(cls, value: Any) -> Any:
        if not isinstance(value, list | tuple):
            return value
        return tuple(
            str(code) if isinstance(code, int) and not isinstance(code, bool) else code for code in value
        )

    @field_validator("counties")
    @classmethod
    def _six_digits(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        bad = [code for code in value if not (len(code) == 6 and code.isascii() and code.isdigit())]
        if bad:
            raise ValueError(f"county codes have six digits, such as 530102; not {', '.join(bad)}")
        return tuple(sorted(set(value)))
