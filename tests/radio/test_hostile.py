"""Bad input to the radio engine: each gives an error that names it, or a stated rule, never a traceback."""

from __future__ import annotations

import warnings
from dataclasses import replace

import click.testing
import numpy as np
import pytest
import rasterio
from pydantic import ValidationError
from rasterio import Affine

from sim.cli import rollout
from sim.errors import DataError, ScenarioError, ValidityWarning
from sim.geo.area import read_area
from sim.geo.dem import fill_gaps
from sim.geo.grid import Grid
from sim.geo.layers import Projection, projected_crs
from sim.radio.antenna import SectorPattern
from sim.radio.coverage import Points, coverage
from sim.radio.link import shadow_margin_db
from sim.radio.pathloss import PATH_LOSS_MODELS, OkumuraHata
from sim.radio.selection import choose_model
from sim.radio.sweep import Link
from sim.radio.terrain import delta_bullington_db
from sim.radio.terrain_cache import terrain_windows
from sim.radio.windows import exact_windows, sweep_windows
from sim.report.document import write_report
from sim.store import save_run
from tests.conftest import ROOT
from tests.geo.checks import SYNTHETIC, options_with
from tests.radio.ground import hills, sites_at
from tests.radio.small_network import network
from tests.world import load, simulate

GRID = Grid(0.0, 20_000.0, 200.0, 100, 100)
LINK = Link(900.0, 1.5)


def paint(**changes):
    """Paint five sites, some columns replaced by what a function makes of them."""
    sites = network(5)
    return coverage(
        GRID, replace(sites, **{name: make(getattr(sites, name)) for name, make in changes.items()})
    )


# ---- tables of sites and rasters


@pytest.mark.parametrize(
    ("column", "make", "message"),
    [
        ("height_m", lambda values: values * 0.0, r"height_m\[0\]: must be above 0 m"),
        ("height_m", lambda values: values * 1e9, "at most 50000"),
        ("x_m", lambda values: values * np.nan, "is no position"),
        ("radius_m", lambda values: values * np.inf, "no infinity"),
        ("eirp_dbm", lambda values: values + 1e3, "is no power within 200 dBm"),
        ("downtilt_deg", lambda values: values + 180.0, "no angle of -90 to 90 degrees"),
        ("terminal_height_m", lambda _: 0.0, "terminal_height_m"),
        ("terminal_height_m", lambda _: np.nan, "terminal_height_m"),
    ],
)
def test_a_wrong_figure_of_a_site_is_named(column, make, message):
    with pytest.raises(DataError, match=message):
        paint(**{column: make})


def test_whole_turns_of_azimuth_are_taken_off():
    plain, turned = paint(), paint(azimuth_deg=lambda values: values + 720.0)
    np.testing.assert_allclose(turned.best_dbm, plain.best_dbm, atol=1e-3)
    assert (turned.server == plain.server).all()


def test_sites_beyond_the_raster_and_no_points_are_nothing():
    assert (paint(x_m=lambda values: values + 1e30).server == -1).all()
    nobody = coverage(Points(np.zeros(0), np.zeros(0)), network(5))
    assert nobody.best_dbm.shape == (0,)


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        (Grid(0.0, 0.0, 0.0, 10, 10), "a pixel above 0 m"),
        (Grid(np.nan, 0.0, 10.0, 10, 10), "edges that are numbers"),
        (Grid(0.0, 0.0, 10.0, 0, 10), "needs rows"),
        (Grid(0.0, 20_000.0, 0.001, 20_000_000, 20_000_000), "400,000,000,000,000 pixels"),
    ],
)
def test_a_raster_that_cannot_be_painted_is_named(grid, message):
    with pytest.raises(DataError, match=message):
        coverage(grid, network(5))


@pytest.mark.parametrize(("bounds", "pixel_m"), [((0, 0, 1, 1), 0.0), ((0, 0, np.nan, 1), 10.0)])
def test_no_raster_is_laid_around_nothing(bounds, pixel_m):
    with pytest.raises(DataError, match="pixel_m"):
        Grid.around(bounds, pixel_m)


def test_a_raster_of_the_area_that_would_not_fit_is_named_with_a_cure():
    area, _ = read_area("synthetic", options_with(synthetic=SYNTHETIC))
    with pytest.raises(DataError, match=r"terrain_pixel: 0.01 m makes .* take \d+ m or more"):
        area.grid(0.01)


