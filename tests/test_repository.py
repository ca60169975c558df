"""What is committed: locks that install anywhere, no stray addresses or paths, metadata that agrees."""

from __future__ import annotations

import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
PLATFORM = {"sys_platform": "linux", "platform_python_implementation": "CPython"}
LARGEST_FILE = 4 << 20

# Written in two halves, so that this file does not find itself.
HOSTS = ("py" + "pi.org", "python" + "hosted.org", "registry.npm" + "js.org", "deb." + "debian.org")
PLACES = (
    "/wo" + "rk/ma",
    "/wo" + "rk/sh",
    "/ro" + "ot/",
    "/ho" + "me/",
    "/opt" + "/py",
    "/usr/local" + "/lib",
)


@cache
def tracked() -> tuple[Path, ...]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("not a git checkout")
    return tuple(ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).is_file())


@cache
def texts() -> dict[str, str]:
    found = {}
    for path in tracked():
        data = path.read_bytes()
        if b"\0" not in data[:8192]:
            found[path.relative_to(ROOT).as_posix()] = data.decode("utf-8")
    return found


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def pins(lock: str, python: str) -> dict[str, Version]:
    """Return the versions that a lock file gives to one Python on Linux."""
    found = {}
    text = (ROOT / "requirements" / lock).read_text().replace("\\\n", " ")
    environment = {**PLATFORM, "python_version": python, "python_full_version": f"{python}.0"}
    for line in text.splitlines():
        requirement = Requirement(re.sub(r"\s+--hash=\S+", "", line).strip())
        if requirement.marker is None or requirement.marker.evaluate(environment):
            (only,) = requirement.specifier
            assert only.operator == "=="
            found[normal(requirement.name)] = Version(only.version)
    return found


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize(
    ("lock", "extra"), [("run.txt", None), ("dev.txt", None), ("dev.txt", "dev"), ("china.txt", "china")]
)
def test_the_lock_satisfies_the_metadata(lock, extra, python):
    wanted = project()["dependencies"] if extra is None else project()["optional-dependencies"][extra]
    pinned = pins(lock, python)
    for requirement in map(Requirement, wanted):
        version = pinned.get(normal(requirement.name))
        assert version is not None, f"{requirement.name} is not in {lock}: run `make lock`"
        assert requirement.specifier.contains(version), f"{lock} pins {requirement.name} {version}"


@pytest.mark.parametrize("python", PYTHONS)
def test_tests_run_on_what_users_run_on(python):
    run, dev = pins("run.txt", python), pins("dev.txt", python)
    assert run.items() <= dev.items()
    assert "setuptools" in run, "the project itself is built with what the lock gives"


def test_locks_carry_hashes_and_no_addresses():
    for lock in ("run.txt", "dev.txt", "china.txt"):
        text = (ROOT / "requirements" / lock).read_text()
        assert "://" not in text
        assert not re.search(r"^\s*-(i|f|-index|-extra-index|-find-links)", text, re.MULTILINE)
        entries = [entry for entry in text.replace("\\\n", " ").splitlines() if entry]
        assert all("--hash=sha256:" in entry for entry in entries)


def test_no_address_of_a_package_index_and_no_path_of_a_machine():
    found = [
        f"{name}: {needle}"
        for name, text in texts().items()
        for needle in (*HOSTS, *PLACES)
        if needle in text
    ]
    assert not found


def test_no_conflict_marks_or_foreign_line_ends():
    marks = re.compile(r"^(<{7} |>{7} )", re.MULTILINE)
    assert not [name for name, text in texts().items() if marks.search(text) or "\r\n" in text]


def test_nothing_large_and_nothing_drawn_is_committed():
    """Maps stay with the run: the owner of the county polygons does not grant redistribution."""
    assert not [path for path in tracked() if path.stat().st_size > LARGEST_FILE]
    assert not [path for path in tracked() if path.suffix in {".png", ".jpg", ".svg", ".pdf", ".html"}]


def test_the_version_is_said_the_same_everywhere():
    from sim.version import __version__

    citation = (ROOT / "CITATION.cff").read_text()
    assert f"version: {__version__}\n" in citation
    changelog = (ROOT / "CHANGELOG.md").read_text()
    first = re.search(r"^## \[?([^\]\s]+)", changelog, re.MULTILINE)
    assert first is not None
    assert first[1] in {"Unreleased", __version__}


def test_the_two_commands_open_the_readme():
    opening = (ROOT / "README.md").read_text().split("\n## ")[0]
    assert opening.index("make run") < opening.index("make test")
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {"venv", "run", "test", "bench", "lint", "lock", "clean"} <= targets


def test_links_between_documents_lead_somewhere():
    broken = []
    for name, text in texts().items():
        if not name.endswith(".md"):
            continue
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            if "://" in target or target.startswith(("#", "mailto:")):
                continue
            if not ((ROOT / name).parent / target.split("#")[0]).exists():
                broken.append(f"{name}: {target}")
    assert not broken
