"""Branches hung elsewhere: a rooted tree made shorter while every way stays within its bound."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.access.steiner import Network

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
NONE = -1


def rehung(network: Network, above: Rows, way_m: Floats, limit_m: Floats, rounds: int) -> Rows:
    """Return the node above each node after at most so many rounds of moves; the tree is never longer.

    A move takes a branch from where it hangs and joins its top to another neighbour that is nearer, if no
    way in the branch then exceeds its bound; what was only there to carry it goes too. A round tries all
    moves, the one that saves most first, ties by node.

    Parameters
    ----------
    network
        All edges that may be used.
    above
        Node one step nearer to the root, shape (N,); -1 at the root and outside the tree.
    way_m
        Way of each node along the tree, shape (N,) [m].
    limit_m
        Longest way that each terminal may have, shape (N,) [m]; infinite at nodes that are none.
    rounds
        Rounds at most; they end where nothing more can be saved.
    """
    tree = _Tree(above, way_m, limit_m)
    for _ in range(rounds):
        moves = _moves(network, np.array(tree.above), np.array(tree.way_m))
        if not sum([tree.move(*move) for move in moves]):
            break
    return np.array(tree.above, dtype=np.int64)


def _moves(network: Network, above: Rows, way_m: Floats) -> list[tuple[int, int, float]]:
    """Return branch, neighbour and length of edges shorter than what a branch hangs by, best first."""
    inside = above >= 0
    inside[above[inside]] = True
    step_m = np.zeros(len(above))
    below = np.flatnonzero(above >= 0)
    step_m[below] = way_m[below] - way_m[above[below]]
    branch, other = np.concatenate([network.ends, network.ends[:, ::-1]]).T
    length_m = np.tile(network.length_m, 2)
    saves_m = step_m[branch] - length_m
    rows = np.flatnonzero((saves_m > 0) & inside[other])
    rows = rows[np.lexsort((other[rows], branch[rows], -saves_m[rows]))]
    return list(zip(branch[rows].tolist(), other[rows].tolist(), length_m[rows].tolist(), strict=True))


class _Tree:
    """A rooted tree as lists, which single moves change fastest."""

    def __init__(self, above: Rows, way_m: Floats, limit_m: Floats) -> None:
        self.above: list[int] = above.tolist()
        self.way_m: list[float] = way_m.tolist()
        self.limit_m: list[float] = limit_m.tolist()
        self.below: list[list[int]] = [[] for _ in self.above]
        for node, over in enumerate(self.above):
            if over != NONE:
                self.below[over].append(node)

    def move(self, top: int, other: int, length_m: float) -> bool:
        """Hang a branch on another node; return whether that was possible and shorter."""
        old = self.above[top]
        gone = old == NONE or (self.above[other] == NONE and not self.below[other])
        if gone or length_m >= self.way_m[top] - self.way_m[old] or self._is_under(other, top):
            return False
        longer_m = self.way_m[other] + length_m - self.way_m[top]
        branch = [top]
        for node in branch:
            if self.way_m[node] + longer_m > self.limit_m[node]:
                return False
            branch.extend(self.below[node])
        for node in branch:
            self.way_m[node] += longer_m
        self.above[top] = other
        self.below[other].append(top)
        self._drop(old, top)
        return True

    def _is_under(self, node: int, top: int) -> bool:
        while node not in (top, NONE):
            node = self.above[node]
        return node == top

    def _drop(self, node: int, child: int) -> None:
        """Take a child away, and every node above it that then carries nothing."""
        self.below[node].remove(child)
        while not self.below[node] and self.limit_m[node] == np.inf and self.above[node] != NONE:
            child, node = node, self.above[node]
            self.above[child] = NONE
            self.below[node].remove(child)