# ---- models


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((5e5, "open", 30.0), "outside every model"),
        ((np.nan, "open", 30.0), "frequency_mhz: is nan"),
        ((900.0, "forest", 30.0), "not one of urban, suburban, open"),
        ((900.0, "open", 0.0), "base_height_m: is 0"),
        ((900.0, "open", np.inf), "base_height_m: is inf"),
    ],
)
def test_a_site_that_no_model_serves_is_named(words, message):
    with pytest.raises(DataError, match=message):
        choose_model(*words)


def test_all_that_is_wrong_with_a_choice_is_said_at_once():
    with pytest.raises(DataError) as caught:
        choose_model(-1.0, "forest", 0.0, reach_m=np.nan)
    assert [problem.key for problem in caught.value.problems] == [
        "frequency_mhz", "base_height_m", "reach_m", "environment",
    ]  # fmt: skip


@pytest.mark.parametrize("name", PATH_LOSS_MODELS)
def test_models_refuse_no_frequency_and_warn_outside_their_own(name):
    model = PATH_LOSS_MODELS[name]
    height = {"base_height_m": 30.0} if "base_height_m" in model.model_fields else {}
    with pytest.raises(ValidationError, match="frequency_mhz"):
        model(frequency_mhz=0.0, **height)
    with pytest.warns(ValidityWarning, match="lies outside"):
        assert np.isfinite(model(frequency_mhz=1e7, **height).loss_db(2000.0))


def test_one_map_warns_once_with_the_share_outside():
    model = OkumuraHata(frequency_mhz=900.0, base_height_m=30.0)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.loss_db(np.linspace(100.0, 30_000.0, 500))
    assert len(caught) == 1
    assert "% of distances" in str(caught[0].message)


@pytest.mark.parametrize("probability", [0.0, 1.0, 2.0, np.nan])
def test_no_margin_holds_always_or_never(probability):
    with pytest.raises(DataError, match="edge_probability"):
        shadow_margin_db(8.0, probability)


# ---- antennas


@pytest.mark.parametrize("width", [-65.0, 0.0, 361.0])
def test_a_beam_without_a_width_is_refused(width):
    with pytest.raises(ValidationError, match="beamwidth_deg"):
        SectorPattern(
            beamwidth_deg=width,
            front_to_back_db=25,
            vertical_beamwidth_deg=10,
            vertical_floor_db=20,
            gain_dbi=17,
        )


def test_everything_broken_in_a_planning_file_is_said_with_its_line(tmp_path):
    path = tmp_path / "broken.msi"
    path.write_text("NAME X\nGAIN loud dBi\nHORIZONTAL 3\n0 0\n120 -5\nnorth 3\n")
    with pytest.raises(DataError) as caught:
        SectorPattern.from_msi(path)
    text = str(caught.value)
    assert {problem.line for problem in caught.value.problems} >= {2, 5, 6}
    assert "VERTICAL: is missing" in text


def test_a_file_of_bytes_is_no_planning_file(tmp_path):
    path = tmp_path / "bytes.msi"
    path.write_bytes(bytes(range(256)))
    with pytest.raises(DataError, match="UTF-8"):
        SectorPattern.from_msi(path)


# ---- terrain


@pytest.mark.parametrize("windows", [sweep_windows, exact_windows, terrain_windows])
def test_a_site_off_the_height_model_is_named(windows):
    dem = hills(60)
    with pytest.raises(DataError, match=r"site 1: at 1e\+06, 0 m lies outside the height model.*geodata.dem"):
        windows(dem, dem.grid, sites_at((0.0, 0.0), (1e6, 0.0)), LINK)


@pytest.mark.parametrize("mode", ["full", "excess"])
def test_an_antenna_at_the_ankle_is_swept_without_a_murmur(mode):
    dem = hills(60)
    windows = sweep_windows(dem, dem.grid, sites_at((0.0, 0.0), height_m=0.1), Link(900.0, 1.5, mode=mode))
    assert windows.values.max() > 40


def test_all_wrong_figures_of_a_sweep_at_once():
    dem = hills(60)
    with pytest.raises(DataError) as caught:
        sweep_windows(dem, dem.grid, sites_at((1e6, 0.0), height_m=0.0, radius_m=0.0), Link(0.0, 1.5))
    keys = [problem.key for problem in caught.value.problems]
    assert keys == ["frequency_mhz", "base_height_m", "radius_m", "site 0"]


