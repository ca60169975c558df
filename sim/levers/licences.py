"""Dates of licences: when a generation of radio may be built and sold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar

from pydantic import Field, field_validator

from sim.clock import month_label, month_number
from sim.levers.base import Document, Lever, Number, Size, Switch, at, months_of, section
from sim.tables.bands import BANDS

_TDD, _FDD = "td_lte", "fdd_lte"
_TECHNOLOGIES = {_TDD: ("lte", "fwa"), _FDD: ("lte", "fwa"), "nr": ("nr",), "nbiot": ("nbiot",)}
"""Technologies that wait for a licence."""
_DEMAND = {_TDD: "demand.lte_launch", "nr_handsets": "demand.nr_launch"}
"""Keys of demand that begin with it."""


class LicenceDates(Lever):
    """Licences for LTE, 5G and NB-IoT are granted earlier (or later) than they were."""

    name: ClassVar[str] = "licence_dates"
    statement: ClassVar[str] = "Radio spectrum is licensed earlier."
    mechanism: ClassVar[str] = (
        "LTE, 5G and NB-IoT may be built, and their handsets are sold, some months before the dates at which "
        "the licences were granted"
    )
    targets: ClassVar[tuple[str, ...]] = ("SC-17",)

    months_earlier: Annotated[float | str, Size("months", -120.0, 120.0)]
    """Months by which every licence comes earlier; less than 0: later [months]."""
    granted: Annotated[dict[str, str], Field(min_length=1)]
    """Month in which each licence was granted: td_lte, fdd_lte, nbiot, nr, and nr_handsets for the month
    from which its handsets are sold [YYYY-MM]."""

    @field_validator("granted")
    @classmethod
    def _months(cls, value: dict[str, str]) -> dict[str, str]:
        known = {*_TECHNOLOGIES, *_DEMAND}
        for name, month in value.items():
            if name not in known:
                raise ValueError(f"{name!r} is no licence; allowed: {', '.join(sorted(known))}")
            month_number(month)
        return value

    def switches(self, document: Document, number: Number) -> Iterator[Switch]:
        """Yield the dates of technologies, of their carriers and of demand that are those of a licence."""
        months = round(number("months_earlier"))
        for licence, month in self.granted.items():
            moved = month_label(month_number(month) - months)
            for key in _keys(document, licence):
                if at(document, key) in (month, moved):
                    yield Switch(key, moved, month)

    def cannot_bite(self, document: Document) -> str:
        """Return whether no licence falls into the months that are simulated, however it is moved."""
        span = months_of(document)
        if self.months_earlier == 0:
            return "no date moves"
        if span is None:
            return ""
        if all(month_number(month) < span[0] for month in self.granted.values()):
            return "every licence was granted before the first month"
        return ""


def _keys(document: Document, licence: str) -> Iterator[str]:
    """Yield the keys whose date may be that of a licence."""
    if licence in _DEMAND:
        yield _DEMAND[licence]
    for name in _TECHNOLOGIES.get(licence, ()):
        key = f"technologies.{name}"
        if licence != _FDD and section(document, key):
            yield f"{key}.available_from"
        for carrier, values in section(document, f"{key}.carriers").items():
            band = BANDS.get(str(values.get("band", ""))) if isinstance(values, dict) else None
            duplex = {_TDD: True, _FDD: False}.get(licence)
            if duplex is None or (band is not None and band.tdd == duplex):
                yield f"{key}.carriers.{carrier}.available_from"
