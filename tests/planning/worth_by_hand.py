"""Made-up worlds, and what candidates are worth in them counted row by row and home by home."""

import numpy as np

from sim.planning.worth import Roads, Weights
from tests.planning.small import needs, proposal, situation

LAYERS = ("dsl", "ftth", "cable", "fwa", "satellite")
LAYER_MBPS = np.array([[8.0], [100.0], [50.0], [20.0], [10.0]])
CABLE = LAYERS.index("cable")
USE_OF = {
    "ftth": "fixed", "fwa": "fixed", "satellite": "fixed", "cable": "television",
    "lte": "mobile", "umts": "mobile", "nr": "mobile", "nbiot": "iot",
}  # fmt: skip
COUNTS = {
    "fixed": ["", "fixed", "ftth", "fixed;lte", "fixed;lte;satellite"],
    "mobile": ["", "lte", "umts;lte;nr"],
}
ROADS = {"road": ("road", 4), "road 1-2": ("road", 2), "rail": ("rail", 4)}
ZONES, POINTS_OF_ZONE, CANDIDATES, NEEDS, GRAINS = 5, 4, 12, 8, 1000
WEIGHTS = Weights(
    base={"fixed": 0.1, "television": 0.2, "mobile": 0.03, "iot": 0.01},
    late_share=0.5,
    road_km=0.7,
    technology_share={"nr": 0.3, "10g": 0.5},
    deadline_gain=1.0,
    deadline_months=8.0,
    shortfall_share=0.5,
    equity_village=0.25,
    equity_poor_county=0.5,
    revenue={"fixed": 0.01, "mobile": 0.002},
)


