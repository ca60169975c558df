"""The indicators on the terminal: all as a table, one in detail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

Facts = dict[str, Any]


def indicators_table(every: Sequence[Facts]) -> Group:
    """Return one line an indicator: name, unit, definition and how many targets it judges."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("indicator", no_wrap=True)
    table.add_column("unit", no_wrap=True)
    table.add_column("definition")
    table.add_column("targets", justify="right", no_wrap=True)
    for facts in every:
        count = len(facts["targets"])
        table.add_row(
            Text(facts["name"]),
            Text(facts["unit"]),
            Text(facts["definition"]),
            Text(str(count) if count else ""),
        )
    judging = sum(1 for facts in every if facts["targets"])
    closing = f"{len(every)} indicators, of which {judging} judge targets"
    return Group(table, Text(f"{closing}; rollout indicators NAME tells of one."))


def indicator_detail(facts: Facts) -> Group:
    """Return all that is known of one indicator, with the targets that it judges."""
    need = facts["need"]
    rows = {
        "unit": facts["unit"],
        "definition": facts["definition"],
        "breakdowns": ", ".join(facts["breakdowns"]),
        "technologies": ", ".join(facts["technologies"]) or "-",
        "share of": facts["share_of"] or "-",
        "planned for": "-" if need is None else _need(need["use"], need["mbps"]),
    }
    lines = Table(box=None, pad_edge=False, show_header=False)
    lines.add_column(style="bold", no_wrap=True)
    lines.add_column()
    for name, text in rows.items():
        lines.add_row(name, Text(text))
    parts: list[Any] = [Text(facts["name"], style="bold"), lines]
    parts.append(_targets(facts["targets"]) if facts["targets"] else Text("It judges no target."))
    return Group(*parts)


def _need(use: str, mbps: float) -> str:
    return f"{use} at {mbps:g} Mbit/s" if mbps else use


def _targets(targets: Sequence[Facts]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("target", "breakdown", "wanted", "due", "clause", "reading"):
        table.add_column(name, no_wrap=name in ("target", "wanted", "due"))
    for target in targets:
        wanted = "" if target["wanted"] is None else f" {target['wanted']:g}"
        cells = (
            target["target_id"], target["breakdown"], f"{target['comparator']}{wanted}", target["due_month"],
            target["clause"], target["reading"],
        )  # fmt: skip
        table.add_row(*(Text(cell) for cell in cells))
    return table
