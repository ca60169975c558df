"""A run of the nation: fit, forecast, spread over the provinces, judge."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim import files
from sim.clock import Horizon
from sim.files import sha256
from sim.indicators.history import read_history
from sim.indicators.options import TargetOptions
from sim.indicators.scorecard import score_targets
from sim.indicators.targets import read_targets, targets_of_nation
from sim.nation.errors import error_rows
from sim.nation.forms import form_rows
from sim.nation.indicators import draws_table, indicator_table, national_rows, provincial_rows
from sim.nation.national import Fitted, Nation
from sim.nation.observed import Observed
from sim.nation.provinces import read_provinces
from sim.nation.provincial import Parts
from sim.store import refuse_foreign, seal
from sim.tables.scorecard_file import json_row

if TYPE_CHECKING:
    from sim.indicators.targets import Target
    from sim.scenario.nation import LoadedNation, NationScenario

Progress = Callable[[str, float], None]
_NOT_FORECAST = (
    "Nothing is said of 5G, of NB-IoT and other things, of nodes that speak IPv6, and of fibre and 4G in "
    "villages: no count of the nation up to the month that is fitted stands in the observations.",
    "Fixed lines jump where the count changes; the jump is a change of definition and is not smoothed over.",
    "Sites of 4G and international links go on at the rate between single counts and have no interval.",
)


@dataclass(frozen=True, eq=False)
class NationRun:
    """Everything one run of the nation left behind."""

    loaded: LoadedNation
    indicators: pd.DataFrame
    """Contract ``INDICATORS``: breakdown ``all`` is the nation, else a province or a region."""
    draws: pd.DataFrame
    """The same of each draw, its number in ``replication``."""
    scorecard: pd.DataFrame
    fits: tuple[Fitted, ...]
    errors: list[dict[str, Any]]
    """Errors of model and naive forecasts, of what was fitted and of what was forecast."""
    forms: list[dict[str, Any]]
    """Errors of neighbouring forms."""
    timings: dict[str, float] = field(default_factory=dict)

    @property
    def scenario(self) -> NationScenario:
        """The scenario that was run."""
        return self.loaded.scenario

    @property
    def horizon(self) -> Horizon:
        """The months of the run."""
        return self.scenario.clock

    def facts(self) -> dict[str, Any]:
        """Return what is no table, as it is written to ``run.json``."""
        scenario = self.scenario
        return {
            **{key: getattr(scenario, key) for key in ("name", "title", "question", "province", "seed")},
            "model": scenario.model,
            "variant": self.loaded.variant,
            "fitted_until": scenario.nation.fitted_until,
            "horizon": {key: getattr(self.horizon, key) for key in ("first", "last", "months")},
            "sources": scenario.sources,
            "price_year": str(scenario.money.price_year),
            "inputs": _digests(self.loaded),
            "scenario": self.loaded.resolved,
            "replications": 1,
            "draws": scenario.nation.draws,
            "technologies": [],
            "fits": [fit_facts(one) for one in self.fits],
            "errors": self.errors,
            "forms": self.forms,
            "parameters": [
                vars(row) | {"assumption": row.is_assumption} for row in self.loaded.parameters_used
            ],
            "policy_inputs": list(scenario.policy_inputs),
            "notes": list(_NOT_FORECAST),
        }


def fit_facts(one: Fitted) -> dict[str, Any]:
    """Return a fit as plain values: parameters with their standard errors, and what it was fitted to."""
    fit = one.fit
    errors = fit.standard_errors
    points = fit.points.points
    return {
        "quantity": one.name,
        "unit": one.unit,
        "curve": fit.curve.name,
        "about": one.about,
        "parameters": [
            {"name": name, "value": value, "standard_error": errors.get(name), "held": name not in errors}
            for name, value in fit.values.items()  # noqa: PD011 - a mapping, no frame
        ],
        "ceiling_low": one.ceiling.low if one.ceiling else None,
        "ceiling_high": one.ceiling.high if one.ceiling else None,
        "points": [
            {"month": p.month, "value": p.value, "mbps": p.rate or None, "known_from": p.known_from}
            for p in points
        ],
        "rmse": fit.rmse,
    }


def simulate_nation(loaded: LoadedNation, on_progress: Progress | None = None) -> NationRun:
    """Return the run of a scenario of the nation; ``DataError`` for mistakes of its tables.

    Observations after ``nation.fitted_until`` are read for the errors alone, when all is forecast.
    """
    scenario, start = loaded.scenario, time.perf_counter()
    tell = on_progress or (lambda _name, _done: None)
    tell("fit", 0.0)
    rows = read_history(Path(scenario.nation.history))
    nation = Nation(scenario, Observed.until(rows, scenario.nation.fitted_until))
    said = list(national_rows(nation))
    tell("provinces", 0.2)
    said += provincial_rows(Parts(nation, read_provinces(Path(scenario.nation.provinces))))
    tell("indicators", 0.5)
    indicators, draws = indicator_table(said), draws_table(said)
    tell("scorecard", 0.8)
    scorecard = score_targets(indicators, _targets(scenario), scenario.clock, _rules(scenario), draws, None)
    errors = error_rows(nation, rows, scenario.nation.fitted_until)
    forms = form_rows(nation, rows, scenario.nation.fitted_until)
    fits = tuple(nation.fits[name] for name in sorted(nation.fits))
    seconds = {"all": time.perf_counter() - start}
    return NationRun(loaded, indicators, draws, scorecard, fits, errors, forms, seconds)


def _targets(scenario: NationScenario) -> tuple[Target, ...]:
    options = scenario.targets
    return targets_of_nation(read_targets(Path(options.table)), options.leave_out, options.judged_by)


def _rules(scenario: NationScenario) -> TargetOptions:
    """Return the rules of a verdict; those of measuring cover do not concern totals and are not set."""
    options = scenario.targets
    rules: dict[str, Any] = {"chance_met": options.chance_met, "chance_missed": options.chance_missed}
    return TargetOptions.model_construct(**rules)


def _digests(loaded: LoadedNation) -> dict[str, str]:
    return {name: sha256(path) for name, path in loaded.inputs.items()}


def save_nation(run: NationRun, folder: Path, extras: Callable[[Path], None] | None = None) -> None:
    """Write the folder of a run, all of it or nothing; ``extras`` may add figures and the report.

    Raises ``StoreError`` where the folder holds something that is no run, or cannot be written.
    """
    refuse_foreign(folder)
    facts = run.facts()
    with files.new_folder(folder) as work:
        files.write_json(work / "run.json", facts)
        files.write_text(work / "scenario.resolved.yaml", run.loaded.resolved_yaml)
        files.write_parquet(work / "indicators.parquet", run.indicators)
        files.write_parquet(work / "draws.parquet", run.draws)
        card = run.scorecard
        files.write_csv(work / "scorecard.csv", card.columns.tolist(), card.to_numpy(object).tolist())
        files.write_json(work / "scorecard.json", [json_row(row) for row in card.to_dict("records")])
        if extras is not None:
            extras(work)
        files.write_json(work / "timings.json", {"seconds": run.timings})
        keys = ("seed", "variant", "inputs")
        seal(work, {"scenario": run.scenario.name} | {key: facts[key] for key in keys})
