"""Cash flows of a run by zone: what its money costs and earns, against the same months without it.

Capex follows the log; running cost is that of projects in service; revenue is that of the subscribers whom
the run would not have without spending. After the last month plant goes on to cost and earn what it then
does, and is bought anew at the end of its life.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.finance import MONTHS_PER_YEAR, discount_factors, payback_years, present_value, subsidy_need
from sim.tables.finance import CAPEX_GROUPS, FINANCE, Finance

if TYPE_CHECKING:
    import pandas as pd

    from sim.indicators.earnings import Earnings
    from sim.indicators.outlays import Outlays
    from sim.tables.results import MonthlyState

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
FIXED = "fixed"
_WHOLE_HOMES = 2
_AT_ONCE = 4096
"""Zones whose months are held in memory together."""


def finance_of(costs: Outlays, gains: Earnings) -> Finance:
    """Return the cash flows of one replication and what each zone costs and earns."""
    rate, months, evaluated = costs.options.real_rate, costs.months, costs.evaluated
    factor = discount_factors(rate, evaluated)
    month, zone, again = costs.replacements
    spent, left = costs.spent, costs.residual
    worth = {
        "capex": present_value(spent, rate),
        "opex": present_value(costs.opex, rate) + costs.opex[-1] * (factor[months:] @ costs.opex_after),
        "replacement": np.bincount(zone, again * factor[month], costs.zones),
        "residual": left * (1.0 + rate) ** -(evaluated / MONTHS_PER_YEAR),
    }
    worth["revenue"], payback = _by_zone(costs, gains)
    flows = {
        "capex": np.append(spent.sum(axis=1), np.zeros(evaluated - months)),
        "opex": np.append(costs.opex.sum(axis=1), costs.opex[-1].sum() * costs.opex_after),
        "replacement": np.bincount(month, again, evaluated).astype(np.float64),
        "revenue": gains.total(),
        "residual": np.append(np.zeros(evaluated - 1), left.sum()),
    }
    return Finance(
        table=_table(costs, gains, worth, payback),
        rate=rate,
        opex_fen=costs.opex,
        opex_by_technology=costs.opex_by_technology,
        revenue_fen=gains.revenue,
        flows=flows,
    )


def _by_zone(costs: Outlays, gains: Earnings) -> tuple[Floats, tuple[Floats, Floats]]:
    """Return the present value of revenue, and simple and discounted payback, each of shape (Z,).

    What plant is worth at the end pays nothing back. Zones are taken some at a time, for payback needs
    every month evaluated.
    """
    rate, months = costs.options.real_rate, costs.months
    order = np.argsort(costs.replacements[1], kind="stable")
    month, zone, fen = (part[order] for part in costs.replacements)
    value, simple, discounted = (np.zeros(costs.zones) for _ in range(3))
    for begin in range(0, costs.zones, _AT_ONCE):
        here = slice(begin, min(begin + _AT_ONCE, costs.zones))
        width = here.stop - here.start
        net = gains.earned(slice(None), here)
        value[here] = present_value(net, rate)
        net[:months] -= costs.opex[:, here] + costs.spent[:, here]
        net[months:] -= np.outer(costs.opex_after, costs.opex[-1, here])
        some = slice(*np.searchsorted(zone, (here.start, here.stop)))
        flat = month[some] * width + zone[some] - begin
        net -= np.bincount(flat, fen[some], costs.evaluated * width).reshape(net.shape)
        simple[here] = payback_years(net)
        discounted[here] = payback_years(net, rate)
    return value, (simple, discounted)


def _table(
    costs: Outlays, gains: Earnings, worth: dict[str, Floats], payback: tuple[Floats, Floats]
) -> pd.DataFrame:
    """Return the table of finance; its net worth is exactly the sum of its whole parts."""
    whole = {name: np.rint(value).astype(np.int64) for name, value in worth.items()}
    net = whole["revenue"] + whole["residual"] - whole["capex"] - whole["opex"] - whole["replacement"]
    capex = {f"capex_{name}_fen": costs.capex[place].sum(axis=0) for place, name in enumerate(CAPEX_GROUPS)}
    return FINANCE.frame(
        zone=np.arange(costs.zones),
        homes_newly_passed=_newly_passed(costs.state),
        lines_added=gains.added["fixed"][-1],
        users_added=gains.added["mobile"][-1],
        **capex,
        **{f"{name}_pv_fen": value for name, value in whole.items()},
        npv_fen=net,
        payback_years=payback[0],
        discounted_payback_years=payback[1],
        subsidy_fen=subsidy_need(net).astype(np.int64),
    )


def _newly_passed(state: MonthlyState) -> Ints:
    """Return the homes that fixed lines pass in the last month beyond the share of month 0, shape (Z,).

    Two homes at least, for homes are whole.
    """
    rows = [row for row, use in enumerate(state.uses) if use == FIXED]
    passed = state.homes_passed[:, rows].max(axis=1, initial=0).astype(np.float64)
    homes = np.maximum(state.homes.astype(np.float64), 1.0)
    newly = np.floor(passed[-1] - passed[0] / homes[0] * homes[-1])
    return np.where(newly >= _WHOLE_HOMES, newly, 0.0).astype(np.int64)
