from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
from rich.console import Console

from sim.clock import Horizon
from sim.report.summary import summary


def row(name, verdict, mean="", *, at_start=False):
    return {
        "target_id": name, "statement": f"[b]{name}[/b] is wanted", "comparator": ">=", "wanted": "0.5",
        "due_month": "2015-12", "mean": mean, "first_met": "", "at_start": at_start, "verdict": verdict,
    }  # fmt: skip


def printed():
    funds = {
        "pot": "all",
        "released_fen": 250_000_000_000,
        "price_of_all_candidates_fen": 10**12,
        "note": "binds",
    }
    rows = [
        row("T-1", "met", "0.61234567", at_start=True),
        row("T-2", "missed", "0.25"),
        row("T-3", "not judged"),
        row("T-4", "not judged"),
    ]
    run = SimpleNamespace(
        title="A title",
        horizon=Horizon("2014-01", "2015-12"),
        notes=("x.yaml:3: budget.scale: " + "long " * 40,),
        scorecard=pd.DataFrame(rows),
        funding=[funds],
    )
    console = Console(width=140, record=True, file=io.StringIO())
    console.print(summary(run, Path("reports/a")))
    return console.export_text()


def test_the_scorecard_shows_what_was_judged_and_counts_the_rest():
    text = printed()
    assert "A title (2014-01 to 2015-12)" in text
    assert "[b]T-1[/b] is wanted" in text
    assert "0.612346" in text
    assert "at start" in text
    assert "T-3" not in text
    assert "targets: 1 met, 1 missed, 2 not judged" in text


def test_funds_stand_beside_the_price_of_everything():
    lines = printed().splitlines()
    head = next(number for number, line in enumerate(lines) if line.startswith("pot"))
    assert lines[head].split() == ["pot", "released", "price", "of", "all", "candidates", "note"]
    assert lines[head + 1].split() == ["all", "2.500", "10.000", "binds"]
    assert lines[-1] == f"report: {Path('reports/a/report.html')}"
