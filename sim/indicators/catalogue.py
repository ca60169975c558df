"""What every indicator is, as plain facts for people and programs, with the targets that it judges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sim.indicators.base import Indicator
from sim.indicators.registry import REGISTRY
from sim.indicators.targets import Target


def judged_by(targets: Sequence[Target]) -> dict[str, list[Target]]:
    """Return the targets that each indicator judges, by its name, in their order."""
    found: dict[str, list[Target]] = {name: [] for name in REGISTRY}
    for target in targets:
        if target.indicator in found:
            found[target.indicator].append(target)
    return found


def facts_of(indicator: Indicator, targets: Sequence[Target] = ()) -> dict[str, Any]:
    """Return what an indicator is, in values that JSON knows."""
    need: Mapping[str, Any] | None = None
    if indicator.need is not None:
        need = {"use": indicator.need[0], "mbps": indicator.need[1]}
    return {
        "name": indicator.name,
        "unit": indicator.unit,
        "definition": indicator.definition,
        "breakdowns": list(indicator.breakdowns),
        "technologies": list(indicator.counts),
        "share_of": indicator.of or None,
        "need": need,
        "targets": [
            {
                "target_id": target.target_id,
                "breakdown": target.breakdown,
                "comparator": target.comparator,
                "wanted": target.wanted,
                "due_month": target.due_month,
                "document": target.document,
                "clause": target.clause,
                "reading": target.reading,
            }
            for target in targets
        ],
    }
