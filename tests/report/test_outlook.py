"""Tests of goals on the economy: shown apart, in units that read well, none dropped."""

import pandas as pd
import pytest

from sim.report.document import write_report
from sim.report.outlook import outlooks
from sim.store import save_run
from sim.tables.economy import ECONOMY
from tests.tiny import make_run


@pytest.fixture
def economy():
    row = dict.fromkeys(ECONOMY.names, "") | {
        "target_id": "E-1", "statement": "More is bought.", "quantity": "information_consumption",
        "comparator": ">", "wanted": "700", "unit": "100 million yuan", "due_month": "2015-12",
        "baseline": "400", "baseline_month": "2012-12", "growth": "1.9328", "projected": "773.1",
        "low": "650", "high": "900", "outlook": "open", "reason": "by users", "document": "Opinions",
        "clause": "II(3)",
    }  # fmt: skip
    rate = row | {"target_id": "E-2", "wanted": "15", "unit": "%/yr", "baseline": "", "projected": "18.3232",
                  "low": "18.3232", "high": "18.3232"}  # fmt: skip
    other = row | {"target_id": "E-3", "unit": "enterprises", "wanted": "100", "baseline": "", "growth": "",
                   "projected": "", "low": "", "high": "", "outlook": "not modelled"}  # fmt: skip
    rows = [row, rate, other]
    return ECONOMY.frame(**{name: [row[name] for row in rows] for name in ECONOMY.names})


def test_amounts_read_as_a_reader_wants_them(economy):
    told, untold = outlooks(economy)
    assert [row["target_id"] for row in told] == ["E-1", "E-2"]
    assert [row["target_id"] for row in untold] == ["E-3"]
    first, rate = told
    assert (first["wanted"], first["baseline"], first["projected"]) == (
        "70 billion yuan", "40 billion yuan", "77.31 billion yuan",
    )  # fmt: skip
    assert first["spread"] == "65 billion yuan to 90 billion yuan"
    assert first["growth"] == "×1.93"
    assert (rate["projected"], rate["spread"], rate["baseline"]) == ("18.32 % a year", "", "")
    assert untold[0]["wanted"] == "100 enterprises"


def test_a_run_without_goals_has_none(economy):
    assert outlooks(ECONOMY.empty()) == ([], [])
    assert outlooks(pd.DataFrame(columns=ECONOMY.names, dtype="str")) == ([], [])


def test_they_stand_apart_from_the_verdicts(economy, tmp_path):
    run = make_run(economy=economy)
    save_run(run, tmp_path / "run", lambda work: write_report(run, work))
    text = (tmp_path / "run" / "report.html").read_text()
    verdicts, _, rest = text.partition('<section id="economy">')
    assert "E-1" not in verdicts
    assert all(name in rest for name in ("E-1", "E-2", "E-3", "no verdicts"))
