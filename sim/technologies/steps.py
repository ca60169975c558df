"""The phases that most projects share: papers before the work, and the test after it."""

from __future__ import annotations

from sim.tables.plan import Task

SURVEY_PART, PERMIT_PART = 0.3, 0.4
"""Parts of a lead time that survey and permits take; procurement takes the rest. How it divides moves
dates of service only where a rule shortens permits; else it says in which phase a delay is told, and where
supplies can be short."""
TEST_PART = 0.2
"""Part of the field days in which what was fitted is tested, from the office and without the crew."""
TEST_SHARE = 0.1
"""Part of the price that is kept back until the test is passed."""


def papers(
    days: float, stream: str, sigma: float, due: float = 0.0, of_batch: bool = False
) -> tuple[Task, ...]:
    """Return survey, permit and procurement that together take a lead time; they share one draw.

    ``due`` is the part of the price that falls due on delivery, 0..1; projects of one contract have
    one draw together where ``of_batch`` says so.
    """
    survey, permit = days * SURVEY_PART, days * PERMIT_PART
    return (
        Task("survey", survey, "", 0.0, stream, sigma, phase="survey", of_batch=of_batch),
        Task("permit", permit, "", 0.0, stream, sigma, phase="permit", of_batch=of_batch),
        Task(
            "procurement",
            max(0.0, days - survey - permit),
            "",
            due,
            stream,
            sigma,
            phase="procure",
            of_batch=of_batch,
        ),
    )


def acceptance(field_days: float, stream: str, sigma: float) -> Task:
    """Return the test after ``field_days`` of fitting, of which it is a part."""
    return Task("test", field_days * TEST_PART, "software", TEST_SHARE, stream, sigma, phase="test")
