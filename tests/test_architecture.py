"""The rules of docs/architecture.md, checked on the source itself."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SIM = ROOT / "sim"

DOORS = {"sim/geo/read.py", "sim/files.py"}
"""The only modules that open files: the one reader of geography, the one writer."""
OPENING = {
    "open", "fdopen", "read_text", "read_bytes", "write_text", "write_bytes", "read_file", "read_dataframe",
    "write_dataframe", "read_csv", "read_parquet", "read_feather", "read_excel", "read_json", "read_table",
    "write_table", "to_parquet", "to_feather", "to_file", "to_pickle", "to_excel", "load", "save", "savez",
    "savez_compressed", "loadtxt", "genfromtxt", "savetxt", "fromfile", "tofile", "memmap", "ZipFile",
    "mkstemp", "mkdtemp", "urlopen",
}  # fmt: skip
HEAVY = ("pandas", "geopandas", "scipy", "rasterio", "pyogrio", "pandera", "matplotlib", "pyarrow", "simpy")
BANNED_MODULES = {"pickle", "marshal", "shelve", "dill", "joblib", "cloudpickle"}
HOME_OF = {"simpy": "sim/rollout/", "matplotlib": "sim/report/"}
SHAPELESS = {"utils", "util", "helpers", "helper", "common", "core", "misc"}

PRICED = ("sim/technologies/", "sim/planning/", "sim/rollout/", "sim/access/", "sim/demand/")
"""Where a price, rate or radius would do harm: it belongs into the parameter table."""
STRUCTURAL = {0, 1, 2, 0.5, 10, 12, 13, 100, 1000, 1_000_000}
"""Numbers that say nothing of the world: counts, halves, conversions of unit."""
NAMED = {
    ("sim/technologies/ftth.py", 32), ("sim/technologies/ftth.py", 64),
    ("sim/planning/pots.py", 4), ("sim/planning/pots.py", 7),
}  # fmt: skip
"""Numbers that are part of a field's name (the loss of a 1:32 splitter), and calendar months."""
BOUNDED = {"Field", "Task", "papers", "round", "range"}
"""Calls whose numbers are bounds, shares of a whole, digits or counts."""

MODULE_LINES = 350
FUNCTION_LINES = 50
PARAMETERS = 6
LONGER: dict[str, str] = {}
"""Modules and functions that are longer than the budget, each with the reason."""


@cache
def modules() -> dict[str, ast.Module]:
    """Return the syntax tree of every module by its path below the root."""
    return {
        path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8"), str(path))
        for path in sorted(SIM.rglob("*.py"))
    }


def where(path: str, node: ast.AST) -> str:
    return f"{path}:{getattr(node, 'lineno', 0)}"


def called(node: ast.Call) -> tuple[str, str]:
    """Return what a call is made on (a plain name, else empty) and the last part of what is called."""
    if isinstance(node.func, ast.Name):
        return "", node.func.id
    if isinstance(node.func, ast.Attribute):
        on = node.func.value
        return (on.id if isinstance(on, ast.Name) else "."), node.func.attr
    return "", ""


def calls() -> Iterator[tuple[str, ast.Call, str, str]]:
    for path, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                yield path, node, *called(node)


