"""Cards of mobile networks by generation, as statistics count them; persons apart."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from sim.indicators.base import ALL, GROUPS, Evidence, Indicator, Series

PERSONS = "persons"
"""Breakdown that tells persons, of whom each has so many cards."""
GENERATIONS = {"users_3g": "umts", "users_5g": "nr"}
BROADBAND = ("umts", "lte", "nr")


def users_of(evidence: Evidence, technology: str) -> Series:
    """Return the cards on one generation, by group."""
    users = evidence.users(technology)
    return {group: evidence.total(users, group) for group in GROUPS}


def _cards(evidence: Evidence) -> NDArray[np.float64] | None:
    """Return the cards of all generations in use, none where the state does not say, shape (M, Z)."""
    lines = evidence.state.lines
    if lines is None or lines.demand.mobile_cards is None:
        return None
    each = lines.demand.mobile_cards[:, lines.demand.zone_kind]
    return np.maximum(each * evidence.state.population, evidence.users(*BROADBAND))


def users_2g(evidence: Evidence) -> Series:
    """Return the cards in no network of mobile broadband, by group."""
    cards = _cards(evidence)
    if cards is None:
        return {}
    left = cards - evidence.users(*BROADBAND)
    return {group: evidence.total(left, group) for group in GROUPS}


def subscribers(evidence: Evidence) -> Series:
    """Return the cards of all generations by group, and the persons who use them."""
    cards = _cards(evidence)
    if cards is None or evidence.state.lines is None:
        return {}
    result = {group: evidence.total(cards, group) for group in GROUPS}
    result[PERSONS] = result[ALL] / evidence.state.lines.demand.cards_per_person
    return result


INDICATORS = (
    Indicator(
        "users_2g", "users", "cards in use without mobile broadband, wanted or covered", users_2g, ("gsm",),
        breakdowns=GROUPS,
    ),
    *(
        Indicator(
            name, "users", f"cards on {name[-2:].upper()}", partial(users_of, technology=technology),
            (technology,), breakdowns=GROUPS,
        )
        for name, technology in GENERATIONS.items()
    ),
    Indicator(
        "mobile_subscribers", "users", "cards in use of all generations; persons apart", subscribers,
        ("gsm", *BROADBAND), breakdowns=(*GROUPS, PERSONS),
    ),
)  # fmt: skip
