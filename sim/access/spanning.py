"""The candidates among which the shortest connection of points on a plane is to be found."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Delaunay, QhullError

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

MESHED = 4
"""Fewest places that are triangulated; of fewer all pairs are candidates."""


def candidate_pairs(points_m: Floats) -> Rows:
    """Return pairs of points that contain a minimum spanning tree of all, shape (m, 2), the lower first.

    The edges of the Delaunay triangulation do: for any other pair there is a way between its points over
    edges that are all shorter (Preparata and Shamos, Computational Geometry, 1985, section 6.1). Points at
    the same place hang on the first of them; points on a line are joined in its order.
    """
    places, first, place = np.unique(points_m, axis=0, return_index=True, return_inverse=True)
    place = place.ravel()
    twins = np.flatnonzero(first[place] != np.arange(len(points_m)))
    pairs = np.concatenate([first[_between(places)], np.column_stack([first[place[twins]], twins])])
    return np.unique(np.sort(pairs, axis=1), axis=0)


def _between(places: Floats) -> Rows:
    """Return candidate pairs of points that all lie at different places."""
    if len(places) < MESHED:
        return np.column_stack(np.triu_indices(len(places), 1)).astype(np.int64)
    centred = places - places.mean(axis=0)
    try:
        mesh = Delaunay(centred)
    except QhullError:
        along = centred @ np.linalg.svd(centred, full_matrices=False)[2][0]
        order = np.argsort(along, kind="stable").astype(np.int64)
        return np.column_stack([order[:-1], order[1:]])
    corners = mesh.simplices.astype(np.int64)
    left_out, facet, _ = mesh.coplanar.T.astype(np.int64)  # too near to another point for the triangulation
    sides = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]])
    near = np.column_stack([np.repeat(left_out, corners.shape[1]), corners[facet].ravel()])
    return np.concatenate([sides, near])
