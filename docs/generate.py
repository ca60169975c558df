"""Write the pages of docs/reference that follow from the code, or say which are out of date.

python docs/generate.py            # write them
python docs/generate.py --check    # exit 1 and name the pages that differ
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOTE = "<!-- Written by docs/generate.py from {source}; do not edit. -->\n\n"
STAGES = ("geo", "demand", "technologies", "planning", "rollout", "radio", "indicators")


def all_tables() -> list:
    """Return every table contract of ``sim.tables``, in the order of the stages that make them."""
    import sim.tables
    from sim.tables.base import Table

    found = []
    for info in pkgutil.iter_modules(sim.tables.__path__):
        module = importlib.import_module(f"sim.tables.{info.name}")
        found += [value for value in vars(module).values() if isinstance(value, Table)]
    unique = list({table.name: table for table in found}.values())
    return sorted(
        unique, key=lambda table: STAGES.index(table.made_by) if table.made_by in STAGES else len(STAGES)
    )


def bounds(column) -> str:
    """Return what values a column may hold, in words."""
    if column.one_of:
        return ", ".join(f"`{value}`" for value in column.one_of)
    parts = []
    if column.ge is not None:
        parts.append(f"&ge; {column.ge:g}")
    if column.le is not None:
        parts.append(f"&le; {column.le:g}")
    if column.unique:
        parts.append("unique")
    if column.nullable:
        parts.append("may be empty")
    return ", ".join(parts)


def tables_page() -> str:
    """Return the reference of all tables between the stages."""
    lines = [
        NOTE.format(source="sim/tables") + "# Tables between the stages",
        "",
        "Each stage is a function from tables to tables, and each table has one contract: columns in this",
        "order, these types, these units, no other column, no empty cell unless it says so. A count or",
        "a share of 0 to 1 has the unit 1.",
        "Money is whole fen (1/100 yuan) of the scenario's price year.",
    ]
    for table in all_tables():
        lines += ["", f"## {table.name}", "", table.description]
        facts = [f"Made by `sim.{table.made_by}`."] if table.made_by else []
        if table.key:
            facts.append(f"No two rows share {', '.join(f'`{name}`' for name in table.key)}.")
        if facts:
            lines += ["", " ".join(facts)]
        lines += ["", "| column | type | unit | values | what it is |", "|---|---|---|---|---|"]
        lines += [
            f"| `{c.name}` | {c.dtype} | {c.unit} | {bounds(c)} | {c.description} |".replace("|  |", "| |")
            for c in table.columns
        ]
    return "\n".join(lines) + "\n"


def scenario_page() -> str:
    """Return the reference of all keys of a scenario."""
    from sim.scenario.reference import reference_page

    return reference_page()


def scenario_schema() -> str:
    """Return the JSON Schema of scenario files."""
    from sim.scenario.reference import schema_text

    return schema_text()


def indicators_page() -> str:
    """Return the reference of all indicators."""
    from sim.indicators.catalogue import judged_by
    from sim.indicators.registry import REGISTRY
    from sim.indicators.targets import read_targets

    judged = judged_by(read_targets(ROOT / "scenarios" / "library" / "targets.csv"))
    lines = [
        NOTE.format(source="sim/indicators/registry.py") + "# Indicators",
        "",
        "Measured for every month; a run's table [indicators](tables.md#indicators) holds each for its",
        "breakdowns, as far as the area has them. A share is 0 to 1. `rollout indicators NAME` tells all of",
        "one, `--json` all of all; how targets are read: [scorecard](../concepts/scorecard.md).",
        "",
        "| indicator | unit | what it is | breakdowns | technologies that count | targets that it judges |",
        "|---|---|---|---|---|---|",
    ]
    for name, indicator in REGISTRY.items():
        counts = ", ".join(indicator.counts) or "-"
        targets = ", ".join(target.target_id for target in judged[name]) or "-"
        lines.append(
            f"| `{name}` | {indicator.unit} | {indicator.definition} | {', '.join(indicator.breakdowns)} "
            f"| {counts} | {targets} |"
        )
    return "\n".join(lines) + "\n"


def commands_page() -> str:
    """Return what the command line says of itself."""
    import click

    from sim.cli import rollout

    lines = [NOTE.format(source="sim/cli.py") + "# The command line"]

    def add(command: click.Command, name: str, above: click.Context | None) -> None:
        context = click.Context(
            command, info_name=name, parent=above, terminal_width=100, **command.context_settings
        )
        lines.extend(["", f"## {context.command_path}", "", "```", command.get_help(context), "```"])
        if isinstance(command, click.Group):
            for inner in command.list_commands(context):
                add(command.commands[inner], inner, context)

    add(rollout, "rollout", None)
    return "\n".join(line.rstrip() for line in "\n".join(lines).splitlines()) + "\n"


def python_page() -> str:
    """Return the reference of the public names of the package."""
    import inspect

    import sim

    lines = [
        NOTE.format(source="sim/__init__.py") + "# The Python interface",
        "",
        "`import sim` gives these names; each is imported when it is first used. Everything else may change",
        "from version to version.",
        "",
        "| name | what it is |",
        "|---|---|",
    ]
    for name in sim.__all__:
        found = getattr(sim, name)
        if isinstance(found, str):
            lines.append(f"| `{name}` | the version |")
            continue
        first = (inspect.getdoc(found) or "").split("\n\n")[0].replace("\n", " ").replace("|", "\\|")
        call = "" if inspect.isclass(found) else "()"
        lines.append(f"| `{name}{call}` | {first} |")
    example = """
