"""Carriers: power of a resource element, blocks by technology, and what a carrier may not be."""

from __future__ import annotations

import csv
from itertools import pairwise

import pytest
from pydantic import ValidationError

from sim.parameters import Lookup, MoneyRule, read_parameters
from sim.radio.carriers import Carrier
from sim.radio.link import NR_RESOURCE_BLOCKS
from sim.tables.bands import BANDS, bands_of
from tests.conftest import ROOT

LTE_20 = {
    "operator": "china_mobile", "band": "B39", "available_from": "2013-12", "frequency": 1890,
    "bandwidth": 20, "downlink_share": 0.75, "power": 46, "gain": 17, "feeder_loss": 0.5, "tilt_rural": 3,
    "tilt_urban": 10, "layers": 2, "overhead": 0.25,
}  # fmt: skip


def carrier(**changes):
    return Carrier.model_validate(LTE_20 | changes)


def test_rsrp_is_referred_to_one_resource_element():
    """46 dBm over 100 blocks of 12 subcarriers is 15.21 dBm, over 50 blocks 18.22 dBm."""
    assert carrier().power_per_resource_element_dbm("lte") == pytest.approx(15.2082, abs=1e-4)
    ten = carrier(band="B8", frequency=941.5, bandwidth=10, downlink_share=1)
    assert ten.power_per_resource_element_dbm("lte") == pytest.approx(18.2185, abs=1e-4)
    assert carrier().eirp_dbm("lte") == pytest.approx(31.7082, abs=1e-4)


def test_published_link_budgets_are_met(vectors):
    with (vectors / "rsrp_eirp_per_re.csv").open(newline="", encoding="utf-8") as stream:
        cases = list(csv.DictReader(stream))
    shapes = {
        25: ("B8", 941.5, 5, "lte"), 50: ("B8", 941.5, 10, "lte"), 100: ("B41", 2605, 20, "lte"),
        160: ("n28", 773, 30, "nr"), 273: ("n41", 2565, 100, "nr"),
    }  # fmt: skip
    assert len(cases) >= 6
    for case in cases:
        band, frequency, bandwidth, technology = shapes[int(case["PRB"])]
        asked = carrier(
            band=band,
            frequency=frequency,
            bandwidth=bandwidth,
            downlink_share=1,
            power=float(case["P_total_dBm"]),
            gain=float(case["ant_gain_dBi"]),
            feeder_loss=float(case["feeder_dB"]),
        )
        assert asked.resource_blocks(technology) == int(case["PRB"])
        found = asked.power_per_resource_element_dbm(technology)
        assert found == pytest.approx(float(case["P_per_RE_dBm"]), abs=1e-3)
        assert asked.eirp_dbm(technology) == pytest.approx(float(case["EIRP_per_RE_dBm"]), abs=1e-3)


def test_blocks_by_technology():
    assert carrier(band="n41", frequency=2565, bandwidth=100).resource_blocks("nr") == 273
    assert carrier(band="n28", frequency=773, bandwidth=30, downlink_share=1).resource_blocks("nr") == 160
    assert carrier(band="B5", frequency=879, bandwidth=0.2, downlink_share=1).resource_blocks("nbiot") == 1
    assert NR_RESOURCE_BLOCKS[15][20.0] == 106
    assert NR_RESOURCE_BLOCKS[30][20.0] == 51
    with pytest.raises(ValueError, match="LTE has no carrier of 7 MHz"):
        carrier(bandwidth=7).resource_blocks("lte")
    with pytest.raises(ValueError, match="NR has no carrier of 7 MHz at 30 kHz"):
        carrier(band="n41", frequency=2565, bandwidth=7).resource_blocks("nr")
    with pytest.raises(ValueError, match="gsm divides no carrier"):
        carrier().resource_blocks("gsm")


def test_what_2g_and_3g_are_judged_by():
    """GSM: the whole carrier; WCDMA: the pilot, -10 dB; NB-IoT: one of 12 subcarriers."""
    gsm = carrier(band="GSM900", frequency=944.5, bandwidth=0.2, downlink_share=1, power=43)
    assert gsm.power_per_resource_element_dbm("gsm") == 43
    wcdma = carrier(band="B1", frequency=2137.5, bandwidth=5, downlink_share=1, power=43, reference_share=0.1)
    assert wcdma.power_per_resource_element_dbm("umts") == pytest.approx(33)
    nbiot = carrier(band="B5", frequency=879, bandwidth=0.2, downlink_share=1, power=43)
    assert nbiot.power_per_resource_element_dbm("nbiot") == pytest.approx(32.2082, abs=1e-4)


def test_tilt_by_surroundings():
    assert (carrier().tilt_deg(urban=False), carrier().tilt_deg(urban=True)) == (3, 10)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"band": "B99"}, "'B99' is no band known here"),
        ({"frequency": 1915}, "leaves the downlink of B39, 1880 to 1920 MHz"),
        ({"band": "B3", "frequency": 1850}, "B3 has a downlink of its own"),
        ({"downlink_share": 0}, "greater than 0"),
        ({"bandwidth": 0}, "greater than 0"),
        ({"available_from": "2013"}, "2013"),
        ({"operator": "vodafone"}, "china_mobile"),
        ({"layers": 0}, "greater than or equal to 1"),
        ({"overhead": 1}, "less than 1"),
    ],
)
def test_a_carrier_that_cannot_be_is_refused(changes, message):
    with pytest.raises(ValidationError, match=message):
        carrier(**changes)


def block(rows, prefix):
    """Return the band, centre and width of the shipped rows of one carrier."""
    lookup = Lookup(rows, MoneyRule(2015, {}, {}), 2014 * 12)
    return (
        prefix.split("_")[1],
        lookup.value(f"{prefix}_frequency", "MHz"),
        lookup.value(f"{prefix}_bandwidth", "MHz"),
    )


def test_shipped_carriers_lie_inside_their_bands():
    rows = read_parameters(ROOT / "scenarios" / "library" / "parameters.csv")
    prefixes = [name.removesuffix("_bandwidth") for name in rows if name.endswith("_bandwidth")]
    known = [name for name in prefixes if name.count("_") == 2]
    assert len(known) >= 25
    gsm = {"900": "GSM900", "1800": "GSM1800"}
    spelled = {name.lower(): name for name in BANDS}
    for prefix in known:
        technology = prefix.split("_")[0]
        word, frequency, bandwidth = block(rows, prefix)
        band = gsm.get(word) or spelled[word]
        assert band in bands_of(technology), prefix
        low, high = BANDS[band].downlink_mhz
        assert low <= frequency - bandwidth / 2, prefix
        assert frequency + bandwidth / 2 <= high, prefix


def test_no_two_operators_share_a_block_of_the_first_4g_licences():
    rows = read_parameters(ROOT / "scenarios" / "library" / "parameters.csv")
    blocks = [block(rows, f"lte_b41_{name}") for name in ("unicom", "cmcc", "telecom")]
    edges = [(centre - width / 2, centre + width / 2) for _, centre, width in blocks]
    assert all(first[1] <= second[0] for first, second in pairwise(edges))
