"""Seeded choices as plain arrays: small ones for proofs, large ones for times.

Every case mixes what makes a choice hard: several technologies that serve the same homes, sites whose
coverage overlaps, steps that require others, lines along which villages share what is dug, several pots
of which some pay only a part or for some, and rows committed to in advance.
"""

from __future__ import annotations

import numpy as np

from sim.planning.problem import Problem, Way
from sim.planning.projects import Links, Pairs
from sim.planning.worth import Values
from sim.tables.decisions import WORTH_PARTS

FEN_PER_MYUAN = 100_000_000
FIXED, WIRELESS, SATELLITE, SITE, THINGS, FASTER = range(6)
SMALL_CASES = 200


def links_of(parent, needs, assets):
    """Links of candidates by row: what each requires, and pairs (candidate, asset) needed itself."""
    parent = np.asarray(parent, dtype=np.int64)
    count = len(parent)
    mine, over = [], []
    row = np.flatnonzero(parent >= 0)
    above = parent[row]
    while len(row):
        mine.append(row)
        over.append(above)
        more = parent[above] >= 0
        row, above = row[more], parent[above[more]]
    mine, over = (np.concatenate([np.empty(0, dtype=np.int64), *part]) for part in (mine, over))
    pairs = np.array(needs, dtype=np.int64).reshape(-1, 2)
    own = Pairs.of(pairs[:, 0], pairs[:, 1], count)
    sizes = np.diff(own.starts)[over]
    offset = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    inherited = own.to[np.repeat(np.array(own.starts)[over], sizes) + offset]
    left = np.concatenate((pairs[:, 0], np.repeat(mine, sizes)))
    right = np.concatenate((pairs[:, 1], inherited))
    both = np.unique(left * max(1, assets) + right)
    left, right = both // max(1, assets), both % max(1, assets)
    return Links(
        parent=parent,
        ancestors=Pairs.of(mine, over, count),
        descendants=Pairs.of(over, mine, count),
        assets=own,
        bundle=Pairs.of(left, right, count),
        sharers=Pairs.of(right, left, assets),
        left=left,
        right=right,
    )


def values_of(rows):
    """Values from a list of {key: worth in millionths} by candidate."""
    sizes = [len(row) for row in rows]
    key = np.array([k for row in rows for k in sorted(row)], dtype=np.int64)
    value = np.array([row[k] for row in rows for k in sorted(row)], dtype=np.int64)
    starts = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
    return _values(starts, key, value, int(key.max(initial=-1)) + 1)


def _values(starts, key, value, keys):
    parts = np.zeros((len(WORTH_PARTS), len(value)), dtype=np.int64)
    parts[0] = value
    road = np.zeros(len(key), dtype=bool)
    return Values(starts=starts, key=key, value=value, parts=parts, gained=value.copy(), road=road, keys=keys)


def problem(own, worth, **rest):
    """A problem from prices and worths by key; whatever is left out is absent, one pot pays for all."""
    count = len(own)
    ways = tuple(rest.get("ways", (Way(0),)))
    funds = np.array(rest.get("funds", [0]), dtype=np.int64)
    asset_fen = np.array(rest.get("asset_fen", []), dtype=np.int64)
    ids = np.array([f"p{k:06}" for k in range(count)], dtype=object)
    return Problem(
        ids=ids,
        id_rank=np.arange(count, dtype=np.int64),
        own_fen=np.array(own, dtype=np.int64),
        opex_fen=np.array(rest.get("opex", np.zeros(count)), dtype=np.int64),
        shut=np.array(rest.get("shut", np.zeros(count)), dtype=bool),
        links=links_of(rest.get("parent", np.full(count, -1)), rest.get("needs", []), len(asset_fen)),
        asset_fen=asset_fen,
        bought=np.array(rest.get("bought", np.zeros(len(asset_fen))), dtype=bool),
        values=worth if isinstance(worth, Values) else values_of(worth),
        pots=tuple(f"pot{k}" for k in range(len(funds))),
        funds=funds,
        ways=ways,
        may=np.array(rest.get("may", np.ones((len(ways), count))), dtype=bool),
        forced=np.array(rest.get("forced", []), dtype=np.int64),
    )


