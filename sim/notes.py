"""What a reader of the results should know beside them: consequences, limits, what cannot be met."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.indicators.money import present_value_fen, spending
from sim.plans.ceiling import beyond_crews, out_of_reach
from sim.prepare import share_of_province
from sim.technologies.radio import RadioNetwork

if TYPE_CHECKING:
    import pandas as pd

    from sim.planning.rolling import RollingPlan
    from sim.plans.reach import Reached
    from sim.prepare import Prepared
    from sim.scenario.load import LoadedScenario


def notes_of(
    loaded: LoadedScenario,
    prepared: Prepared,
    plan: RollingPlan,
    events: pd.DataFrame,
    most: Reached | None = None,
) -> tuple[str, ...]:
    """Return what a reader of the results should know, of a finished replication.

    ``most`` is what everything that its plan was offered would reach.
    """
    notes = [str(notice) for notice in loaded.notices]
    notes.extend(prepared.standing.notices.values())
    notes.extend(prepared.routes.notices)
    notes.extend(_beyond_fibre(prepared))
    for name, technology in prepared.scenario.technologies.chosen().items():
        if isinstance(technology, RadioNetwork) and (said := technology.layer().outside_range()):
            notes.append(
                f"Path loss of {name} is used outside its published range: {said} of a site's circle."
            )
    if prepared.scenario.geodata.counties:
        share = share_of_province(prepared.area, prepared.scenario)
        notes.append(f"The counties chosen hold {share:.1%} of the province's residents and of its budget.")
    notes.extend(beyond_crews(prepared, plan))
    notes.extend(out_of_reach(most))
    notes.extend(plan.unkept())
    money = prepared.scenario.money
    worth = present_value_fen(spending(events), money.discount_rate) / 1e11
    notes.append(
        f"Money spent is worth {worth:.3f} bn yuan at the start, at {money.discount_rate:.1%} a year "
        f"(prices of {money.price_year})."
    )
    return tuple(notes)


def _beyond_fibre(prepared: Prepared) -> list[str]:
    """Return how many homes no optics reach over the routes, where there are any."""
    share = prepared.ground.within_reach.get("ftth")
    if share is None:
        return []
    homes = prepared.ground.homes[-1]
    beyond, zones = int(((1.0 - share) * homes).sum()), int(((share < 1.0) & (homes > 0)).sum())
    if beyond == 0:
        return []
    return [f"Fibre does not reach {beyond:,} homes in {zones:,} zone(s): beyond the optical budget."]
