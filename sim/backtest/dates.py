"""The month or months that an observation speaks of, read from the wordings that statistics use."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from sim.clock import month_label

MONTHS_OF_YEAR = 12
_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# a season or a loose word stands for the month that those who publish in it speak of
_LOOSE = {
    "early": 1, "start of": 1, "beginning of": 1, "spring": 4, "mid": 6, "middle of": 6, "summer": 7,
    "autumn": 9, "fall": 9, "late": 11, "winter": 12, "end of": 12, "end": 12,
}  # fmt: skip
# the 13th Five-Year Plan began in January 2016
_PLAN_ZERO = 1951
_PLAN_YEARS = 5


class UndatedError(ValueError):
    """The wording does not name months in which something was observed; the text says why."""


@dataclass(frozen=True)
class Span:
    """The months that an observation speaks of, counted as ``sim.clock.month_number`` counts them."""

    first: int
    last: int
    is_period: bool = False
    """Whether it speaks of a stretch of time as a whole rather than of its end."""

    @property
    def label(self) -> str:
        """The last month as YYYY-MM."""
        return month_label(self.last)

    @property
    def months(self) -> int:
        """How many months it covers."""
        return self.last - self.first + 1


def _month(year: int | str, month: int | str) -> int:
    return int(year) * MONTHS_OF_YEAR + int(month) - 1


def _at(month: int) -> Span:
    return Span(month, month)


def _stretch(first: int, last: int) -> Span:
    if last < first:
        raise UndatedError("it ends before it begins")
    return Span(first, last, is_period=True)


def _named(text: str) -> int:
    return _NAMES.index(text[:3]) + 1


def _quarter(year: str, number: str, size: int) -> Span:
    last = _month(year, int(number) * size)
    return _stretch(last - size + 1, last)


def _year(year: int | str) -> Span:
    return _stretch(_month(year, 1), _month(year, MONTHS_OF_YEAR))


def _edge(text: str, *, last: bool) -> int:
    """Return the first or last month of a year, a quarter or a month inside a wording."""
    if found := re.fullmatch(r"(\d{4})q([1-4])", text):
        span = _quarter(found[1], found[2], 3)
        return span.last if last else span.first
    if found := re.fullmatch(r"(\d{4})-(\d{1,2})", text):
        return _month(found[1], found[2])
    return _month(text, MONTHS_OF_YEAR if last else 1)


def _between(first: str, last: str) -> Span:
    return _stretch(_edge(first, last=False), _edge(last, last=True))


def _five_year_plan(number: str, which: str) -> Span:
    begins = _month(_PLAN_ZERO + _PLAN_YEARS * int(number), 1)
    return _at(begins - 1 if which == "start" else begins + _PLAN_YEARS * MONTHS_OF_YEAR - 1)


_MM = "0?[1-9]|1[0-2]"
_TIME = rf"\d{{4}}(?:q[1-4]|-(?:{_MM}))?"
_NAME = f"(?:{'|'.join(_NAMES)})[a-z]*"
_LOOSE_WORDS = "|".join(sorted(_LOOSE, key=len, reverse=True))
_WORDINGS: tuple[tuple[str, Callable[[re.Match[str], int], Span]], ...] = (
    (rf"(\d{{4}})-({_MM})(?:-\d{{1,2}})?", lambda m, _: _at(_month(m[1], m[2]))),
    (rf"(\d{{4}})年({_MM})月(?:\d{{1,2}}日|底|末)?", lambda m, _: _at(_month(m[1], m[2]))),
    (r"|year[- ]end|end of (?:the )?year|年末|年底", lambda _, y: _at(_month(y, MONTHS_OF_YEAR))),
    (r"(\d{4})年?(?:年末|年底|末|底)", lambda m, _: _at(_month(m[1], MONTHS_OF_YEAR))),
    (r"(?:full )?year|全年|year average|average|year \(expected\)", lambda _, y: _year(y)),
    (r"(\d{4})年?(?: average| year)?", lambda m, _: _year(m[1])),
    (r"(\d{4})[- ]?q([1-4])", lambda m, _: _quarter(m[1], m[2], 3)),
    (r"q([1-4])[- ]?(\d{4})", lambda m, _: _quarter(m[2], m[1], 3)),
    (r"(\d{4})[- ]?h([12])", lambda m, _: _quarter(m[1], m[2], 6)),
    (r"h([12])[- ]?(\d{4})", lambda m, _: _quarter(m[2], m[1], 6)),
    (rf"({_NAME})[- ](\d{{4}})", lambda m, _: _at(_month(m[2], _named(m[1])))),
    (
        rf"({_NAME})-({_NAME}) (\d{{4}})",
        lambda m, _: _stretch(_month(m[3], _named(m[1])), _month(m[3], _named(m[2]))),
    ),
    (rf"({_LOOSE_WORDS})[- ](\d{{4}})", lambda m, _: _at(_month(m[2], _LOOSE[m[1]]))),
    (rf"(\d{{4}})[- ]({_LOOSE_WORDS})", lambda m, _: _at(_month(m[1], _LOOSE[m[2]]))),
    (r"(start|end) of (\d{1,2})th (?:fyp|five-year plan)", lambda m, _: _five_year_plan(m[2], m[1])),
    (rf"(?:cumulative )?({_TIME})-({_TIME})", lambda m, _: _between(m[1], m[2])),
    (rf"cumulative to ({_TIME})", lambda m, _: _at(_edge(m[1], last=True))),
    (
        r"(\d{1,3}) months to (?:end[- ])?(\d{4})",
        lambda m, _: _stretch(_month(m[2], MONTHS_OF_YEAR) - int(m[1]) + 1, _month(m[2], MONTHS_OF_YEAR)),
    ),
)  # fmt: skip
_NOT_OBSERVED = (
    (r"\bplan\b|\bplanned\b|\bforecast\b|\btarget\b", "it is a plan, not an observation"),
    (r"\bbatch(?:es)?\b|\bprogramme\b", "it is the total of a programme without a month"),
)


def read_as_of(text: str, year: int) -> Span:
    """Return the months that a wording names.

    Parameters
    ----------
    text
        What the source says: ``2018-09``, ``year-end``, ``2014Q2``, ``H1 2017``, ``autumn 2020``.
    year
        The year of the observation, for wordings that name none.

    Raises
    ------
    UndatedError
        Where no month can be read, with the reason.
    """
    plain = " ".join(text.lower().replace("–", "-").split())
    if not re.fullmatch(r"(?:start|end) of \d{1,2}th .*", plain):
        for pattern, reason in _NOT_OBSERVED:
            if re.search(pattern, plain):
                raise UndatedError(f"{reason} ({text!r})")
    for pattern, read in _WORDINGS:
        found = re.fullmatch(pattern, plain)
        if found is not None:
            return read(found, year)
    raise UndatedError(f"no date can be read from {text!r}")
