"""What a run consists of, and the one way to save and open its folder.

A run folder is written beside its final place and moved there whole, ``DONE`` last: a folder that
lacks ``DONE`` is unfinished. Its tables are the same bytes whenever scenario, data, version and
machine are the same; only ``timings.json`` tells of the clock.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim import files
from sim.clock import Horizon
from sim.errors import DataError, StoreError
from sim.parameters import Parameter
from sim.tables.decisions import RELEASES
from sim.tables.economy import ECONOMY
from sim.tables.finance import FINANCE
from sim.tables.ledger import ASSET_LEDGER
from sim.tables.results import DELAYS, INDICATORS
from sim.tables.scorecard_file import json_row, read_economy, read_scorecard
from sim.tables.state_file import state_bytes
from sim.version import __version__

if TYPE_CHECKING:
    from sim.access.routes import Routes
    from sim.geo.area import Area
    from sim.radio.months import RadioResult
    from sim.tables.results import MonthlyState

TABLES = (
    "events", "decisions", "releases", "state", "radio", "cells", "indicators", "spending", "finance",
    "delays", "zones", "draws",
)  # fmt: skip
"""The Parquet files of a run folder."""
ZONE_COLUMNS = [
    "zone_id", "name", "county", "prefecture", "kind", "homes_2020", "population_2020", "x_m", "y_m",
]  # fmt: skip
RASTERS = "rasters"
"""Folder of the maps of the radio networks."""
UNSEALED = ("manifest.json", "timings.json", "scorecard-junit.xml", "DONE")


def _no_radio() -> RadioResult:
    """Return what a run without radio networks has."""
    from sim.radio.months import RadioResult

    return RadioResult.nothing()


@dataclass(frozen=True, eq=False)
class Run:
    """Everything one execution of a scenario left behind."""

    name: str
    title: str
    question: str
    variant: str
    province: str
    seed: int
    horizon: Horizon
    resolved: Mapping[str, Any]
    """The scenario with every default and override in its place."""
    resolved_yaml: str
    """The same as text, with the origin of each value."""
    inputs: Mapping[str, str]
    """SHA-256 of every input by name."""
    area: Area
    events: pd.DataFrame
    decisions: pd.DataFrame
    candidates: pd.DataFrame
    """What could be built at the first release."""
    states: tuple[MonthlyState, ...]
    """One a replication."""
    indicators: pd.DataFrame
    spending: pd.DataFrame
    scorecard: pd.DataFrame
    funding: list[dict[str, Any]]
    """By pot: ``released_fen`` against ``price_of_all_candidates_fen``, and what else the study says."""
    parameters_used: list[Parameter]
    radio: RadioResult = field(default_factory=_no_radio)
    """The radio networks of replication 0, month by month."""
    assets: pd.DataFrame = field(default_factory=ASSET_LEDGER.empty)
    """Shared things bought in replication 0, and who uses them (contract ``ASSET_LEDGER``)."""
    finance: pd.DataFrame = field(default_factory=FINANCE.empty)
    """What each zone costs and earns in replication 0 (contract ``FINANCE``)."""
    draws: pd.DataFrame = field(default_factory=INDICATORS.empty)
    """What indicators of demand would be with parameters drawn from their ranges: the contract
    ``INDICATORS``, where ``replication`` is the number of the draw; may be empty."""
    drawn: Mapping[str, Any] = field(default_factory=dict)
    """Which parameters were drawn and how, as it is written to ``run.json``."""
    routes: Routes | None = None
    """Feeder routes of the area."""
    releases: pd.DataFrame = field(default_factory=RELEASES.empty)
    """How good the choice of every release was, and what more money would buy (contract ``RELEASES``)."""
    delays: pd.DataFrame = field(default_factory=DELAYS.empty)
    """How long every project took, and what held it up (contract ``DELAYS``)."""
    economy: pd.DataFrame = field(default_factory=ECONOMY.empty)
    """Goals on the economy, projected from take-up: indicative (contract ``ECONOMY``)."""
    policy_inputs: tuple[str, ...] = ()
    """Outcome rows known only after the start, declared as inputs."""
    notes: tuple[str, ...] = ()
    invariants: tuple[str, ...] = ()
    """What was checked on this run, in words."""
    timings: Mapping[str, float] | None = None
    """Seconds by stage."""
    peak_memory_mb: float = 0.0

    def facts(self) -> dict[str, Any]:
        """Return what is no table, as it is written to ``run.json``."""
        zones = self.area.zones
        return {
            **{
                key: getattr(self, key)
                for key in ("name", "title", "question", "variant", "province", "seed")
            },
            "horizon": {key: getattr(self.horizon, key) for key in ("first", "last", "months")},
            "sources": str(self.resolved.get("sources", "")),
            "price_year": str((self.resolved.get("money") or {}).get("price_year", "")),
            "inputs": dict(self.inputs),
            "scenario": json.loads(json.dumps(self.resolved, default=str)),
            "replications": len(self.states),
            "technologies": list(self.states[0].technologies),
            "area": {
                "name": self.area.name,
                "crs": str(self.area.crs),
                "counties": len(self.area.counties),
                "zones": len(zones),
                "points": len(self.area.points),
                "population_2010": int(zones["population_2010"].sum()),
                "population_2020": int(zones["population_2020"].sum()),
                "homes_2010": int(zones["homes_2010"].sum()),
                "homes_2020": int(zones["homes_2020"].sum()),
            },
            "layers": [asdict(layer) for layer in self.area.layers],
            "candidates": _candidates(self.candidates),
            "funding": [dict(row) for row in self.funding],
            "parameters": [asdict(row) | {"assumption": row.is_assumption} for row in self.parameters_used],
            "policy_inputs": list(self.policy_inputs),
            "drawn": dict(self.drawn),
            "notes": list(self.notes),
            "invariants": list(self.invariants),
        }


def _candidates(candidates: pd.DataFrame) -> list[dict[str, Any]]:
    """Count and price what could be built, by technology."""
    prices = [name for name in candidates.columns if name.endswith("_fen")]
    return [
        {"technology": str(technology), "candidates": len(part)}
        | {name: int(part[name].sum()) for name in prices}
        for technology, part in candidates.groupby("technology", sort=True)
    ]


def save_run(run: Run, folder: Path, extras: Callable[[Path], None] | None = None) -> None:
    """Write a run folder, all of it or nothing.

    ``extras`` may add files (figures, the report) to the unfinished folder that it is given; the
    tables and ``run.json`` already stand there.

    Raises ``StoreError`` where the folder holds something that is no run, or cannot be written.
    """
    refuse_foreign(folder)
    with files.new_folder(folder) as work:
        _write_tables(run, work)
        start = time.perf_counter()
        if extras is not None:
            extras(work)
        seconds = {**(run.timings or {}), "report": time.perf_counter() - start}
        files.write_json(work / "timings.json", {"seconds": seconds, "peak_memory_mb": run.peak_memory_mb})
        seal(
            work, {"seed": run.seed, "scenario": run.name, "variant": run.variant, "inputs": dict(run.inputs)}
        )


def refuse_foreign(folder: Path) -> None:
    """Keep a mistyped folder from being replaced by a run."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise StoreError(f"{folder} is a file; name a folder for the run")
    ours = (folder / "manifest.json").is_file() and (folder / "run.json").is_file()
    if not ours and any(folder.iterdir()):
        raise StoreError(f"{folder} holds files that are no run; name a new or an empty folder")


