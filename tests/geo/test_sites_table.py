"""The user's own sites: three forms, what is said of them, and every mistake at once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.errors import DataError
from sim.geo.network import own_network
from sim.geo.sites_table import COLUMNS, read_sites
from sim.geo.standing import infer_standing
from sim.tables.bands import BANDS, band_at, nearest_band
from sim.tables.layers import SECTORS
from tests.geo.test_network import degrees
from tests.world import world

PLAIN = "latitude,longitude,technology,height_m,azimuths,bands,operator\n"
CLOUDRF = "Site,Lat,Lon,Alt,Frq,Txw,Azi,Tlt,Network\n"
CELLS = "radio,mcc,net,area,cell,unit,lon,lat,range,samples,changeable,created,updated,averageSignal\n"


@pytest.fixture
def area():
    return world().area


@pytest.fixture
def table(tmp_path):
    def write(text):
        path = tmp_path / "sites.csv"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def stand(area, path):
    options = world().loaded.scenario.standing.model_copy(update={"sites": path})
    return own_network(area, options, infer_standing(area, options))


def problems(area, path):
    with pytest.raises(DataError) as caught:
        stand(area, path)
    assert all(problem.file == path for problem in caught.value.problems)
    return {(problem.line, problem.key): problem.message for problem in caught.value.problems}


def test_directions_and_bands_make_a_row_each(table):
    path = table(PLAIN + "25,102,4G,35,0/120;240,B39 b41,CMCC\n25,102,gsm,40,,,\n")
    own = read_sites(path)
    assert list(own.rows.columns) == list(COLUMNS)
    lte = own.rows[own.rows["technology"] == "lte"]
    assert sorted(zip(lte["azimuth_deg"], lte["band"], strict=True)) == [
        (0.0, "B39"), (0.0, "B41"), (120.0, "B39"), (120.0, "B41"), (240.0, "B39"), (240.0, "B41"),
    ]  # fmt: skip
    assert set(lte["operator"]) == {"china_mobile"}
    (gsm,) = own.rows[own.rows["technology"] == "gsm"].to_dict("records")
    assert (gsm["band"], gsm["operator"], gsm["line"]) == ("", "shared", 3)
    assert np.isnan(gsm["azimuth_deg"])
    assert not own.findings.problems
    assert "is read as a plain table: latitude, longitude, technology" in own.findings.notices[0]


def test_a_row_a_sector_is_one_site(area, table):
    ((lat, lon),) = degrees(area, 0)
    path = table(PLAIN + "".join(f"{lat},{lon},lte,30,{azimuth},B39,cmcc\n" for azimuth in (10, 130, 250)))
    wider, found = stand(area, path)
    assert len(wider.locations) == len(area.locations) + 1
    mine = found.sectors[found.sectors["from_table"]]
    assert mine["azimuth_deg"].tolist() == [10, 130, 250]
    assert set(mine["location"]) == {len(area.locations)}
    assert found.site_locations["lte"].tolist() == [len(area.locations)]
    assert "lte" not in found.modelled
    assert set(found.sectors[~found.sectors["from_table"]]["technology"]) == {"gsm", "umts"}
    SECTORS.check(found.sectors)


def test_whole_turns_are_taken_off_and_said(area, table):
    ((lat, lon),) = degrees(area, 0)
    path = table(PLAIN + f"{lat},{lon},lte,30,720/-90/480,B39,cmcc\n")
    _, found = stand(area, path)
    assert sorted(found.sectors[found.sectors["from_table"]]["azimuth_deg"]) == [0, 120, 270]
    assert "1 row(s), first on line 2, have directions outside 0 to 360 degrees" in found.notices[path]


def test_a_row_without_directions_has_sectors_evenly_spread(area, table):
    ((lat, lon),) = degrees(area, 0)
    path = table(PLAIN + f"{lat},{lon},lte,30,,,\n")
    _, found = stand(area, path)
    azimuth = np.sort(found.sectors[found.sectors["from_table"]]["azimuth_deg"])
    assert np.diff(azimuth).tolist() == [120, 120]
    assert "1 row(s) say no direction: 3 sectors stand evenly spread" in found.notices[path]
    again = stand(area, path)[1]
    assert again.sectors.equals(found.sectors)


def test_inputs_of_cloudrf_are_understood(area, table):
    ((lat, lon),) = degrees(area, 0)
    path = table(CLOUDRF + f"Hill,{lat},{lon},45,1890,20,30,4,mine\nHill,{lat},{lon},45,3450,40,150,,mine\n")
    _, found = stand(area, path)
    mine = found.sectors[found.sectors["from_table"]].set_index("technology")
    assert mine["band"].to_dict() == {"lte": "B39", "nr": "n78"}
    assert mine["height_m"].tolist() == [45, 45]
    assert mine["power_dbm"].to_dict() == pytest.approx({"lte": 43.0103, "nr": 46.0206}, abs=1e-3)
    assert mine["downtilt_deg"]["lte"] == 4
    assert np.isnan(mine["downtilt_deg"]["nr"])
    said = found.notices[path]
    assert "is read as inputs of CloudRF" in said
    assert "frq as frequency" in said
    assert "not read: network" in said
    assert "No column names the technology" in said


def cell(area, radio, net, number, zone, *, shift=0.0, samples=1, mcc=460):
    ((lat, lon),) = degrees(area, zone)
    return f"{radio},{mcc},{net},1,{number},,{lon + shift},{lat},1000,{samples},1,0,0,\n"


def test_cells_of_one_base_station_are_one_site_at_their_weighted_mean(area, table):
    station = 1000 << 8
    path = table(
        CELLS
        + cell(area, "LTE", 0, station + 1, 0)
        + cell(area, "LTE", 0, station + 2, 0, shift=0.004, samples=3)
        + cell(area, "LTE", 11, station + 1, 0)
        + cell(area, "GSM", 1, 20011, 5)
        + cell(area, "GSM", 1, 20012, 5)
        + cell(area, "LTE", 0, 999, 0, mcc=262)
        + cell(area, "WIMAX", 0, 999, 0)
        + cell(area, "LTE", 20, 999, 0)
    )
    wider, found = stand(area, path)
    mine = found.sectors[found.sectors["from_table"]]
    assert set(zip(mine["technology"], mine["operator"], strict=True)) == {
        ("lte", "china_mobile"), ("lte", "china_telecom"), ("gsm", "china_unicom"),
    }  # fmt: skip
    assert len(mine) == 9, "three sites of three sectors"
    rows = read_sites(path).rows
    ((_, lon),) = degrees(area, 0)
    mobile = rows[rows["operator"] == "china_mobile"]
    assert mobile["longitude"].tolist() == pytest.approx([lon + 0.003], abs=1e-6)
    usual = area.locations.drop_duplicates("zone").set_index("zone")["height_m"]
    own = wider.locations[~wider.locations["modelled"]]
    assert own["height_m"].tolist() == usual.reindex(own["zone"]).tolist()
    said = found.notices[path]
    assert "5 cells are 3 sites" in said
    for left_out in (
        "a country other than 460",
        "a technology not known here",
        "a network code not known here",
    ):
        assert f"1 cell(s) of {left_out} are left out" in said


def test_cells_outside_the_area_are_left_out_and_said(area, table):
    path = table(CELLS + cell(area, "LTE", 0, 1 << 8, 0) + cell(area, "LTE", 0, 2 << 8, 0, shift=10))
    wider, found = stand(area, path)
    assert len(wider.locations) == len(area.locations) + 1
    assert "1 site(s) outside the area are left out" in found.notices[path]
    nowhere = table(CELLS + cell(area, "LTE", 0, 2 << 8, 0, shift=10))
    assert "lies far outside the area" in problems(area, nowhere)[2, "latitude"]


def test_every_mistake_is_reported_at_once_with_its_cure(area, table):
    ((lat, lon),) = degrees(area, 0)
    path = table(
        "latitude,longitude,technology,height_m,azimuth,band,frequency,operator,tilt,power_dbm\n"
        + f"{lon},{lat},lte,30,0,,1890,,,\n"
        + f"{lat},{lon},lte,0,0,,1890,,,\n"
        + f"{lat},{lon},lte,30,north,,1890,,,\n"
        + f"{lat},{lon},lte,30,0,,1500,,,\n"
        + f"{lat},{lon},lte,30,0,n78,,,,\n"
        + f"{lat},{lon},6g,30,0,,,,,\n"
        + f"{lat},{lon},lte,30,0,,,vodafone,,\n"
        + f"{lat},{lon},lte,30,0,,,,95,\n"
        + f"{lat},{lon},lte,30,0,,,,,200\n"
        + f"{lat + 20},{lon},lte,30,0,,,,,\n"
        + f"{lat},nan,lte,-3,0,,-5,,,\n"
    )
    found = problems(area, path)
    assert "is it exchanged with the longitude?" in found[2, "latitude"]
    assert found[3, "height_m"] == "'0' must be metres above ground, over 0"
    assert "such as 0/120/240" in found[4, "azimuths"]
    assert found[5, "frequency"] == ("'1500' MHz is in no band of lte; the nearest is B3, 1805 to 1880 MHz")
    assert "'n78' is no band of lte; it uses B1, B3" in found[6, "band"]
    assert "'6g' is unknown; known are gsm" in found[7, "technology"]
    assert "'vodafone' is unknown" in found[8, "operator"]
    assert "below the horizon" in found[9, "tilt"]
    assert "0 to 80" in found[10, "power_dbm"]
    assert "lies far outside the area" in found[11, "latitude"]
    assert {(12, "longitude"), (12, "height_m"), (12, "frequency")} <= set(found)


def test_exchanged_coordinates_are_recognised_where_both_are_valid_degrees(area, table):
    west = replace(area, crs=area.crs.replace("+lon_0=102", "+lon_0=80"))
    ((lat, lon),) = degrees(west, 0)
    found = problems(west, table(PLAIN + f"{lon},{lat},lte,30,0,B39,cmcc\n{lat},{lat},lte,30,0,B39,cmcc\n"))
    assert "only with latitude and longitude exchanged" in found[2, "latitude"]
    assert "lies far outside the area" in found[3, "latitude"]


def test_a_sector_that_stands_twice_is_refused(area, table):
    ((lat, lon),) = degrees(area, 0)
    path = table(PLAIN + f"{lat},{lon},lte,30,0,B39,cmcc\n{lat},{lon},lte,30,360,B39,cmcc\n")
    assert "stands twice" in problems(area, path)[3, "technology"]


def test_many_mistakes_of_a_kind_are_counted(area, table):
    ((lat, lon),) = degrees(area, 0)
    path = table(PLAIN + f"{lat},{lon},lte,0,0,B39,cmcc\n" * 50)
    with pytest.raises(DataError) as caught:
        stand(area, path)
    heights = [problem for problem in caught.value.problems if problem.key == "height_m"]
    assert len(heights) == 21
    assert heights[-1].message == "and 30 more lines like these"


def test_tables_without_rows_or_columns_are_refused(table):
    with pytest.raises(DataError, match="holds no site"):
        read_sites(table(PLAIN))
    with pytest.raises(DataError, match=r"lacks the column\(s\) longitude .* technology"):
        read_sites(table("lat,height_m\n25,30\n"))
    with pytest.raises(DataError, match="holds no cell of country 460"):
        read_sites(table(CELLS + "LTE,262,1,1,256,,11,48,1,1,1,0,0,\n"))


def test_the_order_of_rows_changes_no_sector(area, table):
    spots = degrees(area, 0, 7, 20)
    rows = [f"{lat},{lon},lte,30,,B39,cmcc\n" for lat, lon in spots]

    def sectors(lines):
        wider, found = stand(area, table(PLAIN + "".join(lines)))
        mine = found.sectors[found.sectors["from_table"]]
        places = wider.locations[["x_m", "y_m"]].to_numpy()[mine["location"]].tolist()
        return sorted((*place, azimuth) for place, azimuth in zip(places, mine["azimuth_deg"], strict=True))

    assert sectors(rows) == sectors(rows[::-1])


def test_bands_are_those_published():
    """Edges of TS 36.101, table 5.5-1, and TS 38.101-1, table 5.2-1."""
    assert BANDS["B39"].downlink_mhz == (1880.0, 1920.0)
    assert BANDS["B41"].tdd
    assert BANDS["n28"].downlink_mhz == (758.0, 803.0)
    assert not BANDS["B5"].tdd
    assert band_at("lte", 1765.0) == "B3", "an uplink names its band"
    assert band_at("lte", 1500.0) == ""
    assert band_at("nr", 2565.0) == "n41"
    assert nearest_band("nr", 3000.0) == "n78"
