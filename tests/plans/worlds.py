"""Made-up areas opened to be planned, kept for the session."""

from functools import cache

import pytest

from sim.plans.plan import Opened, Plan, open_scenario, plan_opened
from tests import world


@cache
def opened(*overrides: tuple[str, str], **region) -> Opened:
    """Return a made-up area with the one question of its horizon."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ROLLOUT_CACHE", world._KEPT.name)
        return open_scenario(world.load(*overrides, **region))


@cache
def plan(*overrides: tuple[str, str], **region) -> Plan:
    """Return the plan of a made-up area."""
    return plan_opened(opened(*overrides, **region))
