"""Units of statistics and of indicators."""

import pytest

from sim.backtest.units import factor_between, read_unit

SAME = {
    ("lines", "10k subs"): 1e-4,
    ("users", "100M subs"): 1e-8,
    ("share", "%"): 100.0,
    ("lines/100 homes", "%"): 1.0,
    ("users/100 persons", "subs/100 persons"): 1.0,
    ("share", "lines/100 homes"): 100.0,
    ("Mbit/s", "Mbps"): 1.0,
    ("Mbit/s", "Gbps"): 1e-3,
    ("GB/user/month", "MB/user/month"): 1000.0,
    ("yuan", "100M yuan"): 1e-8,
    ("yuan/Mbit/s", "yuan/Mbps"): 1.0,
    ("km", "10k km"): 1e-4,
    ("homes", "10k family households"): 1e-4,
    ("devices", "10k"): 1e-4,
    ("users", "million"): 1e-6,
    ("homes", "k homes"): 1e-3,
}


@pytest.mark.parametrize(("units", "factor"), SAME.items())
def test_numbers_move_between_units_and_back(units, factor):
    given, wanted = units
    assert factor_between(given, wanted) == pytest.approx(factor)
    assert factor_between(wanted, given) == pytest.approx(1.0 / factor)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("share", "Mbps"),
        ("users", "%"),
        ("yuan", "10k subs"),
        ("yuan/month", "yuan"),
        ("GB/line/month", "GB"),
    ],
)
def test_what_measures_something_else_has_no_factor(given, wanted):
    assert factor_between(given, wanted) is None


def test_the_first_letter_of_a_word_is_no_multiple():
    assert (read_unit("km").dimension, read_unit("km").factor) == ("length", 1.0)
    assert (read_unit("masts").dimension, read_unit("masts").factor) == ("count", 1.0)
    assert read_unit("MB/user/month").factor == pytest.approx(1e-3)
