"""The tables that docs/backtest.py writes into the page on validation."""

import importlib.util
import sys

import numpy as np
import pytest

from tests.backtest.tables import saved
from tests.conftest import ROOT
from tests.tiny import MONTHS

USERS, RAMP = "users_lte", np.arange(MONTHS, dtype=float)


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("docs_backtest", ROOT / "docs" / "backtest.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    sys.modules.pop("docs_backtest", None)


@pytest.fixture(scope="module")
def nation(tmp_path_factory):
    pairs = [(USERS, "all", "users"), (USERS, "Ningxia", "users")]
    series = dict.fromkeys(pairs, 100000000.0 + 10000000.0 * RAMP)
    drawn = {pair: [5e7 + 1e7 * RAMP, 5e8 + 1e7 * RAMP] for pair in pairs}
    return saved(tmp_path_factory.mktemp("nation"), series, drawn, province="China").folder


@pytest.fixture(scope="module")
def province(tmp_path_factory):
    series = {("ftth_share_of_fixed_subscribers", "all", "share"): RAMP / 100}
    return saved(tmp_path_factory.mktemp("province"), series, province="Yunnan").folder


def test_tables_tell_the_nation_its_parts_and_provinces_beside_it(script, nation, province):
    text = script.section([nation, province], costs=False)
    assert "| mobile 4g subscribers, 10k subs | forecast |" in text
    assert "| Ningxia | mobile 4g subscribers, 10k subs | 2015-12 |" in text
    assert "1 forecasts of provinces and regions" in text
    # 50 % of the nation at the end of 2015 beside 23 % of the run
    assert "| share ftth o of fixed broadband, % | 2015-12 | China 50 | 23 |" in text
    assert "228" in text  # 2.03 bn yuan for 8,900 villages of Guizhou, in thousand yuan each
    assert script.section([nation, province], costs=False) == text


def test_only_what_stands_between_the_marks_is_replaced(script, nation, tmp_path, monkeypatch, capsys):
    page = tmp_path / "validation.md"
    page.write_text(f"before\n{script.BEGIN}\nold\n{script.END}\nafter\n")
    monkeypatch.setattr(script, "PAGE", page)
    monkeypatch.setattr(sys, "argv", ["backtest.py", str(nation)])
    script.main()
    text = page.read_text()
    assert text.startswith(f"before\n{script.BEGIN}\n\n### The nation")
    assert text.endswith(f"{script.END}\nafter\n")
    assert "old" not in text.split()
    script.main()
    assert page.read_text() == text
    assert "wrote" in capsys.readouterr().out


def test_a_page_without_marks_is_left_alone(script, nation, tmp_path, monkeypatch):
    page = tmp_path / "validation.md"
    page.write_text("by hand\n")
    monkeypatch.setattr(script, "PAGE", page)
    monkeypatch.setattr(sys, "argv", ["backtest.py", str(nation)])
    with pytest.raises(SystemExit, match="lacks the marks"):
        script.main()
    assert page.read_text() == "by hand\n"


def test_the_page_has_the_marks(script):
    text = script.PAGE.read_text(encoding="utf-8")
    assert text.count(script.BEGIN) == text.count(script.END) == 1
    assert text.index(script.BEGIN) < text.index(script.END)