```python
import sim

loaded = sim.load_scenario("scenarios/yunnan-2017.yaml")
run = sim.simulate(loaded)
print(run.scorecard[["target_id", "mean", "verdict"]])
```"""
    return "\n".join(lines) + "\n" + example + "\n"


def path_loss_page() -> str:
    """Return the reference of path-loss models, their published ranges and which one answers."""
    from sim.radio.hata import _Hata
    from sim.radio.pathloss import PATH_LOSS_MODELS
    from sim.radio.selection import MODEL_CHOICE, SEAM_DB

    def between(low: float, high: float, unit: str) -> str:
        return f"{low:g} to {high:g} {unit}" if high < float("inf") else f"{low:g} {unit} and more"

    lines = [
        NOTE.format(source="sim/radio/pathloss.py and selection.py") + "# Path-loss models",
        "",
        "Equations and sources: [radio](../concepts/radio.md). Asked outside a published range a model",
        "answers and warns. Diffraction over hills is added whole (`full`) to models that know no ground,",
        "and as what it exceeds that of smooth ground by (`excess`) to those fitted over it.",
        "",
        "| model | frequency | distance | heights | diffraction |",
        "|---|---|---|---|---|",
    ]
    for name, kind in PATH_LOSS_MODELS.items():
        needed = {"base_height_m": 30.0} if issubclass(kind, _Hata) else {}
        sights = (True, False) if "line_of_sight" in kind.model_fields else (None,)
        reaches = []
        for sight in sights:
            words = {} if sight is None else {"line_of_sight": sight}
            low, high = kind(frequency_mhz=kind.valid_mhz[0], **needed, **words).valid_m
            seen = {None: "", True: " in sight", False: " without sight"}[sight]
            reaches.append(between(low / 1000.0, high / 1000.0, "km") + seen)
        heights = "; ".join(
            f"`{field}` {between(*bounds, 'm')}" for field, bounds in kind.valid_heights_m.items()
        )
        lines.append(
            f"| `{name}` | {between(*kind.valid_mhz, 'MHz')} | {', '.join(dict.fromkeys(reaches))} | "
            f"{heights or '-'} | {kind.terrain} |"
        )
    lines += [
        "",
        "## Which one answers",
        "",
        "The first row whose every condition holds. A site has one model at every distance. Where two rows",
        f"meet, their medians differ by at most {SEAM_DB:g} dB for antennas of 20 to 50 m.",
        "",
        "| surroundings | frequency | antenna | reach | model | why |",
        "|---|---|---|---|---|---|",
    ]
    for row in MODEL_CHOICE:
        sight = {None: "", True: ", line of sight", False: ", no line of sight"}[row.line_of_sight]
        below = f"below {row.below_m:g} m" if row.below_m < float("inf") else "any"
        reach = f"to {row.reach_m / 1000.0:g} km" if row.reach_m < float("inf") else "any"
        lines.append(
            f"| {', '.join(row.environments)} | {between(*row.mhz, 'MHz')} | {below} | {reach} | "
            f"`{row.model}`{sight} | {row.reason} |"
        )
    return "\n".join(lines) + "\n"


PAGES = {
    "docs/reference/path-loss.md": path_loss_page,
    "docs/reference/python.md": python_page,
    "docs/reference/tables.md": tables_page,
    "docs/reference/indicators.md": indicators_page,
    "docs/reference/commands.md": commands_page,
    "docs/reference/scenario.md": scenario_page,
    "scenarios/scenario.schema.json": scenario_schema,
}


def main(arguments: list[str]) -> int:
    """Write the pages, or check them; return the exit code."""
    stale = []
    for name, make in PAGES.items():
        path, text = ROOT / name, make()
        if "--check" in arguments:
            if not path.is_file() or path.read_text(encoding="utf-8") != text:
                stale.append(name)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if stale:
        print("out of date, run python docs/generate.py:", *stale)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main(sys.argv[1:]))
