"""What money, commitments and worth ask of every zone: its kind, its county, whether it is poor."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.files import read_csv_rows

if TYPE_CHECKING:
    import pandas as pd

POOR_COLUMNS = ("county", "name", "province", "prefecture", "list", "source", "confidence")


@dataclass(frozen=True, eq=False)
class Places:
    """The zones as pots see them, one row a zone (Z)."""

    kind: NDArray[np.object_]
    """City, town or village, shape (Z,)."""
    county: NDArray[np.object_]
    """Six-digit county code, shape (Z,)."""
    prefecture: NDArray[np.object_]
    """Prefecture by name, shape (Z,)."""
    zone_id: NDArray[np.object_]
    """Identifier, shape (Z,)."""
    poor: NDArray[np.bool_]
    """Whether its county is on the list of poor counties, shape (Z,)."""

    def __len__(self) -> int:
        """Return how many zones there are."""
        return len(self.kind)

    @classmethod
    def of_kinds(cls, kinds: NDArray[np.object_]) -> Places:
        """Return places of which no more than the kind of each zone is known."""
        nameless = np.full(len(kinds), "", dtype=object)
        return cls(kinds, nameless, nameless, nameless, np.zeros(len(kinds), dtype=bool))

    def named(self, names: Collection[str]) -> NDArray[np.bool_]:
        """Return the zones that a place list names by zone, county or prefecture, shape (Z,)."""
        wanted = list(names)
        found = np.isin(self.zone_id, wanted) | np.isin(self.county, wanted)
        return found | np.isin(self.prefecture, wanted)

    @cached_property
    def _names(self) -> dict[str, str]:
        every = (*np.unique(self.prefecture), *np.unique(self.county), *self.zone_id)
        return {str(name).lower(): str(name) for name in every}

    def unknown(self, names: Iterable[str]) -> list[str]:
        """Return a remark on every name that is no zone, county or prefecture, with what is near."""
        remarks = []
        for name in names:
            if name in self._names.values():
                continue
            near = difflib.get_close_matches(name.lower(), list(self._names), n=1)
            hint = f"; did you mean {self._names[near[0]]!r}?" if near else ""
            remarks.append(f"{name!r} is no zone, county code or prefecture of the area{hint}")
        return remarks


def places_of(zones: pd.DataFrame, poor: Collection[str] = ()) -> Places:
    """Return the zones of an area as pots see them; ``poor`` are the county codes of poor counties."""
    county = zones["county"].to_numpy(dtype=object)
    return Places(
        kind=zones["kind"].to_numpy(dtype=object),
        county=county,
        prefecture=zones["prefecture"].to_numpy(dtype=object),
        zone_id=zones["zone_id"].to_numpy(dtype=object),
        poor=np.isin(county, list(poor)),
    )


def read_poor_counties(path: Path) -> frozenset[str]:
    """Return the county codes of a list of poor counties; ``DataError`` where columns are missing."""
    return frozenset(row["county"] for _, row in read_csv_rows(path, POOR_COLUMNS))
