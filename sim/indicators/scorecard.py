"""The verdict on every target."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.indicators.composite import COMPOSITE, composed, members_of
from sim.indicators.measured import Floats, Measured
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
FEN_PER_YUAN = 100
_NO_NUMBERS = {
    "mean": "", "p10": "", "p90": "", "chance_met": "", "margin": "", "shortfall": "", "first_met": "",
    "at_start": False, "binding": "", "cost_to_close_yuan": "",
}  # fmt: skip


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


def verdict(chance: Chances, options: TargetOptions, of: str = "replications") -> tuple[str, str]:
    """Return the verdict on a threshold and what decided it; ``of`` says what the chances are shares of."""
    flips = (chance.low >= options.chance_met) != (chance.high >= options.chance_met)
    if flips:
        side = {0.0: "fails at the threshold", 1.0: "holds at the threshold"}.get(chance.central)
        told = side or f"met in {chance.central:.0%} of {of}"
        return AT_RISK, f"{told} but the verdict turns inside the band of the reading"
    if chance.central >= options.chance_met:
        return MET, "met" if chance.central == 1 else f"met in {chance.central:.0%} of {of}"
    if chance.central >= options.chance_missed:
        return AT_RISK, f"met in {chance.central:.0%} of {of}"
    return MISSED, "missed" if chance.central == 0 else f"met in only {chance.central:.0%} of {of}"


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


@dataclass(frozen=True, slots=True)
class Held:
    """What held a target that is not met, and what closing it would cost."""

    binding: str
    """One of ``sim.tables.results.BINDINGS``, or empty where it is not known."""
    cost_fen: int | None
    """Money that would close it beside the run; none where no money is known to [fen]."""
    why: str = ""
    """What the two mean, where that needs words."""


Closing = Callable[[Target, float], Held]
"""Tells what held a target by the gap that is left to it, in its own unit (above 0)."""


@dataclass(frozen=True, eq=False)
class Judge:
    """What every target is judged with."""

    measured: Measured
    horizon: Horizon
    options: TargetOptions
    targets: Mapping[str, Target]
    closing: Closing | None = None

    def values(self, target: Target) -> tuple[Floats, Floats, str] | None:
        """Return values over replications and over draws with a remark; ``None`` where there are none."""
        if target.indicator == COMPOSITE:
            found = composed(target, self.targets, self.measured, holds)
            if found is None:
                return None
            values, left = found
            return values, values, f"without {', '.join(left)}, not judged" if left else ""
        pair = target.indicator, target.breakdown
        known, drawn = self.measured.series(*pair), self.measured.spread(*pair)
        return None if known is None or drawn is None else (known, drawn, "")

    def due(self, target: Target) -> int:
        """Return the month in which a target is due, counted from the start."""
        return self.horizon.index(target.due_month)

    def held(self, target: Target, values: Floats, spread: Floats) -> Held | None:
        """Return what held a target that is not met: what is missing of its strictest reading, and of chance.

        ``values`` and ``spread`` are those of the due month.
        """
        if self.closing is None or target.wanted is None:
            return None
        if target.indicator == COMPOSITE:
            return self._held_members(target)
        sign = -1.0 if target.comparator == "<=" else 1.0
        strict = target.band[0] if sign < 0 else target.band[1]
        safe = float(np.quantile(sign * spread, 1.0 - self.options.chance_met))
        gap = max(sign * (strict - float(values.mean())), sign * target.wanted - safe)
        return self.closing(target, gap)

    def _held_members(self, target: Target) -> Held | None:
        """Return what held the first missed of the targets that one is made of, and the sum of their costs.

        Targets that share works cost less together, so that the sum is the most it may take.
        """
        found = []
        for name in members_of(target):
            one = self.targets.get(name)
            known = None if one is None or one.wanted is None else self.values(one)
            if one is None or known is None or not one.indicator:
                continue
            due = self.due(target)
            values, spread = known[0][:, due], known[1][:, due]
            if chances(spread, one).central < self.options.chance_met:
                found.append(self.held(one, values, spread))
        held = [one for one in found if one is not None]
        if not held:
            return None
        costs = [one.cost_fen for one in held if one.cost_fen is not None]
        whole = sum(costs) if len(costs) == len(held) else None
        return Held(held[0].binding, whole, "the targets it is made of, each closed for itself")


def _first_met(good: NDArray[np.bool_], options: TargetOptions, horizon: Horizon) -> str:
    """Return the first month in which enough replications or draws meet the target, of shape (D, M)."""
    enough = np.flatnonzero(good.mean(axis=0) >= options.chance_met)
    return horizon.label(int(enough[0])) if len(enough) else ""


def _judge_threshold(target: Target, values: Floats, spread: Floats, judge: Judge) -> dict[str, Any]:
    """Return the cells of a target with a threshold, of values of shape (R, M) and draws of shape (D, M)."""
    due, options = judge.due(target), judge.options
    wanted = float(target.wanted if target.wanted is not None else np.nan)
    final, drawn = values[:, due], spread[:, due]
    good = holds(values if np.isnan(spread).any() else spread, target.comparator, wanted)
    chance = chances(drawn, target)
    outcome, why = verdict(chance, options, _rows(values, spread))
    mean = float(final.mean())
    margin = wanted - mean if target.comparator == "<=" else mean - wanted
    held = judge.held(target, final, drawn) if outcome in (AT_RISK, MISSED) else None
    return {
        **_spread(final, drawn),
        "chance_met": number(chance.central),
        "margin": number(margin),
        "shortfall": shortfall(target, -margin, judge.measured, due),
        "first_met": _first_met(good, options, judge.horizon),
        "at_start": bool(good[:, 0].mean() >= options.chance_met),
        "binding": "" if held is None else held.binding,
        "cost_to_close_yuan": "" if held is None or held.cost_fen is None else _yuan(held.cost_fen),
        "verdict": outcome,
        "reason": "; ".join(filter(None, (why, "" if held is None else held.why))),
    }


def _rows(values: Floats, spread: Floats) -> str:
    """Return what chances are shares of."""
    return "replications" if spread is values else "draws"


def _yuan(fen: int) -> str:
    """Return an amount in whole yuan."""
    return str(round(fen / FEN_PER_YUAN))


def _spread(final: Floats, drawn: Floats) -> dict[str, str]:
    p10, p90 = np.quantile(drawn, (0.1, 0.9))
    return {"mean": number(float(final.mean())), "p10": number(float(p10)), "p90": number(float(p90))}


def _judge_trend(target: Target, values: Floats, spread: Floats, judge: Judge) -> dict[str, Any]:
    """Return the cells of a target that wants a direction: checked year on year and month on month."""
    due = judge.due(target)
    sign = 1.0 if target.comparator == "increase" else -1.0
    way = "rises" if sign > 0 else "falls"
    years = np.unique([*range(due, -1, -_YEAR), 0])
    drawn = values if np.isnan(spread[:, : due + 1]).any() else spread
    yearly = (
        (sign * np.diff(drawn[:, years], axis=1) > 0).all(axis=1) if len(years) > 1 else np.array([False])
    )
    # a month may stand still, but must not go back by more than the rounding
    monthly = (sign * np.diff(drawn[:, : due + 1], axis=1) >= -1e-9).all(axis=1)
    path = " -> ".join(number(float(v)) for v in values[:, years].mean(axis=0))
    found = f"{way} from year to year in {yearly.mean():.0%} of {_rows(values, drawn)}: {path}"
    if not monthly.all():
        found += "; some months go back"
    return {
        **_NO_NUMBERS,
        **_spread(values[:, due], spread[:, due]),
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


def _judge(target: Target, judge: Judge) -> dict[str, Any]:
    """Return the cells of one target that depend on the run."""
    reason = target.not_judged or _outside(target, judge.horizon)
    if reason:
        return _not_judged(reason)
    found, due = judge.values(target), judge.due(target)
    if found is None or np.isnan(found[0][:, due]).any():
        return _not_judged(f"the area has nothing that {target.indicator} ({target.breakdown}) could measure")
    values, spread, remark = found
    if np.isnan(spread[:, due]).any():
        spread = values
    if target.comparator in THRESHOLDS:
        cells = _judge_threshold(target, values, spread, judge)
    elif target.comparator in TRENDS:
        cells = _judge_trend(target, values, spread, judge)
    else:
        drawn = _spread(values[:, due], spread[:, due])
        cells = {**_NO_NUMBERS, **drawn, "verdict": TREND, "reason": "reported only"}
    remarks = [cells["reason"], remark, target.reading, _MIRROR if target.of_nation else ""]
    return {**cells, "reason": "; ".join(filter(None, remarks))}


def definition_of(target: Target) -> str:
    """Return what the indicator of a target measures, empty where none judges it."""
    indicator = REGISTRY.get(target.indicator)
    return "" if indicator is None else indicator.description


def score_targets(
    indicators: pd.DataFrame,
    targets: Sequence[Target],
    horizon: Horizon,
    options: TargetOptions,
    draws: pd.DataFrame | None = None,
    closing: Closing | None = None,
) -> pd.DataFrame:
    """Return the scorecard of targets, in their order, from the indicators of all replications.

    ``draws`` (contract ``INDICATORS``, ``replication`` numbers the draw) give the range and the chance of
    the pairs of indicator and breakdown that they hold. ``closing`` tells of targets that are missed or at
    risk what held them and what closing them costs; without it these cells are empty.
    """
    measured = Measured(indicators, horizon.months, draws)
    judge = Judge(measured, horizon, options, {target.target_id: target for target in targets}, closing)
    rows = [
        {
            "target_id": target.target_id,
            "statement": target.statement,
            "indicator": target.indicator,
            "breakdown": target.breakdown,
            "definition": definition_of(target),
            "comparator": target.comparator,
            "wanted": "" if target.wanted is None else number(target.wanted),
            "unit": target.unit,
            "due_month": target.due_month,
            **_judge(target, judge),
            "document": target.document,
            "clause": target.clause,
            "interpreted": target.interpreted != "no",
            "counts": ";".join(target.counts),
        }
        for target in targets
    ]
    return SCORECARD.frame(**{name: [row[name] for row in rows] for name in SCORECARD.names})