def test_import_contracts_hold():
    command = "from importlinter.cli import lint_imports_command as main; main(['--no-cache', '--no-logo'])"
    done = subprocess.run(
        [sys.executable, "-c", command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def name_of(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")


def for_types_only(tree: ast.Module) -> set[ast.AST]:
    """Return the nodes below ``if TYPE_CHECKING``: they are never executed."""
    hidden: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            hidden.update(inner for statement in node.body for inner in ast.walk(statement))
    return hidden


def imported(tree: ast.Module, known: set[str]) -> set[str]:
    """Return the project's own modules that a module imports anywhere, also inside functions."""
    found: set[str] = set()
    hidden = for_types_only(tree)
    for node in ast.walk(tree):
        if node in hidden:
            continue
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                submodule = f"{node.module}.{alias.name}"
                found.add(submodule if submodule in known else node.module)
    return found & known


def test_no_cycle_even_through_imports_inside_functions():
    known = {name_of(path) for path in modules()}
    graph = {name_of(path): sorted(imported(tree, known)) for path, tree in modules().items()}
    done: set[str] = set()

    def visit(module: str, trail: list[str]) -> None:
        assert module not in trail, "cycle: " + " -> ".join([*trail[trail.index(module) :], module])
        if module not in done:
            for other in graph[module]:
                if other != module:
                    visit(other, [*trail, module])
            done.add(module)

    for module in graph:
        visit(module, [])


def test_imports_are_absolute():
    relative = [
        where(path, node)
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert not relative


@cache
def own_names(path: str) -> frozenset[str]:
    """Return the names under which a module imports parts of the project: what they open is checked there."""
    names = (
        alias.asname or alias.name
        for node in ast.walk(modules()[path])
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "sim"
        for alias in node.names
    )
    return frozenset(names)


def into_memory(node: ast.Call, on: str, name: str) -> bool:
    """Return whether a call writes to a buffer (or through a writer that holds one), or nowhere at all."""
    first = node.args[0] if node.args else None
    names = (
        {inner.id for inner in ast.walk(first) if isinstance(inner, ast.Name)} if first is not None else set()
    )
    devnull = first is not None and "devnull" in ast.dump(first)
    return devnull or "buffer" in names or (on == "writer" and name == "write_table")


def test_files_are_opened_by_two_modules_only():
    opened = [
        f"{where(path, node)} {on}.{name}()"
        for path, node, on, name in calls()
        if path not in DOORS and name in OPENING and (on or name == "open") and on not in own_names(path)
        if not (on == "json" and name == "load") and not into_memory(node, on, name)
    ]
    assert not opened, "open files through sim.files or sim.geo.read:\n" + "\n".join(opened)


def roots_imported(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    hidden = for_types_only(tree)
    for node in ast.walk(tree):
        if node in hidden:
            continue
        if isinstance(node, ast.Import):
            yield from ((node, alias.name.split(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node, node.module.split(".")[0]


@pytest.mark.parametrize("library", sorted(HOME_OF))
def test_a_library_has_one_home(library):
    strays = [
        where(path, node)
        for path, tree in modules().items()
        for node, name in roots_imported(tree)
        if name == library and not path.startswith(HOME_OF[library])
    ]
    assert not strays


def test_nothing_executes_what_it_reads():
    found = [
        f"{where(path, node)} imports {name}"
        for path, tree in modules().items()
        for node, name in roots_imported(tree)
        if name in BANNED_MODULES
    ]
    for path, node, on, name in calls():
        if (on == "" and name in {"eval", "exec", "compile", "__import__"}) or (
            on == "os" and name == "system"
        ):
            found.append(f"{where(path, node)} calls {name}")
        if on == "yaml" and "load" in name and name != "safe_load":
            found.append(f"{where(path, node)} calls yaml.{name}")
        for keyword in node.keywords:
            given = keyword.value
            if keyword.arg in {"allow_pickle", "shell"} and isinstance(given, ast.Constant) and given.value:
                found.append(f"{where(path, node)} sets {keyword.arg}")
    assert not found


def is_constant(node: ast.AST) -> bool:
    """Return whether a statement names a number in capitals, as conversions and published constants are."""
    targets = (
        node.targets
        if isinstance(node, ast.Assign)
        else [node.target]
        if isinstance(node, ast.AnnAssign)
        else []
    )
    names = [name for t in targets for name in (t.elts if isinstance(t, ast.Tuple) else [t])]
    return bool(names) and all(isinstance(t, ast.Name) and t.id.isupper() for t in names)


def numbers_in(tree: ast.Module) -> Iterator[ast.Constant]:
    """Return the numbers outside bounds, named constants and rounding guards."""
    skipped: set[ast.AST] = set()
    for node in ast.walk(tree):
        if is_constant(node) or (isinstance(node, ast.Call) and called(node)[1] in BOUNDED):
            skipped.update(ast.walk(node))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and type(node.value) in (int, float) and node not in skipped:
            yield node


def test_no_price_rate_or_radius_stands_in_python():
    found = [
        f"{where(path, node)} {node.value}"
        for path, tree in modules().items()
        if path.startswith(PRICED)
        for node in numbers_in(tree)
        if node.value not in STRUCTURAL and node.value > 1e-5 and (path, node.value) not in NAMED
    ]
    assert not found, "name a row of scenarios/library/parameters.csv instead:\n" + "\n".join(found)


def modules_after(statement: str) -> set[str]:
    command = f"import sys\n{statement}\nprint(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run(
        [sys.executable, "-c", command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "statement", ["import sim", "import sim.scenario.schema", "import sim.scenario.load"]
)
def test_option_classes_import_nothing_heavy(statement):
    assert not modules_after(statement) & set(HEAVY)


def test_the_command_line_starts_light():
    assert not modules_after("import sim.cli") & {*HEAVY, "numpy", "pydantic", "yaml", "jinja2"}


def test_no_module_without_a_concept():
    shapeless = [path for path in modules() if SHAPELESS & set(name_of(path).split("."))]
    assert not shapeless


def test_names_of_technologies_stand_in_the_contract(root):
    """The contract that keeps technologies apart names every one of them."""
    contracts = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    listed = next(set(c["modules"]) for c in contracts if c["type"] == "independence")
    shared = {"sim.technologies", "sim.technologies.base"}
    present = {name for name in map(name_of, modules()) if name.startswith("sim.technologies")} - shared
    assert present <= listed | {name for name in present if name_is_shared(name)}


def name_is_shared(name: str) -> bool:
    """Return whether other technologies import the module: then it is a tool, no technology."""
    known = {name_of(path) for path in modules()}
    return any(
        name in imported(tree, known)
        for path, tree in modules().items()
        if path.startswith("sim/technologies/") and not path.endswith("__init__.py")
    )


def code_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the lines of a function without its docstring."""
    lines = (node.end_lineno or node.lineno) - node.lineno + 1
    first = node.body[0]
    if ast.get_docstring(node) is not None:
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for path, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield path, node


def test_modules_are_short():
    long = {path: len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in modules()}
    assert not {path: lines for path, lines in long.items() if lines > MODULE_LINES and path not in LONGER}


def test_functions_are_short():
    long = {
        f"{where(path, node)} {node.name}": code_lines(node)
        for path, node in functions()
        if code_lines(node) > FUNCTION_LINES and f"{path}:{node.name}" not in LONGER
    }
    assert not long


def test_functions_take_few_parameters():
    wide = {}
    for path, node in functions():
        if any(
            isinstance(d, ast.Attribute | ast.Call | ast.Name) and "click" in ast.dump(d)
            for d in node.decorator_list
        ):
            continue  # a command has one parameter for each of its options
        names = [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
        count = len([name for name in names if name not in ("self", "cls")])
        if count > PARAMETERS and f"{path}:{node.name}" not in LONGER:
            wide[f"{where(path, node)} {node.name}"] = count
    assert not wide


def test_the_list_of_exceptions_is_up_to_date():
    known = {f"{path}:{node.name}" for path, node in functions()} | set(modules())
    assert not set(LONGER) - known
