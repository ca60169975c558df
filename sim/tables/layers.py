"""The layers of geography: what the stages may know of the land and of the network on it.

Positions are in metres of the area's one projected CRS. A column called ``zone`` holds the row
number of a zone in the zones table; ``location`` likewise of a location.
"""

from __future__ import annotations

from sim.tables.base import Column, Table

CITY, TOWN, VILLAGE = "city", "town", "village"
ZONE_KINDS = (CITY, TOWN, VILLAGE)
URBAN_KINDS = (CITY, TOWN)
POINT_KINDS = ("settlement", "building")
PLACE_KINDS = (
    "committee", "school", "clinic", "hotspot", "station", "airport", "mall", "park", "scenic",
    "enterprise", "pop",
)  # fmt: skip
"""``pop`` is a fibre point of presence (not population)."""
ROAD_KINDS = ("road", "rail")
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
    "Settlements (natural villages) and building points: receivers of radio and drops of fibre.",
    (
        Column("zone", "int32", "row of its zone", ge=0),
        Column("kind", "str", "settlement or building", one_of=POINT_KINDS),
        Column("homes", "int32", "homes of 2020; those of a zone sum to the zone's", ge=0),
        Column("population", "int32", "residents of 2020; those of a zone sum to the zone's", ge=0),
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
