"""The layers of geography: what the stages may know of the land and of the network on it.

Positions are in metres of the area's one projected CRS. A column called ``zone`` holds the row
number of a zone in the zones table; ``location`` likewise of a location.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sim.tables.bands import OPERATORS, RADIO_TECHNOLOGIES
from sim.tables.base import Column, Table

CITY, TOWN, VILLAGE = "city", "town", "village"
ZONE_KINDS = (CITY, TOWN, VILLAGE)
URBAN_KINDS = (CITY, TOWN)
ROAD_KINDS = ("road", "rail")
POINT_KINDS = ("settlement", "building", *ROAD_KINDS)
PLACE_KINDS = (
    "committee", "school", "clinic", "hotspot", "station", "airport", "mall", "park", "scenic",
    "enterprise", "pop",
)  # fmt: skip
"""``pop`` is a fibre point of presence (not population)."""
ROAD_GROUPS: Mapping[str, tuple[str, int]] = MappingProxyType(
    {
        "road": ("road", 4),
        "road 1": ("road", 1),
        "road 1-2": ("road", 2),
        "road 1-3": ("road", 3),
        "rail": ("rail", 4),
    }
)
"""Lengths that a target may speak of: kind and worst class that counts; class 1 is the best."""
SITE_KINDS = ("mast", "rooftop")

ZONES = Table(
    "zones",
    "The planning units: one for each committee of the census, urban ones split.",
    (
        Column("zone_id", "str", "identifier: county code, a dot, a number", unique=True),
        Column("name", "str", "name where a source has one, else the county's name and a number"),
        Column("county", "str", "county code (six digits)"),
        Column("prefecture", "str", "prefecture name in the documents' years"),
        Column("kind", "str", "city, town or village", one_of=ZONE_KINDS),
        Column("homes_2010", "int32", "homes at the census of 2010-11-01", ge=0),
        Column("homes_2020", "int32", "homes at the census of 2020-11-01", ge=0),
        Column("population_2010", "int32", "residents at the census of 2010-11-01", ge=0),
        Column("population_2020", "int32", "residents at the census of 2020-11-01", ge=0),
        Column("area_km2", "float64", "land of the zone", "km2", ge=0),
        Column("elevation_m", "float32", "mean height", "m"),
        Column("roughness_m", "float32", "standard deviation of the height around the zone", "m", ge=0),
        Column("pop_place", "int32", "row of the place (kind pop) that would serve the zone by fibre", ge=-1),
        Column("pop_route_m", "float64", "length of the route to that point of presence", "m", ge=0),
        Column("x_m", "float64", "easting of the committee or centre", "m"),
        Column("y_m", "float64", "northing", "m"),
        Column("modelled", "bool", "whether the position is modelled rather than sourced"),
    ),
    made_by="geo",
)
POINTS = Table(
    "points",
    "Receivers of radio: settlements (natural villages) and building points, which are drops of fibre too, "
    "in the order of their zones; after them samples along roads and railways.",
    (
        Column("zone", "int32", "row of its zone; of a sample the nearest of its county", ge=0),
        Column("kind", "str", "settlement, building, road or rail (a sample)", one_of=POINT_KINDS),
        Column("homes", "int32", "homes of 2020; those of a zone sum to the zone's", ge=0),
        Column("population", "int32", "residents of 2020; those of a zone sum to the zone's", ge=0),
        Column(
            "length_m", "float64", "length of road or railway that a sample stands for, else 0", "m", ge=0
        ),
        Column("road_class", "int32", "class of the road (1 to 4) that a sample lies on, else 0", ge=0, le=4),
        Column("x_m", "float64", "easting", "m"),
        Column("y_m", "float64", "northing", "m"),
    ),
    made_by="geo",
)
PLACES = Table(
    "places",
    "Points that a target names, and the fibre points of presence.",
    (
        Column("place_id", "str", "identifier", unique=True),
        Column("zone", "int32", "row of its zone", ge=0),
        Column("kind", "str", "what it is", one_of=PLACE_KINDS),
        Column("x_m", "float64", "easting", "m"),
        Column("y_m", "float64", "northing", "m"),
        Column("modelled", "bool", "whether it is placed by rule"),
    ),
    made_by="geo",
)
ROADS = Table(
    "roads",
    "Major roads and railways as straight edges of a graph.",
    (
        Column("from_node", "int32", "node at one end", ge=0),
        Column("to_node", "int32", "node at the other end", ge=0),
        Column("kind", "str", "road or rail", one_of=ROAD_KINDS),
        Column("road_class", "int32", "1 to 4; 3 where the source has no class (major roads)", ge=1, le=4),
        Column("tunnel", "bool", "whether the source marks a tunnel"),
        Column("length_m", "float64", "length", "m", ge=0),
        Column("county", "str", "county in which its middle lies"),
        Column("x0_m", "float64", "easting of the first end", "m"),
        Column("y0_m", "float64", "northing of the first end", "m"),
        Column("x1_m", "float64", "easting of the second end", "m"),
        Column("y1_m", "float64", "northing of the second end", "m"),
    ),
    made_by="geo",
)
LOCATIONS = Table(
    "locations",
    "Where radio equipment stands or could stand; one table for all technologies.",
    (
        Column("location_id", "str", "identifier", unique=True),
        Column("zone", "int32", "row of its zone", ge=0),
        Column("kind", "str", "mast or rooftop", one_of=SITE_KINDS),
        Column("standing", "bool", "whether a site stands there in month 0"),
        Column("height_m", "float32", "antenna height", "m", ge=0),
        Column("x_m", "float64", "easting", "m"),
        Column("y_m", "float64", "northing", "m"),
        Column("modelled", "bool", "whether it is inferred rather than read from a table"),
    ),
    made_by="geo",
)
CATV, CATV_DIGITAL = "catv", "catv_digital"
"""Rows of ``STANDING`` that say which homes have cable television, and which of them a digital one."""
RIDES_ON: Mapping[str, str] = MappingProxyType({"cable": CATV})
"""Technologies that serve only homes which plant of month 0 passes already, and that plant."""
STANDING = Table(
    "standing",
    "What stands in month 0, by zone and technology.",
    (
        Column("zone", "int32", "row of the zone", ge=0),
        Column("technology", "str", "technology"),
        Column("homes_share", "float32", "share of homes passed (fixed) or covered (radio)", ge=0, le=1),
        Column("capability_mbps", "float32", "rate that can be ordered", "Mbit/s", ge=0),
        Column("subscribers", "float32", "subscribers", ge=0),
    ),
    made_by="geo",
    key=("zone", "technology"),
)
SECTORS = Table(
    "sectors",
    "The radio network of month 0: a row for each sector of each technology and band at a location.",
    (
        Column("location", "int32", "row of the location", ge=0),
        Column("technology", "str", "radio technology", one_of=RADIO_TECHNOLOGIES),
        Column("band", "str", "3GPP name of the band; empty where a table of your own does not say"),
        Column("operator", "str", "whose carrier it is", one_of=OPERATORS),
        Column("azimuth_deg", "float32", "boresight, clockwise from north", "degree", ge=0, le=360),
        Column(
            "downtilt_deg",
            "float32",
            "boresight below the horizon; empty: the carrier's",
            "degree",
            ge=-20,
            le=90,
            nullable=True,
        ),
        Column("height_m", "float32", "antenna above ground", "m", ge=0),
        Column(
            "power_dbm",
            "float32",
            "power of the carrier in the sector; empty: the carrier's",
            "dBm",
            nullable=True,
        ),
        Column("from_table", "bool", "whether it is read from a table rather than inferred"),
    ),
    made_by="geo",
)
