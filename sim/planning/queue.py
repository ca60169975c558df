"""Candidates by falling score while a release is decided, and what has become of each."""

from __future__ import annotations

import heapq

import numpy as np
from numpy.typing import NDArray

OPEN, OVER_BUDGET, CHOSEN, SHUT = range(4)
"""States of a candidate: still in question, beyond the money left, chosen, not to be had."""


class Queue:
    """Rows by falling score: a sorted array for the first scores and a heap for those weighed anew."""

    def __init__(
        self, order: NDArray[np.int64], score: NDArray[np.float64], id_rank: NDArray[np.int64]
    ) -> None:
        self.order: list[int] = order.tolist()
        self.keys: list[tuple[float, int]] = list(
            zip((-score[order]).tolist(), id_rank[order].tolist(), strict=True)
        )
        self.id_rank = id_rank
        self.position = 0
        self.heap: list[tuple[float, int, int]] = []

    def push(self, score: float, row: int) -> None:
        """Queue a row with a new score."""
        heapq.heappush(self.heap, (-score, int(self.id_rank[row]), row))

    def next(self, score: NDArray[np.float64], state: list[int]) -> int:
        """Return the open row of the highest score, or -1; entries with a score of old are dropped."""
        while True:
            if self.heap and (
                self.position == len(self.order) or self.heap[0][:2] <= self.keys[self.position]
            ):
                key, _, row = heapq.heappop(self.heap)
            elif self.position < len(self.order):
                key, row = self.keys[self.position][0], self.order[self.position]
                self.position += 1
            else:
                return -1
            if state[row] == OPEN and score[row] == -key:
                return row
