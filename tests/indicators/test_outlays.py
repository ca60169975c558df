"""What money is spent on: every fen of the log in some zone, running cost, replacement, what is left."""

import numpy as np
import pytest

from sim.tables.finance import PriceLevels
from tests.indicators import two_zones
from tests.indicators.conftest import log_of
from tests.indicators.two_zones import outlays


def test_every_fen_of_the_log_is_some_zones():
    costs = outlays()
    assert costs.capex.sum() == two_zones.log()["spent_fen"].sum()
    assert (costs.capex == np.rint(costs.capex)).all()


def test_a_shared_route_is_borne_by_both_whoever_paid_it():
    fixed = outlays().capex[0]
    # of 18,000 fen paid with ftth:0 the other zone bears its half of the route, 4,000, as it is paid
    assert fixed[0].tolist() == [7_000, 2_000]
    assert fixed[1].tolist() == [7_000, 2_000 + 3_000]


def test_connections_are_borne_where_lines_were_put_in():
    # of 25 lines put in in month 2 zone 0 has 20
    assert outlays().capex[0][2].tolist() == [800, 200]


def test_a_site_is_borne_by_those_it_serves():
    mobile = outlays().capex[1]
    assert mobile[1].tolist() == [6_000, 2_000]
    assert mobile.sum() == 8_000


def test_what_is_behind_access_is_borne_by_homes():
    assert outlays().capex[2][0].tolist() == [2_000, 1_000]


def test_money_paid_after_the_last_month_counts_in_it():
    late = log_of({"project_id": "ftth:1", "month": 9, "spent_fen": 3_001, "event": "finished"})
    assert outlays(late).capex[0][3].tolist() == [0, 3_001]


def test_nothing_spent_costs_nothing():
    empty = outlays(two_zones.log().iloc[:0])
    assert empty.capex.sum() == 0
    assert empty.opex.sum() == 0
    assert empty.residual.sum() == 0
    assert [len(part) for part in empty.replacements] == [0, 0, 0]


def test_running_cost_begins_with_service_and_falls_on_those_served():
    costs = outlays()
    # a month: fibre of zone 0 costs 1,000, the site 4,000 (a quarter of it zone 1's), fibre of zone 1 200
    assert costs.opex.tolist() == [[0, 0], [4_000, 1_000], [4_000, 1_200], [4_000, 1_200]]
    assert costs.opex_by_technology["ftth"].tolist() == [0, 1_000, 1_200, 1_200]
    assert costs.opex_by_technology["lte"].tolist() == [0, 4_000, 4_000, 4_000]
    assert "transport" not in costs.opex_by_technology


def test_radio_is_bought_anew_at_the_end_of_its_own_life():
    # base stations live six months, from month 1; sixteen months are evaluated
    month, zone, fen = outlays().replacements
    assert sorted(zip(month.tolist(), zone.tolist(), fen.tolist(), strict=True)) == [
        (7, 0, 4_500), (7, 1, 1_500), (13, 0, 4_500), (13, 1, 1_500),
    ]  # fmt: skip


def test_shared_assets_have_their_own_life():
    lives = dict.fromkeys(two_zones.ITEMS, 0.5)
    month, _, fen = outlays(lives=lives, radio_life=30.0).replacements
    # electronics of fibre alone: the route and the mast live for twenty years
    assert sorted(zip(month.tolist(), fen.tolist(), strict=True)) == [
        (7, 10_000), (8, 3_000), (13, 10_000), (14, 3_000),
    ]  # fmt: skip


def test_what_is_left_at_the_end_is_the_unused_part_of_lives():
    costs = outlays(radio_life=5.0)
    # sixteen months: fibre of zone 0 served 15 of 120, its route 15 of 240; base station 15 of 60
    zone0 = (
        10_000 * (1 - 15 / 120)
        + 4_000 * (1 - 15 / 240)
        + 0.75 * (6_000 * (1 - 15 / 60) + 2_000 * (1 - 15 / 240))
    )
    assert costs.residual[0] == pytest.approx(zone0)
    assert outlays(radio_life=5.0, residual_value=False).residual.sum() == 0


def moving(**items):
    """Return price levels of sixteen months; items not named do not move."""
    levels = PriceLevels.constant(16)
    general = items.pop("general", levels.general)
    return PriceLevels(np.asarray(general), {**levels.items, **items})


def test_what_is_bought_anew_has_the_price_of_its_day():
    falling = 0.5 ** (np.arange(16) / 6)
    costs = outlays(prices=moving(active=falling))
    month, zone, fen = costs.replacements
    # bought in month 1 for 6,000, half of that in month 7, a quarter in month 13
    assert fen[(month == 7) & (zone == 0)] == pytest.approx([2_250])
    assert fen[(month == 13) & (zone == 1)] == pytest.approx([375])
    assert outlays(prices=moving(tower=falling)).replacements[2].sum() == 12_000


def test_what_is_left_is_worth_what_it_last_cost():
    constant, falling = outlays().residual, outlays(prices=moving(active=np.linspace(1, 0.5, 16))).residual
    # the base station was last bought in month 13, the electronics of fibre in months 1 and 2
    station = 6_000 * 0.5 * np.array([0.75, 0.25])
    level = np.linspace(1, 0.5, 16)
    assert constant - falling == pytest.approx(station * (1 - level[13] / level[1]))


def test_running_cost_moves_from_what_it_was_when_service_began():
    rising = 1.01 ** np.arange(16)
    costs = outlays(prices=moving(opex=rising))
    assert costs.opex[1] == pytest.approx([4_000, 1_000])
    assert costs.opex[3] == pytest.approx([4_000 * 1.01**2, 1_000 * 1.01**2 + 200 * 1.01])
    assert costs.opex_after == pytest.approx(1.01 ** np.arange(1, 13))
    assert costs.opex_by_technology["ftth"] + costs.opex_by_technology["lte"] == pytest.approx(
        costs.opex.sum(axis=1)
    )


def test_a_general_rise_of_prices_is_taken_off():
    general = 1.1 ** np.arange(16)
    costs = outlays(prices=moving(general=general))
    assert costs.spent == pytest.approx(costs.capex.sum(axis=0) / general[:4, None])
    assert costs.capex.sum() == two_zones.log()["spent_fen"].sum(), "what was paid stays what was paid"
    assert costs.replacements[2].sum() == pytest.approx(12_000 / 1.1)
