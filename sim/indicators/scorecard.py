"""The verdict on every target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.indicators.options import TargetOptions
from sim.indicators.registry import REGISTRY
from sim.indicators.targets import THRESHOLDS, TRENDS, Target
from sim.tables.results import SCORECARD

if TYPE_CHECKING:
    import pandas as pd

    from sim.clock import Horizon

MET, AT_RISK, MISSED, TREND, NOT_JUDGED = "met", "at risk", "missed", "trend", "not judged"
_MIRROR = "the nation's bar applied to this province"
_YEAR = 12
_NO_NUMBERS = {
    "mean": "", "p10": "", "p90": "", "chance_met": "", "margin": "", "shortfall": "", "first_met": "",
    "at_start": False,
}  # fmt: skip


class Measured:
    """The indicators of all replications as arrays of shape (R, M)."""

    def __init__(self, indicators: pd.DataFrame, months: int) -> None:
        self._months = months
        self._replications = np.unique(indicators["replication"].to_numpy())
        keys = ["indicator", "breakdown"]
        self._rows = dict(iter(indicators.groupby(keys, sort=False, observed=True)))

    def series(self, indicator: str, breakdown: str) -> NDArray[np.float64] | None:
        """Return the values, shape (R, M), not-a-number where unmeasured; ``None`` where there are none."""
        rows = self._rows.get((indicator, breakdown))
        if rows is None:
            return None
        values = np.full((len(self._replications), self._months), np.nan)
        at = np.searchsorted(self._replications, rows["replication"].to_numpy())
        values[at, rows["month"].to_numpy()] = rows["value"].to_numpy()
        return values


def number(value: float) -> str:
    """Return a number as the scorecard shows it: six significant digits, never ``-0``."""
    text = f"{value:.6g}"
    return "0" if text == "-0" else text


def holds(values: NDArray[np.float64], comparator: str, threshold: float) -> NDArray[np.bool_]:
    """Return whether values meet a threshold; not-a-number never does."""
    # shares are rounded to nine digits, so equality needs no more than that
    if comparator == ">=":
        return np.asarray(values >= threshold - 1e-9)
    if comparator == ">":
        return np.asarray(values > threshold + 1e-9)
    return np.asarray(values <= threshold + 1e-9)


@dataclass(frozen=True)
class Chances:
    """Shares of replications that meet a target at its threshold and at both edges of its band."""

    central: float
    low: float
    high: float


def chances(values: NDArray[np.float64], target: Target) -> Chances:
    """Return how often values, one for each replication, meet a target."""
    low, high = target.band
    at = (low if target.wanted is None else target.wanted, low, high)
    return Chances(*(float(holds(values, target.comparator, threshold).mean()) for threshold in at))


def verdict(chance: Chances, options: TargetOptions) -> tuple[str, str]:
    """Return the verdict on a threshold and what decided it."""
    flips = (chance.low >= options.chance_met) != (chance.high >= options.chance_met)
    if flips:
        side = "holds at the threshold" if chance.central >= options.chance_met else "fails at the threshold"
        return AT_RISK, f"{side} but the verdict turns inside the band of the reading"
    if chance.central >= options.chance_met:
        return MET, "met" if chance.central == 1 else f"met in {chance.central:.0%} of replications"
    if chance.central >= options.chance_missed:
        return AT_RISK, f"met in {chance.central:.0%} of replications"
    return MISSED, "missed" if chance.central == 0 else f"met in only {chance.central:.0%} of replications"


def shortfall(target: Target, gap: float, measured: Measured, due: int) -> str:
    """Return what is missing in homes, persons, villages or the unit itself, empty where nothing is."""
    indicator = REGISTRY[target.indicator]
    if gap <= 0:
        return ""
    if indicator.of:
        whole = measured.series(indicator.of, target.breakdown)
        if whole is None:
            whole = measured.series(indicator.of, "all")
        if whole is None:
            return ""
        missing = gap / indicator.per * float(np.nanmean(whole[:, due]))
        return f"{np.ceil(missing - 1e-6):.0f} {indicator.of}"
    if target.unit in ("users", "cities", "sites"):
        return f"{np.ceil(gap - 1e-6):.0f} {target.unit}"
    return ""


def _first_met(good: NDArray[np.bool_], options: TargetOptions, horizon: Horizon) -> str:
    """Return the first month in which enough replications meet the target, of shape (R, M)."""
    enough = np.flatnonzero(good.mean(axis=0) >= options.chance_met)
    return horizon.label(int(enough[0])) if len(enough) else ""


def _judge_threshold(
    target: Target, values: NDArray[np.float64], measured: Measured, horizon: Horizon, options: TargetOptions
) -> dict[str, Any]:
    """Return the cells of a target with a threshold, of values of shape (R, M)."""
    due = horizon.index(target.due_month)
    wanted = float(target.wanted if target.wanted is not None else np.nan)
    final, good = values[:, due], holds(values, target.comparator, wanted)
    chance = chances(final, target)
    outcome, why = verdict(chance, options)
    mean = float(final.mean())
    margin = wanted - mean if target.comparator == "<=" else mean - wanted
    return {
        **_spread(final),
        "chance_met": number(chance.central),
        "margin": number(margin),
        "shortfall": shortfall(target, -margin, measured, due),
        "first_met": _first_met(good, options, horizon),
        "at_start": bool(good[:, 0].mean() >= options.chance_met),
        "verdict": outcome,
        "reason": why,
    }


def _spread(final: NDArray[np.float64]) -> dict[str, str]:
    p10, p90 = np.quantile(final, (0.1, 0.9))
    return {"mean": number(float(final.mean())), "p10": number(float(p10)), "p90": number(float(p90))}


def _judge_trend(target: Target, values: NDArray[np.float64], horizon: Horizon) -> dict[str, Any]:
    """Return the cells of a target that wants a direction: checked year on year and month on month."""
    due = horizon.index(target.due_month)
    sign = 1.0 if target.comparator == "increase" else -1.0
    way = "rises" if sign > 0 else "falls"
    years = np.unique([*range(due, -1, -_YEAR), 0])
    yearly = (
        (sign * np.diff(values[:, years], axis=1) > 0).all(axis=1) if len(years) > 1 else np.array([False])
    )
    # a month may stand still, but must not go back by more than the rounding
    monthly = (sign * np.diff(values[:, : due + 1], axis=1) >= -1e-9).all(axis=1)
    path = " -> ".join(number(float(v)) for v in values[:, years].mean(axis=0))
    found = f"{way} from year to year in {yearly.mean():.0%} of replications: {path}"
    if not monthly.all():
        found += "; some months go back"
    return {
        **_NO_NUMBERS,
        **_spread(values[:, due]),
        "chance_met": number(float(yearly.mean())),
        "verdict": TREND,
        "reason": found,
    }


def _not_judged(reason: str) -> dict[str, Any]:
    return {**_NO_NUMBERS, "verdict": NOT_JUDGED, "reason": reason}


def _outside(target: Target, horizon: Horizon) -> str:
    """Return why a due month outside the horizon cannot be judged, empty where it lies inside."""
    due = horizon.index(target.due_month)
    if due < 0:
        return f"due {target.due_month}, before the first month {horizon.first}"
    if due >= horizon.months:
        return f"due {target.due_month}, after the last month {horizon.last}"
    return ""


def _judge(target: Target, measured: Measured, horizon: Horizon, options: TargetOptions) -> dict[str, Any]:
    """Return the cells of one target that depend on the run."""
    reason = target.not_judged or _outside(target, horizon)
    if reason:
        return _not_judged(reason)
    values = measured.series(target.indicator, target.breakdown)
    due = horizon.index(target.due_month)
    if values is None or np.isnan(values[:, due]).any():
        return _not_judged(f"the area has nothing that {target.indicator} ({target.breakdown}) could measure")
    if target.comparator in THRESHOLDS:
        cells = _judge_threshold(target, values, measured, horizon, options)
    elif target.comparator in TRENDS:
        cells = _judge_trend(target, values, horizon)
    else:
        cells = {**_NO_NUMBERS, **_spread(values[:, due]), "verdict": TREND, "reason": "reported only"}
    remarks = [cells["reason"], target.reading, _MIRROR if target.of_nation else ""]
    return {**cells, "reason": "; ".join(filter(None, remarks))}


def score_targets(
    indicators: pd.DataFrame, targets: Sequence[Target], horizon: Horizon, options: TargetOptions
) -> pd.DataFrame:
    """Return the scorecard of targets, in their order, from the indicators of all replications."""
    measured = Measured(indicators, horizon.months)
    rows = [
        {
            "target_id": target.target_id,
            "statement": target.statement,
            "indicator": target.indicator,
            "breakdown": target.breakdown,
            "comparator": target.comparator,
            "wanted": "" if target.wanted is None else number(target.wanted),
            "unit": target.unit,
            "due_month": target.due_month,
            **_judge(target, measured, horizon, options),
            "document": target.document,
            "clause": target.clause,
            "interpreted": target.interpreted != "no",
            "counts": ";".join(target.counts),
        }
        for target in targets
    ]
    return SCORECARD.frame(**{name: [row[name] for row in rows] for name in SCORECARD.names})
