"""How many homes and people each zone has: census totals shared out exactly, large committees split."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.geo.options import SettleOptions
from sim.geo.shares import largest_remainder, lognormal
from sim.randomness import Streams

Ints = NDArray[np.int64]

MEASURES = ("homes_2010", "homes_2020", "population_2010", "population_2020")


def committee_sizes(
    census: pd.DataFrame, committees: pd.DataFrame, options: SettleOptions, streams: Streams
) -> pd.DataFrame:
    """Return homes and people of each committee in both census years (columns of ``MEASURES``).

    The county's homes are parted into urban and rural ones by its urban share, each part is shared
    out in proportion to seeded lognormal weights, and every sum is exact.
    """
    county, urban = committees["county"].to_numpy(), committees["urban"].to_numpy()
    group = county * 2 + urban
    counts = np.bincount(group, minlength=2 * len(census)).reshape(-1, 2)
    normals = [
        streams.generator("geo/size", code).standard_normal(int(n))
        for code, n in zip(census["county"], counts.sum(axis=1), strict=True)
    ]
    spread = np.where(urban, options.urban_spread, options.village_spread)
    weights = lognormal(np.concatenate(normals), spread)
    sizes = {}
    for measure in MEASURES:
        totals = np.asarray(
            _urban_rural(census, counts, measure, options.fewest_homes).ravel(), dtype=np.int64
        )
        least = np.where(totals >= counts.ravel(), 1, 0)
        rest = (totals - least * counts.ravel()).astype(np.int64)
        sizes[measure] = largest_remainder(rest, group, weights) + least[group]
    return pd.DataFrame(sizes)


def _urban_rural(census: pd.DataFrame, counts: Ints, measure: str, fewest: int) -> Ints:
    """Return rural and urban totals of each county, shape (counties, 2)."""
    what, year = measure.rsplit("_", 1)
    total = census[measure].to_numpy()
    people = census[f"population_{year}"].to_numpy()
    homes = census[f"homes_{year}"].to_numpy()
    share = census[f"urban_population_{year}"].to_numpy() / np.maximum(people, 1)
    urban = np.round(total * share).astype(np.int64)
    # A committee has homes even where the census counts the whole county as urban, or none of it.
    unit = np.full(len(total), fewest) if what == "homes" else fewest * people / np.maximum(homes, 1)
    least = np.minimum(np.ceil(unit[:, None] * counts).astype(np.int64), total[:, None] // 2)
    urban = np.clip(urban, least[:, 1], total - least[:, 0])
    urban = np.where(counts[:, 0] == 0, total, np.where(counts[:, 1] == 0, 0, urban))
    return np.column_stack([total - urban, urban])


def split_urban(committees: pd.DataFrame, most: int) -> tuple[Ints, dict[str, Ints]]:
    """Return the committee of each zone and its homes and people, urban committees split to ``most`` homes.

    The parts of a committee are equal to within one home in both years.
    """
    largest = np.maximum(committees["homes_2010"].to_numpy(), committees["homes_2020"].to_numpy())
    parts = np.where(committees["urban"].to_numpy(), np.maximum(-(-largest // most), 1), 1).astype(np.int64)
    committee = np.repeat(np.arange(len(committees)), parts)
    equal = np.ones(len(committee))
    return committee, {
        name: largest_remainder(committees[name].to_numpy(), committee, equal) for name in MEASURES
    }
