"""All is said in pyproject.toml, save that a wheel carries the shipped data inside the package."""

from __future__ import annotations

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

SHIPPED = ("scenarios", "geodata")
"""Folders beside the package; an installed copy looks for them in ``sim/shipped``."""


class BuildWithData(build_py):
    """Copy the shipped data into what is built; an editable install reads it where it stands."""

    def run(self) -> None:
        """Build, then copy."""
        super().run()
        if self.editable_mode:
            return
        for name in SHIPPED:
            target = Path(self.build_lib) / "sim" / "shipped" / name
            shutil.copytree(Path(__file__).resolve().parent / name, target, dirs_exist_ok=True)


setup(cmdclass={"build_py": BuildWithData})
