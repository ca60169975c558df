"""A cache folder of these tests' own, so that none reads what another version kept."""

import pytest


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("ROLLOUT_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))
