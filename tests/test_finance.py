import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim import finance

RATES = st.floats(0.0, 0.4)


def test_a_flow_of_the_first_month_is_discounted_by_half_a_month():
    assert finance.present_value([120.0], 0.08) == pytest.approx(120 / 1.08 ** (0.5 / 12))
    assert finance.present_value([0.0] * 12 + [1.0], 0.1) == pytest.approx(1 / 1.1 ** (12.5 / 12))


def test_level_monthly_flows_have_the_value_of_a_geometric_sum():
    rate, months = 0.08, 60
    month = 1.08 ** (1 / 12) - 1
    closed = 1.08 ** (0.5 / 12) * (1 - (1 + month) ** -months) / month
    assert finance.present_value(np.ones(months), rate) == pytest.approx(closed)


def test_present_value_works_on_every_column_at_once():
    flows = np.random.default_rng(3).normal(size=(30, 4, 2))
    value = finance.present_value(flows, 0.05)
    assert value.shape == (4, 2)
    assert value[2, 1] == pytest.approx(finance.present_value(flows[:, 2, 1], 0.05))


def test_annuity_and_capital_recovery():
    assert finance.annuity_factor(0.1, 3) == pytest.approx(1 / 1.1 + 1 / 1.1**2 + 1 / 1.1**3)
    assert finance.annuity_factor(0.0, 7) == 7
    assert finance.capital_recovery_factor(0.1, 3) * finance.annuity_factor(0.1, 3) == pytest.approx(1)
    owed = 1.0
    for _ in range(3):
        owed = owed * 1.1 - finance.capital_recovery_factor(0.1, 3)
    assert owed == pytest.approx(0)


def test_simple_payback_is_outlay_over_income():
    flows = np.full(60, 10.0)
    flows[0] = -235.0
    # 23.5 months of income follow the month of the outlay
    assert finance.payback_years(flows) == pytest.approx((1 + 23.5) / 12)


def test_payback_counts_from_the_first_outlay():
    flows = np.concatenate([np.zeros(24), [-100.0], np.full(30, 10.0)])
    assert finance.payback_years(flows) == pytest.approx(11 / 12)


def test_discounted_payback_is_where_the_discounted_balance_returns():
    flows, rate = np.concatenate([[-100.0], np.full(200, 2.0)]), 0.1
    month = 1.1 ** (1 / 12) - 1
    # 100 = 2 (1 - (1 + i) ** -n) / i
    exact = -np.log1p(-100 * month / 2) / np.log1p(month)
    assert finance.payback_years(flows, rate) * 12 - 1 == pytest.approx(exact, abs=0.01)
    assert finance.payback_years(flows, rate) > finance.payback_years(flows)


def test_payback_that_never_comes_and_payback_that_is_not_needed():
    flows = np.array([[-5.0, 0.0, 3.0], [1.0, 0.0, 4.0], [1.0, 0.0, 2.0]])
    assert finance.payback_years(flows).tolist() == [np.inf, 0.0, 0.0]


def test_later_outlays_postpone_payback():
    flows = [-10.0, 10.0, 0.0, -10.0, 5.0, 5.0, 5.0]
    assert finance.payback_years(flows) == pytest.approx(6 / 12)


@given(RATES, st.lists(st.floats(0, 100), min_size=2, max_size=40))
def test_payback_never_shortens_when_money_is_discounted(rate, incomes):
    flows = np.array([-150.0, *incomes])
    assert finance.payback_years(flows, rate) >= finance.payback_years(flows) - 1e-9


@given(RATES, st.floats(0.0, 0.3), st.lists(st.floats(0, 100), min_size=1, max_size=40))
def test_a_conventional_project_is_worth_no_more_at_a_higher_rate(rate, more, incomes):
    flows = np.array([-150.0, *incomes])
    # an outlay of month 0 is discounted by half a month, which is left out of the comparison
    factor = (1 + rate) ** (0.5 / 12), (1 + rate + more) ** (0.5 / 12)
    before, after = (
        float(finance.present_value(flows, r)) * f for r, f in zip((rate, rate + more), factor, strict=True)
    )
    assert after <= before + 1e-9


