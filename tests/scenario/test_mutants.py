"""Seeded mutants of a shipped scenario: read or refused with problems, never anything else."""

from __future__ import annotations

import random
import time

import pytest

from sim.errors import ScenarioError
from sim.files import shipped
from sim.scenario.load import load_scenario

COUNT = 500
SPLICES = (
    b"[", b"{", b"]", b"}", b": ", b"- ", b"&a ", b"*a", b"!!int ", b"<<: ", b"\n---\n", b"\t", b"\0",
    b"'", b'"', b"#", b"|\n", b">-\n", b"? ", b"null", b"1e999", b"-1", b"NO", b"\n\n  ", b"x" * 300, b"@",
    b"%YAML 1.1\n", b".nan", b"0x", b"9" * 23, b"variants: ", b"extends: base.yaml\n", b"2014-13", b"@low",
    b"\xed\xa0\x80", b"\xff", b"true",
)  # fmt: skip


def mutant(data: bytes, rng: random.Random) -> bytes:
    for _ in range(rng.randint(1, 4)):
        start = rng.randrange(len(data))
        end = min(len(data), start + rng.choice((0, 0, 1, 3, 20)))
        kind = rng.random()
        if kind < 0.6:
            data = data[:start] + rng.choice(SPLICES) + data[end:]
        elif kind < 0.8:
            data = data[:start] + bytes([rng.randrange(256)]) + data[start + 1 :]
        else:
            lines = data.split(b"\n")
            first, second = rng.randrange(len(lines)), rng.randrange(len(lines))
            lines[first], lines[second] = lines[second], lines[first]
            data = b"\n".join(lines)
    return data


def problems_of(path):
    try:
        load_scenario(path)
    except ScenarioError as error:
        return [str(problem) for problem in error.problems]
    return []


@pytest.mark.parametrize("seed", [7])
def test_no_mutant_breaks_the_loader(tmp_path, seed):
    rng = random.Random(seed)  # noqa: S311 - repeatable mistakes, no secret
    data = (shipped("scenarios") / "base.yaml").read_bytes()
    path = tmp_path / "mutant.yaml"
    slowest = 0.0
    for _ in range(COUNT):
        path.write_bytes(mutant(data, rng))
        start = time.perf_counter()
        lines = problems_of(path)
        assert all("\n" not in line for line in lines)
        slowest = max(slowest, time.perf_counter() - start)
    assert slowest < 2.0
