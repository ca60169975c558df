from __future__ import annotations

import pytest

from sim.errors import ScenarioError
from sim.scenario.load import load_scenario


@pytest.fixture
def write(tmp_path):
    """Write a scenario that extends the shipped base and return its path."""

    def make(text: str = "", name: str = "my.yaml", extends: str | None = "base.yaml"):
        path = tmp_path / name
        head = f"extends: {extends}\n" if extends else ""
        path.write_text(head + text, encoding="utf-8")
        return path

    return make


@pytest.fixture
def mistakes():
    """Load a scenario that must fail and return its problems."""

    def load(path, *overrides, variant=""):
        with pytest.raises(ScenarioError) as caught:
            load_scenario(path, overrides, variant)
        assert caught.value.exit_code == 2
        return list(caught.value.problems)

    return load