def some_offers(random):
    """Candidates of any technology, and points or a zone that each serves."""
    rows, service = [], []
    for number in range(CANDIDATES):
        technology = str(random.choice(list(USE_OF)))
        zone, mbps = int(random.integers(ZONES)), float(random.choice([2.0, 10.0, 50.0, 100.0]))
        build = "terminals" if technology == "satellite" else str(random.choice(["village", "10g"]))
        row = {"id": f"{technology}:{number}", "technology": technology, "use": USE_OF[technology]}
        rows.append(row | {"zone": zone, "build": build, "quantity": int(random.integers(1, 90))})
        if row["use"] in ("mobile", "iot"):
            points = random.choice(ZONES * POINTS_OF_ZONE, int(random.integers(1, 8)), replace=False)
            service += [(row["id"], p // POINTS_OF_ZONE, p, mbps) for p in sorted(points.tolist())]
        else:
            service.append((row["id"], zone, -1, mbps))
    return proposal(rows, service=service)


def some_needs(random):
    """Needs of any use, due before or after now."""
    rows = []
    for _ in range(NEEDS):
        use = str(random.choice(["fixed", "fixed", "fixed", "mobile", "television", "iot"]))
        kind = str(random.choice(["village", "town", "city"]))
        if use == "mobile" and random.random() < 0.4:
            kind = str(random.choice(list(ROADS)))
        mbps, due = float(random.choice([0.0, 4.0, 12.0, 60.0])), int(random.integers(20))
        weight, enough = float(random.integers(1, 5)) / 4, float(random.choice([0.5, 1.0]))
        rows.append((use, kind, mbps, due, weight, enough, str(random.choice(COUNTS.get(use, [""])))))
    return needs(*rows)


def some_situation(random):
    """Zones with lines of any kind, radio at some points, some of them on roads."""
    points = ZONES * POINTS_OF_ZONE
    share = np.round(random.random((5, ZONES)) * (random.random((5, ZONES)) < 0.5), 2)
    return situation(
        random.integers(20, 200, ZONES) * POINTS_OF_ZONE,
        POINTS_OF_ZONE,
        month=int(random.integers(20)),
        fixed_mbps=np.where(share > 0, LAYER_MBPS, 0).astype(np.float32),
        fixed_share=share.astype(np.float32),
        layers=LAYERS,
        cable=CABLE,
        covered={name: random.random(points) < 0.3 for name in ("lte", "umts", "nr", "nbiot", "gsm")},
        reach={"cable": np.round(random.random(ZONES), 2)},
        poor=random.random(ZONES) < 0.5,
        paying={name: np.round(random.random(ZONES), 2) for name in ("fixed", "mobile")},
        roads=Roads(
            np.where(random.random(points) < 0.3, 2.0, 0.0),
            random.choice(["road", "rail"], points).astype(object),
            random.integers(1, 4, points),
            random.random(points) < 0.3,
        ),
    )


def world(seed):
    """A proposal, needs, situation and kinds of zones."""
    random = np.random.default_rng(seed)
    kinds = random.choice(["village", "town", "city"], ZONES).astype(object)
    return some_offers(random), some_needs(random), some_situation(random), kinds


class ByHand:
    """One candidate's worth from the definitions: {what is served: worth}."""

    def __init__(self, candidate, service, wanted, now, kinds):
        self.candidate, self.now, self.kinds = candidate, now, kinds
        self.use, self.technology = candidate["use"], candidate["technology"]
        self.needs = wanted.to_dict("records")
        less = WEIGHTS.technology_share
        self.share = less.get(self.technology, 1) * less.get(candidate["build"], 1)
        self.rows = [
            row for row in service.to_dict("records") if row["project_id"] == candidate["project_id"]
        ]
        self.worth = {}
        for row in self.rows:
            self.at_point(row) if row["point"] >= 0 else self.in_zone(row)
        for need in self.needs:
            if need["use"] == "fixed":
                for zone in sorted({row["zone"] for row in self.rows}):
                    self.of_lines(need, zone)

    def add(self, key, zone, base=0.0, targets=0.0, revenue=0.0):
        """Book a worth with the equity of its zone."""
        village, poor = self.kinds[zone] == "village", self.now.poor[zone]
        more = 1 + WEIGHTS.equity_village * village + WEIGHTS.equity_poor_county * poor
        self.worth[key] = self.worth.get(key, 0.0) + (base + targets) * more + revenue

    def urgent(self, need):
        """Weight of a need now."""
        left = need["due_month"] - self.now.month
        if left < 0:
            return need["weight"] * WEIGHTS.late_share
        return need["weight"] * (1 + WEIGHTS.deadline_gain * max(0, 1 - left / WEIGHTS.deadline_months))

    @staticmethod
    def counting(need):
        """Technologies that meet a need; none where all of its use do."""
        names = [name for name in need["counts"].split(";") if name]
        lines = [name for name in LAYERS if name != "satellite"] if "fixed" in names else []
        return [*names, *lines] if names else None

    def covered(self, names, point):
        """Whether any of these technologies serves a point."""
        return any(self.now.covered[name][point] for name in names or () if name in self.now.covered)

    def lacking(self, zone, mbps, names):
        """Share of homes without a rate on layers that count, and what one of them claims on average."""
        lacks = claims = 0.0
        layers = [
            (rate[zone], share[zone])
            for rate, share, name in zip(self.now.fixed_mbps, self.now.fixed_share, LAYERS, strict=True)
            if names is None or name in names
        ]
        for grain in range(GRAINS):
            best = max((rate for rate, share in layers if share * GRAINS > grain + 0.5), default=0.0)
            if best < mbps or best == 0:
                lacks += 1 / GRAINS
                claims += (1 - (WEIGHTS.shortfall_share * best / mbps if mbps else 0)) / GRAINS
        return lacks, (claims / lacks if lacks > 1e-9 else 1.0)

    def offered(self, zone):
        """Share of a zone's homes that the candidate has terminals for or can pass."""
        if self.candidate["build"] == "terminals":
            return min(1, self.candidate["quantity"] / self.now.homes[self.candidate["zone"]])
        return self.now.reach[self.technology][zone] if self.technology in self.now.reach else 1.0

    def two_way(self, zone, mbps, shortfall):
        """Share of homes that newly get a rate on cable."""
        rate, had = self.now.fixed_mbps[CABLE][zone], self.now.fixed_share[CABLE][zone]
        newly = self.offered(zone) - (had if rate >= mbps and rate > 0 else 0)
        if 0 < rate < mbps:
            newly -= shortfall * rate / mbps * min(had, self.offered(zone))
        return min(max(newly, 0), 1)

    def in_zone(self, row):
        """Lines and television beside needs of lines."""
        zone, mbps = row["zone"], row["peak_mbps"]
        homes = self.now.homes[zone]
        if self.use == "fixed":
            newly = min(self.lacking(zone, mbps, None)[0], self.offered(zone))
        else:
            newly = self.two_way(zone, mbps, 0)
        pays = self.now.paying.get(self.use, np.ones(ZONES))[zone]
        base, revenue = (
            by.get(self.use, 0) * self.share * newly * homes for by in (WEIGHTS.base, WEIGHTS.revenue)
        )
        targets = sum(
            self.urgent(need) * homes * self.two_way(zone, need["wanted_mbps"], WEIGHTS.shortfall_share)
            for need in self.needs
            if need["use"] == self.use == "television"
            and need["kind"] == self.kinds[zone]
            and mbps >= need["wanted_mbps"]
        )
        self.add((self.use, zone), zone, base, targets, revenue * pays)

    def at_point(self, row):
        """Radio beside needs of lines."""
        now, zone, point = self.now, row["zone"], row["point"]
        if self.covered((self.technology,), point):
            return
        on_road = self.use == "mobile" and now.roads.km[point] > 0
        amount = now.roads.km[point] if on_road else now.point_people[point]
        base = amount * (WEIGHTS.road_km if on_road else WEIGHTS.base.get(self.use, 0) * self.share)
        revenue = 0 if on_road else amount * WEIGHTS.revenue.get(self.use, 0) * self.share
        pays = now.paying[self.use][zone] if self.use in now.paying else 1
        targets = sum(self.urgent(need) * amount for need in self.needs if self.meets(need, row, on_road))
        self.add((self.use, "point", point), zone, base, targets, revenue * pays)

    def meets(self, need, row, on_road):
        """Whether a row of radio gives a point what a need asks for and the point lacks."""
        names, point, roads = self.counting(need), row["point"], self.now.roads
        if need["use"] != self.use or row["peak_mbps"] < need["wanted_mbps"]:
            return False
        if names is not None and self.technology not in names:
            return False
        if not on_road:
            return need["kind"] == self.kinds[row["zone"]] and not self.covered(names, point)
        if need["kind"] not in ROADS:
            return False
        kind, worst = ROADS[need["kind"]]
        group = (roads.kind == kind) & (roads.road_class <= worst)
        having = roads.km[group & roads.signal].sum() / max(roads.km[group].sum(), 1e-9)
        return group[point] and not roads.signal[point] and having < need["enough"]

    def of_lines(self, need, zone):
        """Whatever meets a need of lines in a zone."""
        names = self.counting(need)
        rows = [r for r in self.rows if r["zone"] == zone and r["peak_mbps"] >= need["wanted_mbps"]]
        counts = self.use == "fixed" if names is None else self.technology in names
        if not rows or not counts or self.kinds[zone] != need["kind"]:
            return
        people = self.now.point_people
        there = [point for point in range(len(people)) if self.now.zone_of_point[point] == zone]
        had = sum(people[p] for p in there if self.covered(names, p)) / people[there].sum()
        lacks, claim = self.lacking(zone, need["wanted_mbps"], names)
        lacks = 0 if round(had, 6) >= need["enough"] else min(lacks, 1 - had)
        if self.use in ("fixed", "television"):
            newly = min(lacks, self.offered(zone))
        else:
            new = [row["point"] for row in rows if not self.covered(names, row["point"])]
            cover = people[new].sum() / people[there].sum() if new else 0.0
            newly = lacks if new and round(had + cover, 6) >= need["enough"] else min(lacks, cover)
        self.add(
            ("need", need["counts"], zone),
            zone,
            0.0,
            self.urgent(need) * newly * claim * self.now.homes[zone],
        )


def by_hand(asked, wanted, now, kinds):
    """Every candidate's {what is served: worth}."""
    return [
        {
            key: worth
            for key, worth in ByHand(row, asked.service, wanted, now, kinds).worth.items()
            if worth > 1e-9
        }
        for row in asked.candidates.to_dict("records")
    ]
