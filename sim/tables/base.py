"""The contract of a table: strict columns, types, units, and one readable error.

The module imports neither pandas nor pandera when it is loaded, so that option classes may name
tables without the start of the command line paying for them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sim.errors import DataError, Problem

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Column:
    """One column: its type, its unit, what it means, and the bounds of its values."""

    name: str
    dtype: str
    """int32, int64, float32, float64, bool or str."""
    description: str
    unit: str = "1"
    ge: float | None = None
    le: float | None = None
    one_of: tuple[str, ...] = ()
    unique: bool = False
    nullable: bool = False
    """Whether a cell may be empty (NaN)."""


@dataclass(frozen=True)
class Table:
    """The contract of one table between two stages."""

    name: str
    description: str
    columns: tuple[Column, ...]
    made_by: str = ""
    key: tuple[str, ...] = field(default=())
    """Columns that together may not repeat."""

    @cached_property
    def names(self) -> list[str]:
        """The column names in order."""
        return [column.name for column in self.columns]

    def frame(self, **values: Any) -> pd.DataFrame:
        """Return a checked frame of these columns; each is cast to the contract's type.

        A single value fills its column. Raises ``DataError`` where a column is missing or foreign.
        """
        import numpy as np
        import pandas as pd

        foreign = sorted(set(values) ^ set(self.names))
        if foreign:
            raise DataError((Problem(self.name, ", ".join(foreign), "is missing or does not belong here"),))
        length = max((len(v) for v in values.values() if np.ndim(v) > 0), default=1)
        data: dict[str, Any] = {}
        for column in self.columns:
            given = values[column.name]
            array = np.full(length, given) if np.ndim(given) == 0 else given
            if column.dtype == "str":
                data[column.name] = pd.array(array, dtype="str")
            else:
                data[column.name] = np.asarray(array, dtype=column.dtype)
        return self.check(pd.DataFrame(data))

    def empty(self) -> pd.DataFrame:
        """Return a frame without rows."""
        return self.frame(**{name: [] for name in self.names})

    def check(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the frame as it is; ``DataError`` lists everything in which it breaks the contract."""
        from pandera.errors import SchemaErrors

        try:
            self._schema.validate(frame, lazy=True)
        except SchemaErrors as errors:
            cases = errors.failure_cases.head(8)
            problems = tuple(
                Problem(
                    f"table {self.name}",
                    str(case["column"]),
                    f"{case['check']}, found {case['failure_case']!r} in row {case['index']}",
                )
                for case in cases.to_dict("records")
            )
            raise DataError(problems) from None
        return frame

    @cached_property
    def _schema(self) -> Any:
        import pandera.pandas as pa

        def column(c: Column) -> Any:
            checks = []
            if c.ge is not None:
                checks.append(pa.Check.ge(c.ge))
            if c.le is not None:
                checks.append(pa.Check.le(c.le))
            if c.one_of:
                checks.append(pa.Check.isin(list(c.one_of)))
            return pa.Column(
                c.dtype, checks=checks, unique=c.unique, nullable=c.nullable, metadata={"unit": c.unit}
            )

        return pa.DataFrameSchema(
            {c.name: column(c) for c in self.columns},
            strict=True,
            ordered=True,
            unique=list(self.key) or None,
            name=self.name,
        )
