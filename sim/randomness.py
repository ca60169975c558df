"""Named random streams keyed by seed, replication, stream and entity.

No draw depends on the order of draws: adding a project leaves the luck of every other project
unchanged, and two scenarios pair replication by replication (common random numbers).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

_NORMAL = NormalDist()


@dataclass(frozen=True)
class Streams:
    """The random streams of one replication."""

    seed: int
    replication: int = 0

    def _digest(self, stream: str, entity: str) -> bytes:
        key = f"{self.seed}\x1f{self.replication}\x1f{stream}\x1f{entity}".encode()
        return blake2b(key, digest_size=16).digest()

    def uniform(self, stream: str, entity: str) -> float:
        """Return one number in (0, 1) that belongs to this stream and entity alone."""
        return (int.from_bytes(self._digest(stream, entity)[:7], "little") + 0.5) / 2.0**56

    def uniforms(self, stream: str, entities: Iterable[str]) -> NDArray[np.float64]:
        """Return ``uniform`` of each entity, shape (entities,)."""
        begun = blake2b(f"{self.seed}\x1f{self.replication}\x1f{stream}\x1f".encode(), digest_size=16)
        digests = []
        for entity in entities:
            hashed = begun.copy()
            hashed.update(entity.encode())
            digests.append(hashed.digest())
        number = np.frombuffer(b"".join(digests), dtype="<u8")[::2] & np.uint64((1 << 56) - 1)
        return (number.astype(np.float64) + 0.5) / 2.0**56

    def normals(self, stream: str, entities: Iterable[str]) -> NDArray[np.float64]:
        """Return the normal number of each entity, that of ``lognormal_factor``, shape (entities,)."""
        from scipy.special import ndtri

        quantiles: NDArray[np.float64] = ndtri(self.uniforms(stream, entities))
        return quantiles

    def lognormal_factor(self, stream: str, entity: str, sigma: float) -> float:
        """Return a factor of median 1 with ``sigma`` the spread of its logarithm, to 1e-6."""
        if sigma == 0.0:
            return 1.0
        return round(math.exp(sigma * _NORMAL.inv_cdf(self.uniform(stream, entity))), 6)

    def generator(self, stream: str, entity: str = "") -> np.random.Generator:
        """Return a Philox generator for draws that come as an array."""
        key = int.from_bytes(self._digest(stream, entity), "little")
        return np.random.Generator(np.random.Philox(np.random.SeedSequence(key)))
