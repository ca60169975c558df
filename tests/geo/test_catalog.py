"""The catalogue of layers: complete, and every note reaches the area."""

import re

import pytest

from sim.errors import DataError
from sim.geo import catalog
from sim.geo.layers import MODELLED


def test_every_entry_says_all_there_is_to_say():
    entries = catalog.read_catalog()
    assert {
        "census",
        "counties_packages",
        "roads_packages",
        "towns_packages",
        "counties_bundle",
        *MODELLED,
    } <= set(entries)
    for key, entry in entries.items():
        assert entry["modelled"] in ("True", "False"), key
        assert len(entry["defects"]) > 10, key
        if entry["modelled"] == "False":
            assert entry["attribution"], key
            assert entry["owner"], key
            assert re.search(r"EPSG:4326|none", entry["crs"]), key


def test_open_data_is_attributed_as_its_licence_asks():
    entries = catalog.read_catalog()
    assert all(
        "OpenStreetMap contributors" in entries[key]["attribution"]
        for key in entries
        if "OpenStreetMap" in entries[key]["source"]
    )
    assert all(
        "CC BY 4.0" in entry["attribution"] for entry in entries.values() if entry["owner"] == "GeoNames"
    )


def test_an_incomplete_catalogue_is_refused(tmp_path, monkeypatch):
    (tmp_path / "catalog.yaml").write_text("roads:\n  name: Roads\n  source: x\n", encoding="utf-8")
    monkeypatch.setenv("ROLLOUT_GEODATA", str(tmp_path))
    catalog.read_catalog.cache_clear()
    try:
        with pytest.raises(DataError, match=r"catalog\.yaml: roads\.owner: is missing"):
            catalog.read_catalog()
    finally:
        catalog.read_catalog.cache_clear()


def test_a_note_carries_what_a_run_adds():
    note = catalog.layer_note("roads_packages", sha256="ab", note="Read from scgraph-data 2.0.")
    assert note.sha256 == "ab"
    assert note.note.endswith("Read from scgraph-data 2.0.")
    assert not note.modelled
