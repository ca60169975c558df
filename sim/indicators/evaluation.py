"""Months and zones over which a run's money is evaluated: one rule for what it costs and earns."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.indicators.finance_options import FinanceOptions
    from sim.tables.results import MonthlyState


class Evaluation:
    """What is known of a replication by its state and the options of finance."""

    state: MonthlyState
    options: FinanceOptions

    @property
    def months(self) -> int:
        """Months of the run."""
        return int(self.state.homes.shape[0])

    @property
    def zones(self) -> int:
        """Zones of the area."""
        return int(self.state.homes.shape[1])

    @property
    def evaluated(self) -> int:
        """Months that are evaluated: those of the run and those after it."""
        return self.months + self.options.months_after