@pytest.mark.parametrize("windows", [sweep_windows, exact_windows])
def test_windows_that_would_not_fit_into_memory_are_named(windows):
    dem = hills(60)
    fine = Grid(-2700.0, 2700.0, 0.05, 108_000, 108_000)
    with pytest.raises(DataError, match=r"terrain_pixel: 0.05 m makes windows of"):
        windows(dem, fine, sites_at((0.0, 0.0)), LINK)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"height": np.nan}, "fill gaps"), ({"base_height_m": 0.0}, "base_height_m: must be above 0"),
        ({"terminal_height_m": -1.0}, "terminal_height_m"), ({"frequency_mhz": 0.0}, "frequency_mhz"),
        ({"effective_earth_radius_m": -1.0}, "effective_earth_radius_m"), ({"turn": -1}, "must ascend"),
    ],
)  # fmt: skip
def test_a_profile_that_no_formula_holds_for_is_named(changes, message):
    words = {"base_height_m": 30.0, "terminal_height_m": 1.5, "frequency_mhz": 900.0} | changes
    distance = np.linspace(0.0, 5000.0, 51)[:: words.pop("turn", 1)]
    with pytest.raises(DataError, match=message):
        delta_bullington_db(distance, np.full(51, words.pop("height", 10.0)), **words)


def heights(path, *, crs="EPSG:4326", fill=100.0, nodata=-32767.0, shift_deg=0.0):
    """Write a height model around the made-up region."""
    lon, lat = Projection(projected_crs("synthetic")).to_degrees(np.array([-20_000.0]), np.array([-20_000.0]))
    step = 1.0 / 200
    profile = {"driver": "GTiff", "width": 200, "height": 200, "count": 1, "dtype": "float32"}
    transform = Affine(step, 0.0, float(lon[0]) + shift_deg, 0.0, -step, float(lat[0]) + 1.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with rasterio.open(path, "w", crs=crs, transform=transform, nodata=nodata, **profile) as raster:
            raster.write(np.full((1, 200, 200), fill, dtype=np.float32))
    return path


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"crs": None}, "has no coordinate system"),
        ({"crs": "EPSG:32601"}, "does not cover"),
        ({"shift_deg": 0.7}, "does not cover"),
        ({"fill": np.nan}, "no height at all"),
        ({"fill": -32767.0}, "no height at all"),
    ],
)
def test_a_height_model_that_does_not_fit_is_named(tmp_path, changes, message):
    path = heights(tmp_path / "heights.tif", **changes)
    with pytest.raises(DataError, match=message):
        read_area("synthetic", options_with(synthetic=SYNTHETIC, dem=str(path)))


def test_gaps_in_heights_are_filled_by_the_stated_rule():
    ground = np.full((9, 9), 500.0)
    ground[4, 4] = np.nan
    assert fill_gaps(ground)[4, 4] == 500.0


# ---- scenarios, by the command line


def told(*changes, path="scenarios/base.yaml"):
    """Return what ``validate`` says of a scenario with changes, and that it is no traceback."""
    words = [word for change in changes for word in ("--set", change)]
    outcome = click.testing.CliRunner().invoke(rollout, ["validate", str(ROOT / path), *words])
    assert isinstance(outcome.exception, ScenarioError), outcome.output
    return str(outcome.exception)


