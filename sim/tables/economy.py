"""The table of what take-up may mean for the economy: indicative, apart from the scorecard."""

from __future__ import annotations

from sim.tables.base import Column, Table

OUTLOOKS = ("likely", "open", "unlikely", "no baseline", "not modelled")
ECONOMY = Table(
    "economy",
    "Goals on the economy, projected from take-up by one elasticity each: indicative, no verdict.",
    (
        Column("target_id", "str", "goal", unique=True),
        Column("statement", "str", "what is wanted, in our words"),
        Column("quantity", "str", "what is projected, or empty"),
        Column("comparator", "str", ">= or >"),
        Column("wanted", "str", "threshold"),
        Column("unit", "str", "unit"),
        Column("due_month", "str", "month by whose end it is due, YYYY-MM"),
        Column("baseline", "str", "what was observed before the first month, or empty"),
        Column("baseline_month", "str", "last month that the baseline speaks of, or empty"),
        Column("growth", "str", "quantity in the due month over that at the start, by the elasticity"),
        Column("projected", "str", "what is projected, or empty"),
        Column("low", "str", "the same by the low end of the elasticity"),
        Column("high", "str", "the same by its high end"),
        Column("needed_at_start", "str", "value at the start from which it would be reached, or empty"),
        Column("outlook", "str", "likely where all the range reaches it, unlikely where none does",
               one_of=OUTLOOKS),
        Column("reason", "str", "how it was projected, or why it was not"),
        Column("document", "str", "document"),
        Column("clause", "str", "clause"),
    ),
    made_by="indicators",
)  # fmt: skip
