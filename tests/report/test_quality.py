from types import SimpleNamespace

import numpy as np
import pytest

from sim.clock import Horizon
from sim.report.quality import draw_quality, quality_pictures, quality_table, quality_words
from sim.tables.decisions import RELEASES

YEAR = Horizon("2014-01", "2014-12")


def releases(gaps=(0.02, 0.1), replication=0):
    """Two releases of bounds 100 and 50, one pot with money."""
    worth = [100 * (1 - gaps[0]), 0, 50 * (1 - gaps[1]), 0]
    return RELEASES.frame(
        replication=replication,
        release=[0, 0, 6, 6],
        operator="",
        pot=["", "all", "", "all"],
        candidates=5,
        chosen=2,
        worth=worth,
        bound=[100.0, np.nan, 50.0, np.nan],
        gap=[gaps[0], np.nan, gaps[1], np.nan],
        funds_fen=10,
        spent_fen=9,
        worth_of_million=[np.nan, 7.0, np.nan, 3.0],
    )


def test_the_words_give_the_gap_of_all_money_and_of_the_worst_release():
    told = quality_words(SimpleNamespace(releases=releases(), horizon=YEAR))
    assert told == {"gap": "4.7%", "worst": "10.0%", "month": "2014-07"}


def test_without_a_bound_nothing_is_said():
    bare = releases().assign(bound=0.0)
    assert quality_words(SimpleNamespace(releases=bare, horizon=YEAR)) == {}
    assert quality_pictures(SimpleNamespace(releases=RELEASES.empty(), horizon=YEAR)) == {}


def test_only_replication_0_is_shown():
    assert quality_table(releases(replication=1)).empty


def test_the_picture_shows_the_gap_and_a_line_for_each_pot():
    gap, price = draw_quality(quality_table(releases()), YEAR).axes
    assert gap.lines[0].get_ydata() == pytest.approx([0.02, 0.1])
    assert price.lines[0].get_ydata() == pytest.approx([7.0, 3.0])
    assert [text.get_text() for text in price.get_legend().get_texts()] == ["all"]
