"""The totals of the nation by month: fitted curves, what follows from them, and draws of both."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sim.errors import DataError, Problem
from sim.fitting.curves import CURVES
from sim.fitting.forecast import Span, draw_values
from sim.fitting.least_squares import Fit, fit_curve
from sim.fitting.series import Points, year_of
from sim.nation.observed import Observed, joined, lines_at
from sim.nation.provinces import month_years
from sim.randomness import Streams
from sim.scenario.nation import NationScenario

Numbers = NDArray[np.float64]
_CENSUS = 2010 + 10 / 12
_SURVEY = 2015 + 10 / 12
_END_2015 = 2016.0
_PER_CENT = 100.0
_LEAST = 1e-9


@dataclass(frozen=True, eq=False)
class Series:
    """One quantity by month, and its draws."""

    value: Numbers
    """Shape (M,); not-a-number where nothing is said."""
    draws: Numbers
    """Shape (D, M)."""
    unit: str

    def within(self, low: float, high: float) -> Series:
        """Return it kept within bounds."""
        return Series(np.clip(self.value, low, high), np.clip(self.draws, low, high), self.unit)


@dataclass(frozen=True, eq=False)
class Fitted:
    """A quantity that was fitted: its curve, and what its ceiling is."""

    name: str
    fit: Fit
    unit: str
    ceiling: Span | None = None
    about: str = ""
    """Why this curve, in a few words."""


@dataclass(frozen=True)
class Form:
    """How a quantity grows: its curve, what is held of it, and why."""

    curve: str
    about: str
    ceiling: Span | None = None
    held: Mapping[str, float] = field(default_factory=dict)
    alike: tuple[Points, ...] = ()
    """Series of one nature, whose residual error this one shares."""


_GROWTH = "exponential"
_NO_CEILING = Span(0.0, 0.0, 0.0)
_TESTS, _TRAFFIC = "fixed_avg_available_download_rate", "mobile_dou"
_STEADY = Form(
    _GROWTH, "growth at one yearly rate: no source of the time gives an end", held={"origin": _END_2015}
)


@dataclass
class Nation:
    """The nation of a scenario, quantity by quantity; every fit is made once, when first asked for."""

    scenario: NationScenario
    observed: Observed
    fits: dict[str, Fitted] = field(default_factory=dict)

    @cached_property
    def years(self) -> Numbers:
        """End of each month as a year, shape (M,)."""
        return month_years(self.scenario.clock)

    @cached_property
    def residents(self) -> Numbers:
        """Residents by month, at the yearly rate between census and the end of 2015, shape (M,)."""
        base = self.scenario.nation.base
        return between(self.years, (_CENSUS, base.residents_2010), (_END_2015, base.residents_2015))

    @cached_property
    def homes(self) -> Numbers:
        """Family households by month, at the yearly rate between census and survey, shape (M,)."""
        base = self.scenario.nation.base
        return between(self.years, (_CENSUS, base.homes_2010), (_SURVEY, base.homes_2015))

    def homes_at(self, years: Numbers) -> Numbers:
        """Return the homes at any time."""
        base = self.scenario.nation.base
        return between(years, (_CENSUS, base.homes_2010), (_SURVEY, base.homes_2015))

    def _fit(self, name: str, points: Points, unit: str, form: Form) -> Series:
        """Fit a quantity to points, remember the fit, and return it by month."""

        def of(series: Points, top: float) -> Fit:
            known = {**form.held, "ceiling": top} if form.ceiling else form.held
            try:
                return fit_curve(CURVES[form.curve], series, known, relative=form.curve == _GROWTH)
            except ValueError as error:
                raise _unfit(name, str(error)) from None

        def refit(top: float) -> Fit:
            return of(points, top).pooled([of(series, top) for series in form.alike])

        span = form.ceiling or _NO_CEILING
        central = refit(span.value)
        self.fits[name] = Fitted(name, central, unit, form.ceiling, form.about)
        return Series(central(self.years), self._draw(name, refit, span, self.years), unit)

    def _draw(self, name: str, refit: Callable[[float], Fit], span: Span, inputs: Numbers) -> Numbers:
        return draw_values(refit, span, inputs, Streams(self.scenario.seed), name, self._draws)

    def _ceiling(self, name: str) -> Span:
        ends = self.scenario.nation.ceilings
        return Span(getattr(ends, name), getattr(ends, f"{name}_low"), getattr(ends, f"{name}_high"))

    @cached_property
    def cards(self) -> Series:
        """Mobile cards."""
        return self._fit("mobile_subscribers", self.observed.series("mobile_subscribers"), "users", _STEADY)

    @cached_property
    def lte(self) -> Series:
        """Users of 4G: a share of the cards in use replaces its handset."""
        choice, base = self.scenario.nation.curves.users_lte, self.scenario.nation.base
        launch = year_of(base.lte_launch)
        held = {"launch": launch} if choice == "bass" else {}
        form = Form(choice, "handsets of the cards in use are replaced", self._ceiling("cards"), held)
        found = self._fit("users_lte", self.observed.series("mobile_4g_subscribers"), "users", form)
        return Series(
            np.where(self.years > launch, found.value, 0.0), np.where(self.years > launch, found.draws, 0.0),
            "users",
        ).within(0.0, np.inf)  # fmt: skip

    @cached_property
    def mobile_penetration(self) -> Series:
        """Users of 3G and 4G for 100 residents."""
        observed = self.observed
        both = [observed.series("mobile_broadband_penetration_population")]
        launch = self.scenario.nation.base.lte_launch
        for name, last in (
            ("mobile_3g_subscribers", launch),
            ("mobile_broadband_subscribers_3g_4g", self.scenario.nation.fitted_until),
        ):
            both.append(self._per_resident(observed.series(name).until(last)))
        choice, ceiling = (
            self.scenario.nation.curves.mobile_penetration,
            self._ceiling("mobile_per_100_persons"),
        )
        form = Form(choice, "every card becomes one of 3G or 4G", ceiling)
        return self._fit("user_penetration_3g_4g", joined(*both), "users/100 persons", form).within(
            0.0, np.inf
        )

    def _per_resident(self, counts: Points) -> Points:
        base = self.scenario.nation.base
        people = between(counts.years, (_CENSUS, base.residents_2010), (_END_2015, base.residents_2015))
        return _scaled(counts, _PER_CENT / people)

    @cached_property
    def penetration(self) -> Series:
        """Fixed lines for 100 homes; before the new series the lines of the old count over homes."""
        base, choice = self.scenario.nation.base, self.scenario.nation.curves.household_penetration
        ceiling = self._ceiling("lines_per_100_homes")
        name, unit = "fixed_broadband_household_penetration", "lines/100 homes"
        form = Form(choice, "the new series alone; the old count has other lines", ceiling)
        new = self._fit(name, self.observed.series(name).since(base.penetration_since), unit, form)
        counts = self._lines_before
        before = _scaled(counts, _PER_CENT / self.homes_at(counts.years))
        form = Form(choice, "the old count alone", ceiling)
        old = self._fit("lines per 100 homes before the new count", before, unit, form)
        late = self.years >= year_of(base.penetration_since) - 1e-9
        return Series(
            np.where(late, new.value, old.value), np.where(late, new.draws, old.draws), new.unit
        ).within(0.0, np.inf)

    @cached_property
    def counted_lines(self) -> Points:
        """Fixed lines as they were counted, of both ways of counting."""
        return self.observed.series("fixed_broadband_subscribers")

    @cached_property
    def _lines_before(self) -> Points:
        """The lines of the old count."""
        before = self.counted_lines.before(self.scenario.nation.base.break_month)
        return Points(
            tuple(point for point, old in zip(self.counted_lines.points, before, strict=True) if old)
        )

    @cached_property
    def lines(self) -> Series:
        """Fixed lines; after the break the last count moved by penetration and homes."""
        base, per_home = self.scenario.nation.base, self.penetration
        last = self.counted_lines.since(base.break_month).points
        if not last:
            return Series(
                per_home.value * self.homes / _PER_CENT, per_home.draws * self.homes / _PER_CENT, "lines"
            )
        anchor = int(np.argmin(np.abs(self.years - last[-1].year)))
        size = self.homes / self.homes[anchor] * last[-1].value
        after = self.years >= year_of(base.break_month) - 1e-9
        old = self.homes / _PER_CENT
        value = np.where(after, per_home.value / per_home.value[anchor] * size, per_home.value * old)
        draws = np.where(after, per_home.draws / per_home.draws[:, [anchor]] * size, per_home.draws * old)
        return Series(value, draws, "lines")

    @cached_property
    def fibre_share(self) -> Series:
        """Fibre among fixed lines: each year a share of the others is converted; new lines are fibre."""
        points = self.observed.not_fibre(self.counted_lines)
        form = replace(_STEADY, about="of the lines that are no fibre a fixed share is converted each year")
        others = self._fit("fixed lines that are no fibre", points, "lines", form)
        seen = self.years >= points.years[0] - 1e-9
        share = carried_back(1.0 - others.value / self.lines.value, seen)
        draws = carried_back(1.0 - others.draws / self.lines.draws, seen)
        return Series(share, draws, "share").within(0.0, 1.0)

    @property
    def fibre_shares(self) -> Points:
        """Fibre among fixed lines wherever lines or shares of fibre were counted [%]."""
        others = self.observed.not_fibre(self.counted_lines)
        return Points(
            tuple(
                replace(
                    point,
                    value=_PER_CENT * (1.0 - point.value / float(lines_at(self.counted_lines, point.year))),
                )
                for point in others.points
            )
        )

    def subscribed_share(self, mbps: float) -> Series:
        """Return the share of lines that pay for a rate or more."""
        inputs = np.column_stack([self.years, np.full(len(self.years), mbps)])
        fit = self._ladder
        draws = self._draw("speed mix", lambda _: fit, _NO_CEILING, inputs)
        return Series(fit(inputs), draws, "share").within(0.0, 1.0)

    @cached_property
    def _ladder(self) -> Fit:
        slowest = self.scenario.nation.base.slowest_reported_mbps
        try:
            fit = fit_curve(CURVES["ladder"], self.observed.ladder(self.counted_lines, slowest), {})
        except ValueError as error:
            raise _unfit("the mix of rates", str(error)) from None
        about = "one curve for every rate: odds grow by the same factor each year"
        self.fits["subscribed_share_ge_XMbps"] = Fitted(
            "subscribed_share_ge_XMbps", fit, "share", None, about
        )
        return fit

    @cached_property
    def mean_rate(self) -> Series:
        """Mean rate paid for: each line pays for the fastest plan that the mix gives it."""
        plans = self.scenario.nation.base.plan_mbps
        value, draws = np.full(len(self.years), plans[0]), np.full((self._draws, len(self.years)), plans[0])
        for slower, faster in pairwise(plans):
            share = self.subscribed_share(faster)
            value = value + (faster - slower) * share.value
            draws = draws + (faster - slower) * share.draws
        return Series(value, draws, "Mbit/s")

    @property
    def _draws(self) -> int:
        return self.scenario.nation.draws

    @cached_property
    def measured(self) -> Series:
        """What a test of fixed lines shows."""
        return self._growth("measured_mbps", _TESTS, _TRAFFIC, "Mbit/s")

    @cached_property
    def mobile_traffic(self) -> Series:
        """Data of a mobile user in a month."""
        return self._growth("mobile_traffic_gb_per_user", _TRAFFIC, _TESTS, "GB/user/month")

    def _growth(self, name: str, observed: str, like: str, unit: str) -> Series:
        """Fit what a line or a user gets at one rate of growth; both such series share their error."""
        form = replace(_STEADY, alike=(self.observed.series(like),))
        return self._fit(name, self.observed.series(observed), unit, form)

    @cached_property
    def villages(self) -> Series:
        """Administrative villages with broadband: of those without, a fixed share gains it each year."""
        points = self.observed.series("admin_villages_with_broadband_share")
        without = Points.of([replace(point, value=_PER_CENT - point.value) for point in points.points])
        form = replace(_STEADY, about="of the villages without, a fixed share gains broadband each year")
        rest = self._fit("villages without broadband", without, "%", form)
        return Series(1.0 - rest.value / _PER_CENT, 1.0 - rest.draws / _PER_CENT, "share").within(0.0, 1.0)


def _unfit(name: str, why: str) -> DataError:
    """Return what to say where the observations cannot fix a curve."""
    message = f"cannot be fitted: {why}; choose a later nation.fitted_until or another curve"
    return DataError((Problem("history", name, message),))


def between(years: Numbers, first: tuple[float, float], second: tuple[float, float]) -> Numbers:
    """Return a quantity that grows at one yearly rate through two known (time, value), shape of ``years``."""
    rate = np.log(second[1] / first[1]) / (second[0] - first[0])
    return np.asarray(first[1] * np.exp(rate * (years - first[0])))


def carried_back(values: Numbers, seen: NDArray[np.bool_]) -> Numbers:
    """Return values of shape (..., M) with the months before the first seen one at its rate of growth.

    Two fits whose difference is wanted say nothing of the time before either was observed.
    """
    first = int(np.argmax(seen))
    if not seen.any() or first == 0 or first + 1 == values.shape[-1]:
        return values
    start = np.maximum(values[..., [first]], _LEAST)
    rate = np.log(np.maximum(values[..., [first + 1]], _LEAST) / start)
    before = start * np.exp(rate * (np.arange(values.shape[-1]) - first))
    return np.where(np.arange(values.shape[-1]) < first, before, values)


def _scaled(points: Points, factors: Numbers) -> Points:
    """Return the points, each times its factor."""
    return Points(
        tuple(
            replace(point, value=point.value * factor)
            for point, factor in zip(points.points, factors.tolist(), strict=True)
        )
    )
