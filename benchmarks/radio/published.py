"""The published vectors: that each is used, and that the tests which use them pass."""

from __future__ import annotations

import re
import subprocess
import sys

from benchmarks.radio.ground import ROOT, VECTORS
from benchmarks.rows import Figures, Limit, Row, Size


def users() -> dict[str, list[str]]:
    """Return for each file of vectors the tests that name it."""
    sources = {
        str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
        for folder in ("tests", "benchmarks")
        for path in sorted((ROOT / folder).rglob("test_*.py"))
    }
    found: dict[str, list[str]] = {}
    for file in sorted(VECTORS.iterdir()):
        if file.suffix in (".csv", ".json"):
            # a test may name a family of tables by its beginning
            found[file.name] = [name for name, text in sources.items() if _names(text, file.stem)]
    return found


def _names(text: str, stem: str) -> bool:
    return re.search(rf"[\"'/]{re.escape(stem)}(\.\w+)?[\"']", text) is not None


def published(size: Size) -> Figures:
    """Return how many files there are, how many no test uses, and how the tests went."""
    by_file = users()
    unused = [name for name, tests in by_file.items() if not tests]
    if unused:
        print(f"no test names {', '.join(unused)}", file=sys.stderr)
    figures: Figures = {"files": len(by_file), "files_unused": len(unused)}
    if size.small:  # the tests run beside this one
        return figures
    tests = sorted({test for names in by_file.values() for test in names})
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rA", *tests]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    for outcome in ("passed", "failed", "skipped", "error"):
        counted = re.search(rf"(\d+) {outcome}", done.stdout.splitlines()[-1] if done.stdout else "")
        figures[f"tests_{outcome}"] = int(counted.group(1)) if counted else 0
    figures["pytest_exit"] = done.returncode
    return figures


def without_vectors(size: Size) -> str:
    """Return why the row cannot be measured here."""
    return "" if VECTORS.is_dir() else "the published vectors are not beside the checkout (ROLLOUT_VECTORS)"


PUBLISHED = Row(
    "vectors",
    "every file of published vectors is used by a test, and those tests pass",
    published,
    (
        Limit("files_unused", most=0),
        Limit("pytest_exit", most=0, timed=True),
        Limit("tests_skipped", most=0, timed=True),
    ),
    without_vectors,
)