class _World:
    """Villages and sites along lines, drawn from a seed: what each could have, key by key."""

    def __init__(self, random, most):
        self.random, self.most = random, most
        self.kind, self.own, self.opex, self.parent, self.worth, self.needs = [], [], [], [], [], []
        self.asset_fen = []
        self.homes = random.integers(20, 1500, max(3, most))
        self.line, self.village, self.points = [], 0, 2 * most

    def full(self):
        return len(self.own) >= self.most

    def add(self, kind, price, worth, parent=-1, needs=()):
        if self.full():
            return -1
        row = len(self.own)
        self.kind.append(kind)
        self.own.append(int(price))
        self.opex.append(int(price * self.random.uniform(0.01, 0.12)))
        self.parent.append(parent)
        self.worth.append({int(key): max(1, int(value)) for key, value in worth.items()})
        self.needs += [(row, asset) for asset in needs]
        return row

    def asset(self, low, high):
        self.asset_fen.append(int(self.random.uniform(low, high)))
        return len(self.asset_fen) - 1

    def place(self):
        """One village: fibre behind shared segments, perhaps faster, by radio, by satellite, a site."""
        random, zone = self.random, self.village
        self.village += 1
        homes = int(self.homes[zone % len(self.homes)])
        if not self.line or random.random() < 0.35:
            self.line = []
        self.line = [*self.line, self.asset(5e6, 9e7)]
        worth = homes * random.uniform(0.6, 1.4) * 1e6
        fibre = self.add(FIXED, homes * random.uniform(6e4, 2e5), {zone: worth}, needs=self.line)
        if random.random() < 0.35 and fibre >= 0:
            self.add(FASTER, homes * random.uniform(1e4, 5e4), {zone: worth * 1.4}, fibre)
        if random.random() < 0.4:
            self.add(SATELLITE, homes * random.uniform(2e4, 9e4), {zone: worth * random.uniform(0.1, 0.5)})
        if random.random() < 0.5:
            self.site(zone, worth)

    def site(self, zone, worth):
        """A site whose points overlap its neighbours', on a shared mast, with what rides on it."""
        random, base = self.random, 10 * self.most
        near = base + 2 * zone + random.choice(8, size=int(random.integers(2, 7)), replace=False)
        served = {int(key): random.uniform(20, 400) * 3e5 for key in near}
        needs = [self.line[-1]] if random.random() < 0.6 else []
        if random.random() < 0.5:
            needs.append(self.asset(1e7, 6e7))
        site = self.add(SITE, random.uniform(2e7, 9e7), served, needs=needs)
        if site < 0:
            return
        if random.random() < 0.4:
            things = {key + 100 * self.most: value * 0.2 for key, value in served.items()}
            iot = self.add(THINGS, random.uniform(1e6, 9e6), things, site)
            if random.random() < 0.3 and iot >= 0:
                self.add(THINGS, random.uniform(5e5, 4e6), {500 * self.most + zone: worth * 0.03}, iot)
        if random.random() < 0.5:
            mast = [needs[-1]] if needs else []
            self.add(WIRELESS, random.uniform(8e6, 4e7), {zone: worth * random.uniform(0.5, 0.9)}, site, mast)


def _money(random, world, share):
    """Pots, ways and who may use them: one to four pots, some bound to technologies, some matched."""
    kind, count = np.array(world.kind), len(world.own)
    everything = sum(world.own) + sum(world.asset_fen)
    pots = int(random.integers(1, 5))
    part = random.dirichlet(np.full(pots, 2.0))
    funds = [int(everything * share * one) for one in part]
    radio = np.isin(kind, [SITE, THINGS, WIRELESS])
    of_pot = [np.ones(count, dtype=bool), ~radio, radio, random.random(count) < 0.6][:pots]
    ways, may = [], []
    if pots >= 2 and random.random() < 0.5:
        matching = pots - 1
        ways.append(Way(0, matching, float(random.choice([0.3, 0.5])), float(random.choice([0.0, 6.0]))))
        may.append(of_pot[matching])
    for pot in range(pots - 1, -1, -1):
        ways.append(Way(pot))
        may.append(of_pot[pot])
    return funds, ways, np.array(may)