LTE = "technologies.lte"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (f"{LTE}.coverage=b99", "there is no carrier 'b99'; the carriers are b39_cmcc"),
        (f"{LTE}.carriers.b39_cmcc.frequency=2600", "leaves the downlink of B39, 1880 to 1920 MHz"),
        (f"{LTE}.carriers.b39_cmcc.band=B99", "is no band known here"),
        (f"{LTE}.carriers.b39_cmcc.bandwidth=7", "LTE has no carrier of 7 MHz"),
        ("technologies.nr.carriers.n41_cmcc.bandwidth=45", "NR has no carrier of 45 MHz at 30 kHz"),
        (f"{LTE}.carriers.b39_cmcc.power=400", "at most 80"),
        (f"{LTE}.carriers.b39_cmcc.gain=500", "at most 60"),
        (f"{LTE}.carriers.b39_cmcc.tilt_rural=95", "at most 90"),
        (f"{LTE}.carriers.b39_cmcc.layers=2.5", "a whole number is wanted"),
        (f"{LTE}.environments.city=forest", "allowed: 'urban', 'suburban' or 'open'"),
        (f"{LTE}.beamwidth=-65", "greater than 0"),
        (f"{LTE}.terrain_pixel=0", "at least 10"),
        (f"{LTE}.height_rural=0", "greater than 0"),
        (f"{LTE}.height_rural=5000", "at most 1000"),
        (f"{LTE}.largest_radius=1e9", "at most 200000"),
        (f"{LTE}.edge_probability=1", "less than 1"),
        (f"{LTE}.shadow_sigma=-1", "at least 0"),
        (f"{LTE}.received_threshold=-1000", "at least -200"),
        (f"{LTE}.design_month=2020-13", "is not a month"),
        ("technologies.nbiot.coupling_loss=-5", "at least 0"),
        ("technologies.fwa.host=gsm", "allowed: 'lte' or 'nr'"),
        ("radio.rates=[4,1]", "rates must be above 0 and rise"),
    ],
)
def test_validate_names_what_no_network_can_be(change, message):
    assert message in told(change)


def test_validate_names_all_of_it_at_once():
    said = told(f"{LTE}.coverage=b99", "technologies.nr.beamwidth=-1", "technologies.gsm.height_rural=0")
    assert len(said.splitlines()) == 3
    said = told(f"{LTE}.carriers.b39_cmcc.bandwidth=7", f"{LTE}.carriers.b3_unicom.bandwidth=7")
    assert "carriers.b39_cmcc: LTE" in said
    assert "carriers.b3_unicom: LTE" in said


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("latitude,longitude,technology,height_m\n", "holds no site; leave the key out"),
        ("latitude,longitude,technology,height_m\n25.0,102.0,lte,0\n", "sites.csv:2: height_m: '0' must be"),
        ("latitude,longitude,technology,height_m\n102.0,25.0,lte,30\n", "exchanged with the longitude"),
        ("latitude,longitude,technology,height_m,tilt,power_dbm\n25.0,102.0,lte,30,95,400\n", "power_dbm"),
        ("latitude,longitude,technology,height_m,bands\n25.0,102.0,lte,30,B99\n", "'B99' is no band of lte"),
    ],
)
def test_a_wrong_table_of_sites_stops_a_run_with_its_line(tmp_path, table, message):
    path = tmp_path / "sites.csv"
    path.write_text(table)
    with pytest.raises(DataError, match=message):
        simulate(load(("standing.sites", str(path)), zones=10))


# ---- odd regions


def shares(run):
    table = run.radio.radio
    return table[table["unit"] == "share"]["value"]


@pytest.mark.parametrize(
    ("changes", "region"),
    [
        ((), {"zones": 10, "counties": 1, "urban_share": 0.0}),
        ((), {"zones": 10, "counties": 1, "urban_share": 1.0}),
        ((), {"zones": 10, "elevation_std_m": 0.0}),
        ((("budget.scale", "0"),), {"zones": 10}),
        ((("horizon.last", "2033-12"),), {"zones": 10}),
        ((("horizon.last", "2014-01"),), {"zones": 10}),
        ((("standing.lte_population", "1.0"), ("standing.lte_base_stations", "10")), {"zones": 10}),
        ((("technologies.gsm", "null"),), {"zones": 10}),
        ((("technologies.lte", "null"),), {"zones": 10}),
        ((("radio.rasters", "false"), ("radio.rates", "[]")), {"zones": 10}),
    ],
    ids=[
        "villages",
        "city",
        "flat",
        "no money",
        "20 years",
        "one month",
        "covered",
        "no 2G",
        "no 4G",
        "no maps",
    ],
)
def test_odd_regions_give_shares_that_are_shares_and_a_report(changes, region, tmp_path):
    run = simulate(load(*changes, **region))
    assert shares(run).between(0.0, 1.0 + 1e-9).all()
    cells = run.radio.cells
    assert (cells[["load", "capacity_mbps", "user_mbps", "residents"]] >= 0).all().all()
    assert np.isfinite(run.radio.radio["value"]).all()
    save_run(run, tmp_path / "run", extras=lambda work: write_report(run, work))
    assert (tmp_path / "run" / "report.html").is_file()
    if changes and changes[0][0] == "budget.scale":
        assert set(run.radio.radio["technology"]) == {"gsm", "umts"}