def test_weighted_capital_cost():
    assert finance.weighted_capital_cost(0.6, 0.11, 0.05, 0.25) == pytest.approx(0.081)
    assert finance.weighted_capital_cost(1.0, 0.11, 0.05, 0.25) == pytest.approx(0.11)


def test_real_rate_undoes_inflation():
    real = finance.real_rate(0.08, 0.03)
    assert (1 + real) * 1.03 == pytest.approx(1.08)
    assert finance.real_rate(0.08, 0.0) == pytest.approx(0.08)


def test_replacement_for_ever_is_the_sum_of_its_terms():
    terms = sum(100 * (1.01 / 1.08) ** (10 * k) for k in range(1, 400))
    assert finance.replacement_for_ever(100, 10, 0.08, 0.01) == pytest.approx(terms)
    assert finance.replacement_for_ever(100, 10, 0.02, 0.02) == np.inf


def test_replacements_within_the_horizon():
    assert finance.replacement_months(5, 24, 60).tolist() == [29, 53]
    assert finance.replacement_months(5, 24, 53).tolist() == [29]
    assert finance.replacement_months(5, 240, 60).tolist() == []


def test_value_left_falls_linearly_and_starts_anew_with_each_replacement():
    left = finance.share_left([0, 0, 0, 0, 12], [24, 24, 24, 24, 24], 24)
    assert left.tolist() == [0, 0, 0, 0, 0.5]
    assert finance.share_left(0, 24, 6) == pytest.approx(0.75)
    assert finance.share_left(0, 24, 30) == pytest.approx(0.75)
    assert finance.share_left(40, 24, 30) == 1.0


def test_each_doubling_lowers_a_learned_price():
    price = finance.learned_price(100, [1000, 2000, 4000, 8000], 1000, 0.2)
    assert price == pytest.approx([100, 80, 64, 51.2])
    assert finance.learned_price(100, [5000], 1000, 0.0) == pytest.approx([100])


def test_price_levels_chain_from_the_base_year_both_ways():
    change = {2014: 0.02, 2015: 0.03, 2016: 0.05}
    level = finance.price_level(change, 2015, [2013, 2014, 2015, 2016, 2017])
    assert level == pytest.approx([1 / (1.02 * 1.03), 1 / 1.03, 1.0, 1.05, 1.05])


def test_a_series_by_year_is_linear_between_and_level_outside():
    arpu = {"2014": 59.0, "2015": 56.0, "2019": 49.1, "2020": 47.4}
    values = finance.by_year(arpu, [2010, 2014, 2014.5, 2017, 2020, 2030])
    assert values == pytest.approx([59, 59, 57.5, 56 - 6.9 / 2, 47.4, 47.4])


def test_tenants_share_the_rent():
    assert finance.sharing_discount([1, 2, 3, 5], 0.2, 0.3).tolist() == [0.0, 0.2, 0.3, 0.3]
    assert finance.cost_plus_rent(20_000, 0.15, [0.0, 0.2]) == pytest.approx([23_000, 18_400])


def test_the_rent_of_a_sole_tenant_gives_back_the_mean_over_tenants():
    sole, mean_tenants = finance.sole_rent(22_000, 1.62, 0.3), 1.62
    shared_sites = mean_tenants - 1
    paid = sole * (1 - shared_sites) + 2 * shared_sites * sole * 0.7
    assert paid / mean_tenants == pytest.approx(22_000)
    assert finance.sole_rent(22_000, 1.0, 0.3) == 22_000


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=20))
def test_a_subsidy_fills_what_is_missing_and_no_more(values):
    need = finance.subsidy_need(values)
    assert (need >= 0).all()
    assert (np.array(values) + need >= 0).all()
    assert (need[np.array(values) >= 0] == 0).all()
