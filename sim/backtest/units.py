"""Units of statistics and of indicators, and the factor between two of them."""

from __future__ import annotations

import re
from dataclasses import dataclass

SHARE = "share"
_COUNT = "count"
_MULTIPLES = {
    "": 1.0, "k": 1e3, "10k": 1e4, "thousand": 1e3, "m": 1e6, "million": 1e6, "100m": 1e8, "bn": 1e9,
    "billion": 1e9, "万": 1e4, "亿": 1e8,
}  # fmt: skip
# what is measured, in the unit that stands for 1
_MEASURES = {
    "mbps": ("rate", 1.0), "mbit/s": ("rate", 1.0), "gbps": ("rate", 1e3), "gbit/s": ("rate", 1e3),
    "tbps": ("rate", 1e6), "kbps": ("rate", 1e-3), "gb": ("volume", 1.0), "mb": ("volume", 1e-3),
    "tb": ("volume", 1e3), "pb": ("volume", 1e6), "yuan": ("money", 1.0), "km": ("length", 1.0),
}  # fmt: skip
_RATES = ("mbit/s", "gbit/s")


@dataclass(frozen=True)
class Unit:
    """A unit: what it measures, and how many of the simplest unit of that it is."""

    dimension: str
    factor: float


def read_unit(text: str) -> Unit:
    """Return a unit; whatever is counted (subs, users, villages) has the dimension ``count``."""
    plain = " ".join(text.strip().lower().split())
    if plain in ("%", "percent", "per cent", "share", "ratio", "1"):
        return Unit(SHARE, 0.01 if plain not in ("share", "ratio", "1") else 1.0)
    if plain.endswith(" points") or re.fullmatch(r"[a-z ]+/100 [a-z ]+", plain):
        return Unit(SHARE, 0.01)
    for rate in _RATES:
        plain = plain.replace(rate, rate.replace("bit/s", "bps"))
    head, *rest = plain.split("/")
    found = re.fullmatch(r"(100m|10k|million|billion|thousand|bn|k|m|万|亿)?(?: ?(.*))?", head)
    multiple, what = (found[1] or "", (found[2] or "").strip()) if found else ("", head)
    if what and multiple in ("k", "m") and not head.startswith(f"{multiple} "):
        multiple, what = "", head  # the first letter of a word, as in "km" or "mbps"
    dimension, one = _MEASURES.get(what, (_COUNT, 1.0))
    return Unit("/".join([dimension, *rest]), _MULTIPLES[multiple] * one)


def factor_between(given: str, wanted: str) -> float | None:
    """Return what to multiply a number in one unit by to have it in another; none where they differ."""
    one, other = read_unit(given), read_unit(wanted)
    return one.factor / other.factor if one.dimension == other.dimension else None
