"""The public interface: every name exists, and importing the package imports nothing heavy."""

from __future__ import annotations

import subprocess
import sys

import pytest

import sim


@pytest.mark.parametrize("name", sim.__all__)
def test_every_public_name_is_there(name):
    assert getattr(sim, name) is not None
    assert name in dir(sim)


def test_a_name_that_is_none_is_refused():
    with pytest.raises(AttributeError, match="has no attribute 'simulat'"):
        _ = sim.simulat


def test_import_is_light(root):
    code = "import sys, sim; print({'numpy', 'pandas', 'pydantic'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert done.stdout.strip() == "set()"