def small_case(seed, most=40):
    """One small choice of at most ``most`` candidates; the same seed gives the same."""
    random = np.random.default_rng([seed, 20_170_601])
    world = _World(random, int(random.integers(min(8, most), most + 1)))
    while not world.full():
        world.place()
    count = len(world.own)
    funds, ways, may = _money(random, world, float(random.uniform(0.1, 0.7)))
    shut = random.random(count) < 0.04
    for row, above in enumerate(world.parent):
        shut[row] |= above >= 0 and shut[above]
    open_rows = np.flatnonzero(~shut)
    forced = random.choice(open_rows, size=min(2, len(open_rows)), replace=False)
    return problem(
        world.own,
        world.worth,
        opex=world.opex,
        parent=world.parent,
        needs=sorted(set(world.needs)),
        asset_fen=world.asset_fen,
        bought=random.random(len(world.asset_fen)) < 0.1,
        funds=funds,
        ways=ways,
        may=may,
        shut=shut,
        forced=forced if seed % 4 == 0 else [],
    )


def large_case(count, seed=0, share=0.3, overlapping=True):
    """A province's worth of candidates: villages on lines of up to eight, sites, steps, four pots."""
    random = np.random.default_rng([seed, 20_150_201])
    villages = max(1, count * 2 // 5)
    sites = max(1, count * 3 // 10)
    steps = max(0, count - villages - sites)
    homes = np.minimum(random.lognormal(5.5, 0.8, villages), 5000.0)
    own = np.concatenate(
        [
            homes * random.uniform(6e4, 2e5, villages),
            random.uniform(2e7, 9e7, sites),
            random.uniform(1e6, 2e7, steps),
        ]
    ).astype(np.int64)
    parent = np.full(count, -1, dtype=np.int64)
    parent[villages + sites :] = random.integers(0, villages + sites, steps)
    line = np.arange(villages) // 8
    before = np.arange(villages) % 8 + 1
    left = np.repeat(np.arange(villages), before)
    right = line[left] * 8 + np.arange(len(left)) - np.repeat(np.cumsum(before) - before, before)
    at = random.integers(0, villages, sites)
    needs = np.column_stack(
        [np.concatenate([left, villages + np.arange(sites)]), np.concatenate([right, at])]
    )
    points = random.integers(2, 12, sites)
    owner = np.repeat(np.arange(sites), points)
    if overlapping:
        spot = (owner * 6 + random.integers(0, 14, len(owner))) % (sites * 7)
    else:
        spot = np.arange(len(owner))
    pair = np.unique(owner * np.int64(10**8) + spot)
    owner, spot = pair // 10**8, pair % 10**8
    step_key = villages + 20 * sites + np.arange(steps)
    who = np.concatenate([np.arange(villages), villages + owner, villages + sites + np.arange(steps)])
    key = np.concatenate([np.arange(villages), villages + spot, step_key])
    value = np.concatenate(
        [homes * 1e6, random.uniform(2e6, 1.2e8, len(owner)), random.uniform(1e5, 3e7, steps)]
    ).astype(np.int64)
    starts = np.concatenate(([0], np.cumsum(np.bincount(who, minlength=count)))).astype(np.int64)
    radio = np.zeros(count, dtype=bool)
    radio[villages : villages + sites] = True
    may = np.array([random.random(count) < 0.3, radio, ~radio, np.ones(count, dtype=bool)])
    asset_fen = random.uniform(5e6, 9e7, villages).astype(np.int64)
    total = float(own.sum() + asset_fen.sum()) * share
    return problem(
        own,
        _values(starts, key, value, int(key.max()) + 1),
        parent=parent,
        needs=needs,
        asset_fen=asset_fen,
        funds=(np.array([0.1, 0.3, 0.4, 0.2]) * total).astype(np.int64),
        ways=[Way(k) for k in range(4)],
        may=may,
    )