def _write_tables(run: Run, work: Path) -> None:
    files.write_json(work / "run.json", run.facts())
    files.write_text(work / "scenario.resolved.yaml", run.resolved_yaml)
    frames = {
        "events": run.events,
        "decisions": run.decisions,
        "radio": run.radio.radio,
        "cells": run.radio.cells,
        "indicators": run.indicators,
        "spending": run.spending,
        "finance": run.finance,
        "delays": run.delays,
        "releases": run.releases,
        "draws": run.draws,
        "zones": run.area.zones[ZONE_COLUMNS],
    }
    for name, frame in frames.items():
        files.write_parquet(work / f"{name}.parquet", frame)
    run.radio.save_maps(work / RASTERS, str(run.area.crs))
    files.write_bytes(work / "state.parquet", state_bytes(run.states, run.area.zones))
    tables = {"scorecard": run.scorecard, "assets": run.assets, "economy": run.economy}
    for name, table in tables.items():
        files.write_csv(work / f"{name}.csv", table.columns.tolist(), table.to_numpy(object).tolist())
    files.write_json(work / "scorecard.json", [json_row(row) for row in run.scorecard.to_dict("records")])


def seal(work: Path, head: Mapping[str, Any]) -> None:
    """Write the manifest over everything in the folder, then ``DONE``."""
    outputs = {
        path.relative_to(work).as_posix(): files.sha256(path)
        for path in sorted(work.rglob("*"))
        if path.is_file() and path.name not in UNSEALED
    }
    files.write_json(
        work / "manifest.json", {"version": __version__, "commit": _commit(), **head, "outputs": outputs}
    )
    files.write_text(work / "DONE", files.sha256(work / "manifest.json") + "\n")


