"""The area of a made-up region: contracts, cache, sameness, wrong questions."""

import numpy as np
import pandas as pd
import pytest

from sim.errors import ScenarioError
from sim.geo import synthetic
from sim.geo.area import read_area
from tests.geo.checks import SYNTHETIC, check_area, check_months, options_with


def read(**changes):
    return read_area("synthetic", options_with(synthetic=SYNTHETIC | changes))


def test_a_made_up_region_keeps_every_contract():
    area, _ = read()
    sources = synthetic.read_sources(options_with(synthetic=SYNTHETIC).synthetic, 1)
    check_area(area, sources.census)
    check_months(area)
    assert area.n_zones == 60
    assert area.prefectures == ["Prefecture 1", "Prefecture 2"]
    assert set(area.zones["kind"]) == {"town", "village"}
    assert set(area.roads["kind"]) == {"road", "rail"}
    assert {"committee", "school", "pop", "station"} <= set(area.places["kind"])
    assert area.layers[0].name == "Made-up region"
    assert all(note.modelled for note in area.layers)


def test_the_second_reading_comes_from_the_cache_and_is_the_same():
    seen = []
    options = options_with(synthetic=SYNTHETIC | {"homes_per_zone": 301})
    first, cached = read_area("synthetic", options, lambda stage, share: seen.append((stage, share)))
    again, kept = read_area("synthetic", options)
    assert (cached, kept) == (False, True)
    assert [share for _, share in seen] == sorted(share for _, share in seen)
    assert seen[-1] == ("done", 1.0)
    for name in ("zones", "points", "places", "roads", "locations"):
        pd.testing.assert_frame_equal(getattr(first, name), getattr(again, name), check_exact=True)


def test_building_anew_gives_the_same_bytes(tmp_path, monkeypatch):
    files = []
    for name in ("a", "b"):
        monkeypatch.setenv("ROLLOUT_CACHE", str(tmp_path / name))
        read()
        files.append(
            {path.name: path.read_bytes() for path in (tmp_path / name).rglob("*") if path.is_file()}
        )
    assert files[0] == files[1]
    assert len(files[0]) == 8


def test_the_seed_moves_the_zones_and_nothing_else_of_the_totals():
    one, _ = read_area("synthetic", options_with(synthetic=SYNTHETIC))
    two, _ = read_area("synthetic", options_with(synthetic=SYNTHETIC, seed=2))
    assert (one.zones["x_m"] != two.zones["x_m"]).mean() > 0.9
    assert one.n_zones == two.n_zones


@pytest.mark.parametrize(("zones", "counties"), [(10, 1), (10, 9), (1_000, 7)])
def test_it_has_as_many_zones_as_asked_for(zones, counties):
    area, _ = read(zones=zones, counties=counties)
    assert area.n_zones == zones
    assert len(area.counties) == counties


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_regions_of_one_kind_only(share):
    area, _ = read(urban_share=share)
    assert area.urban.mean() == share
    check_months(area)


@pytest.mark.slow
def test_the_largest_region():
    area, _ = read(zones=300_000, counties=200)
    assert area.n_zones == 300_000
    assert np.unique(area.zones["zone_id"]).size == 300_000


@pytest.mark.parametrize(
    ("province", "changes", "message"),
    [
        ("Tibet", {}, "'Tibet' is no province this can be asked of; allowed: Yunnan"),
        ("synthetic", {}, "needs geodata.synthetic"),
        ("Yunnan", {"synthetic": SYNTHETIC}, "write province: synthetic"),
        ("synthetic", {"synthetic": SYNTHETIC, "bundle": "x"}, "exclude each other"),
    ],
)
def test_questions_that_do_not_fit_together(province, changes, message):
    with pytest.raises(ScenarioError, match=message):
        read_area(province, options_with(**changes))


def test_county_codes_may_be_numbers_and_must_have_six_digits():
    assert options_with(counties=[530103, "530102", 530102]).counties == ("530102", "530103")
    with pytest.raises(ValueError, match="six digits"):
        options_with(counties=[5301])
