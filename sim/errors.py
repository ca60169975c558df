"""Every error and warning raised on purpose, with the exit code the command line gives it.

An error's ``args`` are exactly what its ``__init__`` takes and its text is built in ``__str__``:
SimPy and pickle re-create errors from ``args``.
"""

from __future__ import annotations

from dataclasses import dataclass


class SimError(Exception):
    """The root of every error this package raises on purpose."""

    exit_code: int = 1


@dataclass(frozen=True)
class Problem:
    """One mistake of an input file: where it stands, what is wrong and how to mend it."""

    file: str
    key: str
    message: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        place = self.file
        if self.line is not None:
            place += f":{self.line}"
            if self.column is not None:
                place += f":{self.column}"
        return f"{place}: {self.key}: {self.message}" if self.key else f"{place}: {self.message}"


class _ProblemsError(SimError):
    """An error that carries all mistakes found, so that a user mends them in one go."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class ScenarioError(_ProblemsError):
    """The scenario file, or something it names, is wrong."""

    exit_code = 2


class DataError(_ProblemsError):
    """A data file or a table between two stages breaks its contract."""

    exit_code = 3


class PlanError(SimError):
    """A plan cannot be made from what was proposed."""

    exit_code = 4


class RolloutError(SimError):
    """An invariant of the rollout was broken: the run must not be trusted."""

    exit_code = 5


class StoreError(SimError):
    """A run folder cannot be written or read."""

    exit_code = 4


class ValidityWarning(UserWarning):
    """A formula was used outside its published range."""