def _commit() -> str:
    """Return the commit of the checkout this package runs from; empty where it is none."""
    own = Path(__file__).resolve()
    try:
        answer = subprocess.run(  # noqa: S603 - fixed words, no shell
            ["git", "-C", str(own.parent), "rev-parse", "HEAD", "--show-toplevel"],  # noqa: S607 - git is where the PATH says
            capture_output=True, text=True, timeout=5, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return ""
    commit, top = answer.stdout.split("\n")[:2]
    source = Path(top) / "sim" / own.name
    return commit if source.is_file() and files.sha256(source) == files.sha256(own) else ""


def _table(name: str) -> cached_property[pd.DataFrame]:
    """Make a property that reads one table when first asked for."""

    def read(run: SavedRun) -> pd.DataFrame:
        frame: pd.DataFrame = files.read_parquet(run.folder / f"{name}.parquet")
        return frame

    return cached_property(read)


@dataclass(frozen=True, eq=False)
class SavedRun:
    """A finished (or just being written) run folder; its tables are read when first asked for."""

    folder: Path

    @cached_property
    def facts(self) -> dict[str, Any]:
        """What is no table."""
        return self._json("run.json")

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """Version, commit, seed and the SHA-256 of inputs and outputs."""
        return self._json("manifest.json")

    @cached_property
    def horizon(self) -> Horizon:
        """The months of the run."""
        return Horizon(self.facts["horizon"]["first"], self.facts["horizon"]["last"])

    @cached_property
    def scorecard(self) -> pd.DataFrame:
        """The verdicts; every column but the two of bool is text."""
        return read_scorecard(self.folder / "scorecard.csv")

    events = _table("events")
    decisions = _table("decisions")
    state = _table("state")
    radio = _table("radio")
    cells = _table("cells")
    indicators = _table("indicators")
    spending = _table("spending")
    finance = _table("finance")
    delays = _table("delays")
    releases = _table("releases")
    zones = _table("zones")

    @cached_property
    def draws(self) -> pd.DataFrame:
        """What draws of the parameters give; empty where the run made none."""
        path = self.folder / "draws.parquet"
        frame: pd.DataFrame = files.read_parquet(path) if path.is_file() else INDICATORS.empty()
        return frame

    @cached_property
    def economy(self) -> pd.DataFrame:
        """Goals on the economy, every column text; empty where the run projected none."""
        return read_economy(self.folder / "economy.csv")

    def _json(self, name: str) -> dict[str, Any]:
        try:
            return dict(json.loads(files.read_text(self.folder / name)))
        except (DataError, ValueError) as error:
            raise StoreError(
                f"{self.folder / name} cannot be read ({error}); run the scenario again"
            ) from error

    @classmethod
    def of(cls, run: Run, folder: Path) -> SavedRun:
        """Return the folder that a run was just written to; its tables need not be read back."""
        saved = cls(folder)
        vars(saved).update(
            events=run.events, decisions=run.decisions, indicators=run.indicators, spending=run.spending,
            zones=run.area.zones, radio=run.radio.radio, cells=run.radio.cells, delays=run.delays,
            releases=run.releases, draws=run.draws,
        )  # fmt: skip
        return saved

    def damaged(self) -> list[str]:
        """Return the files that are missing or are not what was written."""
        outputs = self.manifest["outputs"].items()
        return [
            name for name, digest in outputs
            if not (self.folder / name).is_file() or files.sha256(self.folder / name) != digest
        ]  # fmt: skip


def open_run(folder: Path) -> SavedRun:
    """Return a finished run folder.

    Raises ``StoreError`` with the cure where the folder is absent, no run, or unfinished.
    """
    if not folder.is_dir():
        raise StoreError(
            f"there is no run folder {folder}; make one with `rollout run SCENARIO --out {folder}`"
        )
    if not (folder / "DONE").is_file():
        raise StoreError(f"{folder} is no finished run (it lacks DONE); run the scenario again")
    return SavedRun(folder)
