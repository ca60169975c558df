"""Tests of the report page: complete, self-contained, safe, the same bytes each time."""

import html
import json
import re
from html.parser import HTMLParser

import pytest

from sim.errors import StoreError
from sim.report.document import page, write_report
from sim.store import SavedRun, open_run, save_run
from tests.tiny import make_run

EVIL = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7*7 }}",
    "javascript:alert(1)",
    "昆明 $\\frac{$",
]


class Elements(HTMLParser):
    """Collects tags and their attributes."""

    def __init__(self):
        super().__init__()
        self.tags = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def _elements(text):
    parser = Elements()
    parser.feed(text)
    return parser.tags


@pytest.fixture(scope="session")
def text(run_folder):
    return (run_folder / "report.html").read_text()


def test_the_page_asks_nothing_of_the_network(text):
    assert "default-src 'none'" in text
    for tag, attributes in _elements(text):
        assert tag not in ("script", "iframe", "object", "embed", "link", "form", "base"), tag
        assert not [name for name in attributes if name.startswith("on")]
        if "src" in attributes:
            assert attributes["src"].startswith("data:image/png;base64,")
        if tag == "a":
            # places on the page, and the tables beside it in the run folder
            assert re.fullmatch(r"#[a-z-]+|figures/[a-z-]+\.csv", attributes["href"])
    assert "url(" not in text
    assert "@import" not in text


def test_every_link_inside_the_page_leads_somewhere(text):
    tags = _elements(text)
    places = {attributes["id"] for _, attributes in tags if "id" in attributes}
    links = {attributes["href"] for tag, attributes in tags if tag == "a"}
    assert {link[1:] for link in links if link.startswith("#")} <= places


def test_every_table_that_the_page_links_stands_beside_it(text, run_folder):
    links = {attributes["href"] for tag, attributes in _elements(text) if tag == "a"}
    tables = {link for link in links if link.endswith(".csv")}
    assert "figures/indicators.csv" in tables
    assert all((run_folder / link).is_file() for link in tables)


def test_the_page_can_be_read_without_seeing(text):
    tags = _elements(text)
    assert dict(tags)["html"] == {"lang": "en"}
    images = [attributes for tag, attributes in tags if tag == "img"]
    assert len(images) == 7
    assert all(len(attributes["alt"]) > 20 for attributes in images)
    assert all(attributes.get("scope") in ("col", "row") for tag, attributes in tags if tag == "th")
    assert text.count("<caption>") == text.count("<table>")


def test_every_target_stands_on_the_page_with_its_clause(text, tiny_run):
    for row in tiny_run.scorecard.to_dict("records"):
        assert row["target_id"] in text
        assert row["verdict"] in text
    assert text.count("II(4)") == len(tiny_run.scorecard)
    assert text.count('class="flag" title=') == 1


def test_names_from_files_never_become_markup(text):
    assert "<script>" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; $\\frac{$ 昆明" in text


@pytest.mark.parametrize("evil", EVIL)
def test_hostile_texts_stay_texts(evil, tmp_path):
    base = make_run()
    card = base.scorecard.assign(statement=evil, reason=evil, document=evil)
    funding = [{"pot": evil, "released_fen": 1, "price_of_all_candidates_fen": 0, "note": evil}]
    run = make_run(
        title=evil,
        question=evil,
        notes=(evil,),
        scorecard=card,
        funding=funding,
        variant=evil,
        policy_inputs=(evil,),
    )
    save_run(run, tmp_path / "run", lambda work: write_report(run, work))
    text = (tmp_path / "run" / "report.html").read_text()
    assert "script" not in [tag for tag, _ in _elements(text)]
    images = [attributes for tag, attributes in _elements(text) if tag == "img"]
    assert len(images) == 7
    assert all(attributes["src"].startswith("data:") for attributes in images)
    assert evil in html.unescape(text)
    assert re.search(r"\b49\b", re.sub(r"data:image[^\"]*", "", text)) is None


def test_a_budget_that_binds_nothing_is_said_aloud(tmp_path):
    funding = [{"pot": "all", "released_fen": 10**12, "price_of_all_candidates_fen": 10**11}]
    run = make_run(funding=funding)
    save_run(run, tmp_path / "run", lambda work: write_report(run, work))
    text = (tmp_path / "run" / "report.html").read_text()
    assert "the budget binds nothing" in text


def test_a_pot_that_binds_is_a_budget_that_binds(tmp_path):
    """The pots together hold enough, but money does not move between them."""
    rows = [("fixed", 10**12, 10**11), ("mobile", 10**9, 10**10), ("all", 10**12 + 10**9, 11 * 10**10)]
    names = ("pot", "released_fen", "price_of_all_candidates_fen")
    run = make_run(funding=[dict(zip(names, row, strict=True)) for row in rows])
    save_run(run, tmp_path / "run", lambda work: write_report(run, work))
    assert "The funds of all pots" not in (tmp_path / "run" / "report.html").read_text()


def test_assumptions_and_modelled_layers_are_marked(text):
    assert "olt_price" in text
    assert "500 to 1,500" in text
    assert "between two tenders" in text
    assert ">modelled</span>" in text
    assert "roads_vintage" in text
    assert "© OpenStreetMap contributors" in text


def test_the_page_is_the_same_when_written_again_from_the_folder(run_folder):
    saved = open_run(run_folder)
    before = {p: p.read_bytes() for p in run_folder.rglob("*") if p.is_file()}
    write_report(saved, run_folder)
    assert {p: p.read_bytes() for p in run_folder.rglob("*") if p.is_file()} == before
    assert open_run(run_folder).damaged() == []


def test_figures_and_page_are_the_same_bytes_twice(run_folder, tiny_run, tmp_path):
    save_run(tiny_run, tmp_path / "again", lambda work: write_report(tiny_run, work))
    one, two = (json.loads((f / "manifest.json").read_text()) for f in (run_folder, tmp_path / "again"))
    assert one["outputs"] == two["outputs"]
    assert {"figures/rollout.png", "figures/rollout.csv", "figures/map-coverage.png", "report.html"} <= set(
        one["outputs"]
    )


def test_a_missing_figure_is_said_with_its_cure(run_folder, tmp_path):
    import shutil

    shutil.copytree(run_folder, tmp_path / "run")
    (tmp_path / "run" / "figures" / "money.png").unlink()
    with pytest.raises(StoreError, match="run the scenario again"):
        page(SavedRun(tmp_path / "run"))
