"""A scorecard as JUnit XML, the form in which continuous integration reads the outcome of tests.

One test case a target: missed fails, not judged is skipped with the reason, at risk passes with a note.

References
----------
The schema of the Jenkins xUnit plugin, https://github.com/jenkinsci/xunit-plugin (junit-10.xsd).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as Xml

from sim import files
from sim.indicators.scorecard import AT_RISK, MISSED, NOT_JUDGED
from sim.report.score import money_in_words
from sim.tables.scorecard_file import as_number

if TYPE_CHECKING:
    from sim.report.score import Judged

NAME = "scorecard-junit.xml"
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Signs that XML 1.0 cannot hold."""


def write_junit(judged: Judged, path: Path) -> None:
    """Write a scorecard as JUnit XML; the same scorecard gives the same bytes."""
    files.write_bytes(path, junit_of(judged))


def junit_of(judged: Judged) -> bytes:
    """Return a scorecard as JUnit XML, one test case a target in their order."""
    rows = judged.scorecard.to_dict("records")
    counts = {
        "tests": str(len(rows)),
        "failures": str(sum(row["verdict"] == MISSED for row in rows)),
        "errors": "0",
    }
    root = Xml.Element("testsuites", {"name": "scorecard", **counts, "time": "0"})
    skipped = str(sum(row["verdict"] == NOT_JUDGED for row in rows))
    suite = Xml.SubElement(
        root, "testsuite", {"name": _plain(judged.name), **counts, "skipped": skipped, "time": "0"}
    )
    for row in rows:
        _add(suite, judged.name, row)
    Xml.indent(root)
    return bytes(Xml.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _add(suite: Xml.Element, name: str, row: Mapping[Any, Any]) -> None:
    """Add the test case of one target."""
    what = {"name": _plain(f"{row['target_id']} {row['statement']}"), "classname": _plain(name), "time": "0"}
    case = Xml.SubElement(suite, "testcase", what)
    verdict = str(row["verdict"])
    if verdict == NOT_JUDGED:
        Xml.SubElement(case, "skipped", {"message": _plain(str(row["reason"]))})
        return
    if verdict == MISSED:
        failure = Xml.SubElement(case, "failure", {"type": MISSED, "message": _plain(_in_short(row))})
        failure.text = _plain(_told(row))
        return
    note = Xml.SubElement(case, "system-out")
    note.text = _plain(f"at risk: {_told(row)}" if verdict == AT_RISK else _told(row))


def _in_short(row: Mapping[Any, Any]) -> str:
    wanted = f"{row['comparator']} {row['wanted']} {row['unit']}".strip()
    return f"{row['indicator']} ({row['breakdown']}): {row['mean']}, wanted {wanted} by {row['due_month']}"


def _told(row: Mapping[Any, Any]) -> str:
    """Return all that the scorecard says of a target, a line each."""
    cost = money_in_words(as_number(str(row["cost_to_close_yuan"])))
    lines = {
        "reached": _in_short(row),
        "range": f"{row['p10']} to {row['p90']}, met in {row['chance_met']} of cases",
        "margin": str(row["margin"]),
        "missing": str(row["shortfall"]),
        "first met": "at start" if row["at_start"] else str(row["first_met"]),
        "held by": str(row["binding"]),
        "cost to close": cost,
        "measured": str(row["definition"]),
        "reason": str(row["reason"]),
        "document": f"{row['document']}, {row['clause']}",
    }
    return "\n".join(f"{name}: {text}" for name, text in lines.items() if text)


def _plain(text: str) -> str:
    return _NO_XML.sub("", text)
