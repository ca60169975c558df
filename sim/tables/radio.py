"""The tables of what the radio networks of a run give: month by month, and cell by cell at the end."""

from __future__ import annotations

from sim.tables.bands import RADIO_TECHNOLOGIES
from sim.tables.base import Column, Table

OUTDOOR, INDOOR, DEEP, STRONG = "outdoor", "indoor", "deep", "not weak"
"""Where a terminal is (street, room, basement or meter box), or how strong the signal is in the street."""
SITES, CELLS_ON_AIR = "sites", "cells"
POPULATION, AREA, ROADS, PLACES = "population_share", "area_share", "road_share", "place_share"
VILLAGES = "village_share"
EDGE_RATE, MEDIAN_RATE, RATE_SHARE = "edge_rate_mbps", "median_rate_mbps", "rate_population_share"
MEAN_LOAD, OVERLOADED, SINR = "mean_load", "overloaded_share", "median_sinr_db"
COUPLING, COUPLING_PLACES = "coupling_population_share", "coupling_place_share"
REPETITIONS, CONNECTIONS = "mean_repetitions", "connections_per_cell"
BUSY_HOUR, ALONE = "busy hour", "alone"
SITE_RULE, POINT_RULE, MEASURED_RULE = "site rule", "point rule", "centre measured"

RADIO = Table(
    "radio",
    "What each radio network gives, by month: shares covered, rates and loads at the busy hour.",
    (
        Column("month", "int32", "month", "month", ge=0),
        Column("technology", "str", "radio technology", one_of=RADIO_TECHNOLOGIES),
        Column("measure", "str", "what is measured"),
        Column("breakdown", "str", "where, for whom or by which rule"),
        Column("value", "float64", "value"),
        Column("unit", "str", "unit"),
    ),
    made_by="radio",
    key=("month", "technology", "measure", "breakdown"),
)
CELLS = Table(
    "cells",
    "The cells on air in the last month: a row for each sector of each carrier that is mapped.",
    (
        Column("technology", "str", "radio technology", one_of=RADIO_TECHNOLOGIES),
        Column("carrier", "str", "carrier, by its name among the technology's"),
        Column("location", "int32", "row of the location", ge=0),
        Column("sector", "int32", "number of the sector at its site", ge=0),
        Column("azimuth_deg", "float32", "boresight, clockwise from north", "degree", ge=0, le=360),
        Column("on_air_month", "int32", "month from which it radiates; -1: from the start", "month", ge=-1),
        Column("residents", "float64", "residents whose strongest cell it is, covered", "persons", ge=0),
        Column("load", "float32", "share of its time that its traffic takes; above 1 it is overloaded", ge=0),
        Column("capacity_mbps", "float32", "what it carries when all its users share it", "Mbit/s", ge=0),
        Column("user_mbps", "float32", "mean rate of its users at the busy hour", "Mbit/s", ge=0),
        Column(
            "sinr_db", "float32", "mean over its residents at the busy hour; empty without any", "dB",
            nullable=True,
        ),
    ),
    made_by="radio",
    key=("technology", "carrier", "location", "sector"),
)  # fmt: skip
