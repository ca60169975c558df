"""What the documentation says of the code is what the code does."""

from __future__ import annotations

import subprocess
import sys
import tomllib


def test_generated_pages_are_up_to_date(root):
    command = [sys.executable, "docs/generate.py", "--check"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_layers_in_the_documentation_are_those_that_are_checked(root):
    contracts = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    page = (root / "docs" / "architecture.md").read_text()
    assert "\n".join(layers) in page


def test_every_package_stands_in_the_tree_of_the_documentation(root):
    page = (root / "docs" / "architecture.md").read_text().split("## The tree")[1].split("## Layers")[0]
    parts = [
        path for path in (root / "sim").iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()
    ]
    names = {path.name if path.suffix else f"{path.name}/" for path in parts}
    quiet = {"__init__.py", "__main__.py", "version.py"}
    assert not {name for name in names - quiet if f"  {name} " not in page}
