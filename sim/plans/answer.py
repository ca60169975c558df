"""A plan as plain values: what ``rollout plan --json`` prints and ``plan.json`` holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.indicators.money import FEN_PER_YUAN
from sim.planning.worth import MICRO

if TYPE_CHECKING:
    from sim.plans.goals import Closing
    from sim.plans.nested import Best, Monotonicity
    from sim.plans.plan import Plan

_FEN_PER_MILLION_YUAN = FEN_PER_YUAN * 1_000_000


def plan_facts(plan: Plan) -> dict[str, Any]:
    """Return a plan as values that JSON knows; all money is in yuan, all worth in homes and persons."""
    best, opened = plan.best, plan.opened
    return {
        "scenario": plan.name,
        "variant": opened.loaded.variant,
        "method": opened.prepared.scenario.planning.method,
        "budget_scale": opened.scale,
        "worth": best.worth / MICRO,
        "bound": plan.bound.worth / MICRO,
        "gap": round(plan.gap, 6),
        "capex": yuan(best.capex_fen),
        "connections": yuan(sum(best.reached.connections_fen.values())),
        "opex_per_year": yuan(opex_fen(best)),
        "projects": len(best.works),
        "candidates": len(best.problem.ids),
        "technologies": technologies(best),
        "targets": targets(plan),
        "targets_met": len(best.reached.met),
        "pots": pots(plan),
        "monotonicity": monotonicity_facts(plan.monotonicity),
        "warnings": list(plan.warnings),
    }


def monotonicity_facts(found: Monotonicity) -> dict[str, Any]:
    """Return whether more money ever met fewer targets."""
    return {
        "holds": found.holds,
        "checked": list(found.checked),
        "met": list(found.met),
        "explained_by": found.explained_by,
    }


def yuan(fen: int) -> float:
    """Return an amount in yuan, exact to the fen."""
    return fen / FEN_PER_YUAN


def opex_fen(best: Best) -> int:
    """Return what running everything built costs a year [fen/yr]."""
    return sum(int(best.problem.opex_fen[row]) for row in best.solution.rows)


def technologies(best: Best) -> dict[str, dict[str, float]]:
    """Return projects and capex of each technology."""
    found: dict[str, dict[str, float]] = {}
    for work in best.works:
        mine = found.setdefault(work.technology, {"projects": 0, "capex": 0})
        mine["projects"] += 1
        mine["capex"] += work.price_fen
    return {name: {**mine, "capex": yuan(int(mine["capex"]))} for name, mine in sorted(found.items())}


def pots(plan: Plan) -> dict[str, dict[str, float]]:
    """Return the money of each pot over the horizon, and what one more million yuan in it would buy."""
    best, nested = plan.best, plan.opened.nested
    released, spent = nested.funds(best.scale), best.spent_fen
    prices = dict(zip(best.problem.pots, plan.bound.pot_prices.tolist(), strict=True))
    return {
        name: {
            "released": yuan(fen),
            "committed": yuan(spent.get(name, 0)),
            "connections": yuan(best.reached.connections_fen.get(name, 0)),
            "worth_per_million": prices.get(name, 0.0) * _FEN_PER_MILLION_YUAN / MICRO,
        }
        for name, fen in released.items()
    }


def targets(plan: Plan) -> dict[str, dict[str, Any]]:
    """Return the verdict on every target and what is missing of it."""
    most = plan.most.scorecard.set_index("target_id")["mean"]
    unreachable = {one.target_id for one in plan.unreachable}
    found = {}
    for row in plan.best.reached.scorecard.to_dict("records"):
        name = row["target_id"]
        found[name] = {
            "verdict": row["verdict"],
            "indicator": row["indicator"],
            "breakdown": row["breakdown"],
            "value": _number(row["mean"]),
            "wanted": _number(row["wanted"]),
            "unit": row["unit"],
            "margin": _number(row["margin"]),
            "with_everything": _number(most[name]),
            "due": row["due_month"],
            "first_met": row["first_met"] or None,
            "reachable": name not in unreachable,
            **_closing(plan.closings.get(name)),
        }
    return found


def _closing(closing: Closing | None) -> dict[str, float | None]:
    """Return cost to close and price of a percentage point [yuan]; null where nothing is known."""
    cost = None if closing is None else closing.cost_fen
    point = None if closing is None else closing.per_point_fen
    return {
        "cost_to_close": None if cost is None else yuan(cost),
        "yuan_per_point": None if point is None else yuan(point),
    }


def _number(text: str) -> float | None:
    return float(text) if text else None
