"""Yunnan's LTE month by month, its whole run and what it is proposed, over the real ground.

Small versions are on a made-up region without a height model.
"""

from __future__ import annotations

import os
import resource
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from benchmarks.cases.synthetic import load as load_synthetic
from benchmarks.radio.ground import ROOT
from benchmarks.radio.maps import prefixed
from benchmarks.rows import Figures, Limit, Row, Size, timed
from sim import study
from sim.geo.area import read_area
from sim.radio.audience import audience_of
from sim.radio.cells import reached
from sim.radio.months import RadioResult, measure_networks
from sim.radio.network import Layer
from sim.radio.onair import CarrierOnAir, NetworkOnAir
from sim.radio.received import hear
from sim.radio.receivers import Points
from sim.radio.sites import Sites
from sim.scenario.load import LoadedScenario, load_scenario
from sim.tables.plan import CARRIER, MOBILE, SITE_BUILDS, Proposal
from sim.technologies import Plant
from tests.radio.coverage_twin import sector_dbm

BUNDLE = Path(os.environ.get("ROLLOUT_BUNDLE") or ROOT.parent / "shared" / "geodata")
SMALL_ZONES = 60
OVERLAY_LATER = 12
"""Months after its site from which an overlay radiates."""
SAMPLED = 200
FEWER = 10_000
"""Sites of a second network, beside that of all sites proposed."""


def load(size: Size) -> LoadedScenario:
    """Return Yunnan with the layers of the bundle, or a made-up region."""
    if size.small:
        return load_synthetic(SMALL_ZONES)
    changes = (("geodata.bundle", str(BUNDLE)),)
    return load_scenario(ROOT / "scenarios" / "yunnan-2017.yaml", changes)


def without_bundle(size: Size) -> str:
    """Return why rows of the real province cannot be measured here."""
    if size.small or BUNDLE.is_dir():
        return ""
    return "the data bundle is not beside the checkout (name it in ROLLOUT_BUNDLE)"


@contextmanager
def empty_cache() -> Iterator[None]:
    """Read and keep what is cached in a folder that is empty and goes away."""
    known = os.environ.get("ROLLOUT_CACHE")
    with tempfile.TemporaryDirectory(prefix="rollout-bench-") as folder:
        os.environ["ROLLOUT_CACHE"] = folder
        try:
            yield
        finally:
            os.environ.pop("ROLLOUT_CACHE")
            if known is not None:
                os.environ["ROLLOUT_CACHE"] = known


def prepared_of(loaded: LoadedScenario) -> study.Prepared:
    """Return what a scenario starts from."""
    area, _ = read_area(loaded.scenario.province, loaded.scenario.geodata)
    return study.prepare(loaded, area)


def propose(prepared: study.Prepared) -> Proposal:
    """Return what LTE is proposed in month 0."""
    ground, clock = prepared.ground, prepared.scenario.clock
    plant = Plant(ground.standing_sites, ground.standing_share, {}, ground.standing_sites)
    lte = prepared.scenario.technologies.chosen()["lte"]
    return lte.propose(prepared.area, prepared.demand, plant, clock)


