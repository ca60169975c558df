"""What the tests of radio share: the published vectors beside the checkout."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT


@pytest.fixture(scope="session")
def vectors() -> Path:
    """The folder of published vectors beside the checkout (named by ROLLOUT_VECTORS, if elsewhere)."""
    folder = Path(os.environ.get("ROLLOUT_VECTORS") or ROOT.parent / "shared" / "vectors")
    if not folder.is_dir():
        pytest.skip("the published vectors are not beside the checkout (name them in ROLLOUT_VECTORS)")
    return folder


@pytest.fixture(scope="session")
def published(vectors: Path) -> Callable[[str], list[dict[str, str]]]:
    """Reads a table of published vectors: its rows by column name."""

    def rows(name: str) -> list[dict[str, str]]:
        with (vectors / name).open(newline="", encoding="utf-8") as stream:
            return list(csv.DictReader(stream))

    return rows
