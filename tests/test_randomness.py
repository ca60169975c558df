"""Named streams: no draw depends on another."""

import subprocess
import sys

import numpy as np
import pytest

from sim.randomness import Streams


def test_the_same_name_gives_the_same_number_everywhere(root):
    """Not even the hash seed of the interpreter matters."""
    command = "from sim.randomness import Streams; print(Streams(7, 2).uniform('delay', 'ftth:z1'))"
    found = {
        subprocess.run(
            [sys.executable, "-c", command],
            cwd=root,
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
        ).stdout
        for seed in ("1", "2")
    }
    assert found == {f"{Streams(7, 2).uniform('delay', 'ftth:z1')}\n"}


def test_no_draw_depends_on_the_order_of_draws():
    names = [f"ftth:z{n}" for n in range(50)]
    one, other = Streams(7), Streams(7)
    forwards = {name: one.lognormal_factor("delay", name, 0.3) for name in names}
    backwards = {name: other.lognormal_factor("delay", name, 0.3) for name in reversed(names)}
    assert forwards == backwards


def test_seed_replication_stream_and_entity_all_matter():
    base = Streams(7).uniform("delay", "a")
    others = [
        Streams(8).uniform("delay", "a"),
        Streams(7, 1).uniform("delay", "a"),
        Streams(7).uniform("permit", "a"),
        Streams(7).uniform("delay", "b"),
        Streams(7).uniform("dela", "ya"),
    ]
    assert len({base, *others}) == 6


def test_uniforms_are_uniform():
    draws = Streams(3).uniforms("x", [str(n) for n in range(20_000)])
    assert 0 < draws.min() < draws.max() < 1
    assert draws.mean() == pytest.approx(0.5, abs=0.01)
    assert np.histogram(draws, bins=10, range=(0, 1))[0] == pytest.approx(2000, rel=0.1)


def test_lognormal_factors_have_median_one_and_their_spread():
    logs = np.log([Streams(3).lognormal_factor("x", str(n), 0.33) for n in range(10_000)])
    assert np.median(logs) == pytest.approx(0.0, abs=0.015)
    assert logs.std() == pytest.approx(0.33, rel=0.03)


def test_no_spread_no_luck():
    assert Streams(3).lognormal_factor("x", "a", 0.0) == 1.0


def test_generators_are_keyed_too():
    draws = [Streams(3).generator("geo", name).random(4).tolist() for name in ("a", "a", "b")]
    assert draws[0] == draws[1] != draws[2]


def test_many_draws_at_once_are_the_single_ones():
    streams, names = Streams(7, 3), [f"ftth:z{number}" for number in range(2000)]
    assert streams.uniforms("s", names).tolist() == [streams.uniform("s", name) for name in names]
    factors = np.round(np.exp(0.4 * streams.normals("s", names)), 6)
    assert factors.tolist() == [streams.lognormal_factor("s", name, 0.4) for name in names]
    assert streams.normals("s", []).shape == (0,)
