"""Cheaper projects, or more money, never meet fewer targets of a plan."""

import pytest

from tests.plans.worlds import plan

TIGHT = ("budget.scale", "0.0004")


def price_rows(loaded):
    """Return every row in use that is an amount of yuan, halved."""
    rows = [row for row in loaded.parameters_used if row.unit.startswith("yuan/") and row.kind == "price"]
    return tuple((f"parameters.values.{row.name}", repr(row.value / 2)) for row in rows)


@pytest.mark.parametrize("seed", [1, 7])
def test_at_half_the_prices_no_target_is_lost(seed):
    dear = plan(TIGHT, ("seed", str(seed)), zones=30)
    halved = price_rows(dear.opened.loaded)
    assert len(halved) > 10
    cheap = plan(TIGHT, ("seed", str(seed)), *halved, zones=30)
    assert len(cheap.best.reached.met) >= len(dear.best.reached.met)
    assert cheap.best.worth >= dear.best.worth
    assert cheap.best.worth > dear.best.worth or dear.best.worth == 0