def lte_on_air(prepared: study.Prepared, most: int | None = None) -> NetworkOnAir:
    """Return LTE with every proposed site on air, as many more each month, overlays a year later.

    ``most`` keeps so many sites, chosen evenly.
    """
    demand, months = prepared.demand, prepared.scenario.clock.months
    lte = prepared.scenario.technologies.chosen()["lte"]
    table = propose(prepared).candidates
    mobile = table[table["use"] == MOBILE]
    places = np.unique(mobile["location"][mobile["build"].isin(SITE_BUILDS)].to_numpy())
    standing = prepared.ground.standing_sites.get("lte", np.empty(0, dtype=np.int32))
    places = np.union1d(places, standing).astype(np.int32)
    if most is not None and most < len(places):
        places = places[np.arange(most) * len(places) // most]
    rank = np.random.default_rng(1).permutation(len(places))
    month = (rank * (months + 1) // len(places) - 1).astype(np.int32)
    over = np.isin(places, mobile["location"][mobile["build"] == CARRIER].to_numpy())
    carriers = [(lte.coverage, places, month)]
    if lte.overlay:
        later = np.minimum(month[over] + OVERLAY_LATER, months).astype(np.int32)
        carriers.append((lte.overlay, places[over], later))
    kind = demand.zone_kind
    users = prepared.ground.population * demand.mobile_willing[:, kind] * demand.lte_ready[:, None]
    none = np.empty(0, dtype=np.int32)
    return NetworkOnAir(
        name="lte",
        network=lte,
        carriers=tuple(_carrier(prepared, *each) for each in carriers if len(each[1])),
        added=(none, none, np.empty(0)),
        traffic_mbps=users * demand.mobile_busy_mbps[:, None],
    )


def _carrier(prepared: study.Prepared, name: str, places: np.ndarray, month: np.ndarray) -> CarrierOnAir:
    layer: Layer = prepared.scenario.technologies.chosen()["lte"].layer(name)
    return CarrierOnAir(name, layer, layer.sites(prepared.area, places), places, month)


def every_month(size: Size) -> Figures:
    """Return the time of all months with an empty cache and with a full one, and the error of the powers."""
    prepared = prepared_of(load(size))
    air, options = lte_on_air(prepared), prepared.scenario.radio
    figures: Figures = {
        "sites": len(air.carriers[0].sites),
        "cells": sum(carrier.sites.sectors for carrier in air.carriers),
        "months": air.months,
        "points": len(prepared.area.points),
        "pixel_m": air.carriers[0].layer.pixel_m,
    }

    def first() -> RadioResult:
        with empty_cache():
            return measure_networks(prepared.area, [air], options)

    spent, result = timed(first, size.times)
    figures |= prefixed("first", spent)
    with empty_cache():
        measure_networks(prepared.area, [air], options)
        spent, again = timed(lambda: measure_networks(prepared.area, [air], options), size.times)
        figures |= prefixed("cached", spent)
        figures["heard_db"] = heard_db(prepared, air)
        fewer = lte_on_air(prepared, FEWER)
        measure_networks(prepared.area, [fewer], options)
        spent, _ = timed(lambda: measure_networks(prepared.area, [fewer], options), size.times)
        figures |= prefixed("sites_10000_cached", spent)
    figures["cached_differs"] = float(not result.radio.equals(again.radio))
    figures["pixels"] = result.maps["lte"].grid.rows * result.maps["lte"].grid.columns
    return figures | {"peak_mb": _peak_mb()}


def heard_db(prepared: study.Prepared, air: NetworkOnAir) -> float:
    """Return how far the powers of three months are from broadcasting in double precision at some receivers.

    What is too weak to cover in the street may be left out, so that there only too much counts.
    """
    area = prepared.area
    audience = audience_of(area, prepared.scenario.radio.settlement_homes)
    heard = hear(area, audience, air)
    some = np.random.default_rng(2).choice(len(audience.at), min(SAMPLED, len(audience.at)), replace=False)
    rough = _rough(prepared, air, audience.zone[some])
    covers_dbm = air.network.threshold_dbm() + air.network.margin_db()
    every = []
    for carrier in air.carriers:
        power = outdoors(prepared, carrier.layer, carrier.sites, audience.at.take(some))
        loss = carrier.layer.receiver_db(audience.kind[some]) + rough
        every.append(power - loss[:, None])
    apart = 0.0
    for month in (0, air.months // 2, air.months - 1):
        best = np.full(len(some), -np.inf)
        for carrier, power in zip(air.carriers, every, strict=True):
            on = np.repeat(carrier.month <= month, np.diff(carrier.sites.first_sector))
            best = np.maximum(best, np.where(on, power, -np.inf).max(axis=1))
        found = heard.rsrp_dbm[month][some].astype(np.float64)
        covered = best >= covers_dbm
        too_much = np.maximum(found[~covered & np.isfinite(found)] - best[~covered & np.isfinite(found)], 0.0)
        apart = max(apart, np.abs(found[covered] - best[covered]).max(initial=0.0), too_much.max(initial=0.0))
    return float(apart)


def _rough(prepared: study.Prepared, air: NetworkOnAir, zone: np.ndarray) -> np.ndarray:
    if prepared.area.dem is not None:
        return np.zeros(len(zone))
    roughness = prepared.area.zones["roughness_m"].to_numpy()[zone]
    return np.minimum(air.network.roughness_margin * roughness, air.network.roughness_limit)


def outdoors(prepared: study.Prepared, layer: Layer, sites: Sites, at: Points) -> np.ndarray:
    """Return the power of every sector at every point by broadcasting, terrain included [dBm]."""
    power = sector_dbm(at.x_m, at.y_m, sites)
    terrain = layer.terrain(prepared.area, sites)
    if terrain is None:
        return power
    counts = np.diff(sites.first_sector)
    every = np.arange(len(sites))
    for row, (x, y) in enumerate(zip(at.x_m, at.y_m, strict=True)):
        loss = terrain.loss_db(every, np.full(len(sites), x), np.full(len(sites), y))
        power[row] -= np.repeat(loss, counts)
    return power


def proposals(size: Size) -> Figures:
    """Return the time of what LTE is proposed, its pairs and sites, and how many pairs are wrong."""
    prepared = prepared_of(load(size))
    area, lte = prepared.area, prepared.scenario.technologies.chosen()["lte"]
    layer = lte.layer()
    wanted = lte.wanted_dbm(area, layer)
    sites = layer.sites(area, np.arange(len(area.locations), dtype=np.int32))
    propose(prepared)  # terrain is in the cache
    spent, proposal = timed(lambda: propose(prepared), size.times)
    pairs_spent, pairs = timed(lambda: reached(area, layer, sites, wanted), size.times)
    builds = proposal.candidates["build"][proposal.candidates["use"] == MOBILE].value_counts()
    points = area.points
    served = np.unique(proposal.service["point"].to_numpy())
    people = points["population"].to_numpy()
    some = np.sort(np.random.default_rng(3).choice(len(points), min(SAMPLED, len(points)), replace=False))
    at = Points(points["x_m"].to_numpy()[some], points["y_m"].to_numpy()[some])
    power = np.maximum.reduceat(outdoors(prepared, layer, sites, at), sites.first_sector[:-1], axis=1)
    exact = power >= wanted[some][:, None]
    found = np.zeros_like(exact)
    mine = np.isin(pairs.point, some)
    found[np.searchsorted(some, pairs.point[mine]), pairs.site[mine]] = True
    clear = np.abs(power - wanted[some][:, None]) > 0.01  # powers are rounded to a hundredth
    return {
        "locations": len(sites),
        "points": len(points),
        "pairs": len(pairs.site),
        "sites_chosen": int(sum(builds.get(build, 0) for build in SITE_BUILDS)),
        "people_reached": float(people[served].sum() / people.sum()),
        **spent,
        **prefixed("pairs", pairs_spent),
        "pairs_checked": int(exact.sum()),
        "pairs_wrong": int((found != exact)[clear].sum()),
    }


def whole_run(size: Size) -> Figures:
    """Return the time and memory of a whole run with all technologies, its geography and terrain cached."""
    loaded = load(size)
    first, _ = timed(lambda: study.simulate(loaded), 1)
    spent, run = timed(lambda: study.simulate(loaded), size.times)
    stages = {f"stage_{name.replace(' ', '_')}_s": value for name, value in run.timings.items()}
    return {
        "technologies": len(loaded.scenario.technologies.chosen()),
        "warming_s": first["s"],
        **spent,
        **stages,
        "peak_mb": _peak_mb(),
    }


def _peak_mb() -> float:
    """Return the most that this process ever held [MB]."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


NETWORKS = (
    Row(
        "yunnan-months",
        "Yunnan's LTE, all months, points and raster of 500 m over the real ground: numpy, one core",
        every_month,
        (
            Limit("sites", least=10_000, timed=True),
            Limit("first_s", most=60.0, timed=True, processor="first_processor_s"),
            Limit("cached_s", most=10.0, timed=True, processor="cached_processor_s"),
            # powers are kept to a hundredth
            Limit("heard_db", most=0.0101),
            Limit("cached_differs", most=0),
        ),
        without_bundle,
    ),
    Row(
        "yunnan-propose",
        "what LTE is proposed in Yunnan in month 0, terrain cached: numpy, one core",
        proposals,
        (Limit("pairs_wrong", most=0), Limit("pairs", least=1), Limit("sites_chosen", least=1)),
        without_bundle,
    ),
    Row(
        "yunnan-run",
        "the whole run of Yunnan with all technologies, geography and terrain cached",
        whole_run,
        (
            Limit("s", most=60.0, timed=True, processor="processor_s"),
            Limit("peak_mb", most=4096.0, timed=True),
        ),
        without_bundle,
    ),
)
