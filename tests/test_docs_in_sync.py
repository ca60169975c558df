"""What the documentation says of the code is what the code does."""

from __future__ import annotations

import subprocess
import sys


def test_generated_pages_are_up_to_date(root):
    command = [sys.executable, "docs/generate.py", "--check"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
