"""Levers that hold from a month on."""

from __future__ import annotations

from abc import ABC
from typing import ClassVar

from pydantic import field_validator

from sim.clock import month_number
from sim.levers.base import Document, Lever, months_of


class DatedLever(Lever, ABC):
    """An instrument that begins in a month."""

    begins: ClassVar[str] = "it begins in"
    """How it is said that it begins in a month."""

    first_month: str
    """First month in which it holds [YYYY-MM]."""

    @field_validator("first_month")
    @classmethod
    def _is_month(cls, value: str) -> str:
        month_number(value)
        return value

    def cannot_bite(self, document: Document) -> str:
        """Return whether it begins after the last month."""
        months = months_of(document)
        if months is None or month_number(self.first_month) <= months[1]:
            return ""
        return f"{self.begins} {self.first_month}, after the last month"
