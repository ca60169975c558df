"""What held the targets of a run and what closing them costs, on a small made-up region."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from sim import study
from sim.indicators.binding import MONEY, TAKE_UP, TECHNOLOGY, served_of
from sim.indicators.registry import REGISTRY
from sim.indicators.scorecard import AT_RISK, MISSED
from sim.plans.ceiling import activated
from sim.plans.closing import RunClosing
from sim.tables.results import BINDINGS
from tests import world

SMALL = {"zones": 40}


@pytest.fixture(scope="module")
def closing_and_run():
    """A run of little money, and what told of its misses."""
    kept = []

    class Listening(RunClosing):
        def __init__(self, *given):
            super().__init__(*given)
            kept.append(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(study, "RunClosing", Listening)
        run = world.simulate(world.load(("budget.scale", "0.0005"), **SMALL))
    return kept[0], run


@pytest.fixture(scope="module")
def missed(closing_and_run):
    card = closing_and_run[1].scorecard
    return card[card["verdict"].isin([MISSED, AT_RISK])].set_index("target_id")


def test_every_miss_says_what_held_it_and_nothing_else_does(closing_and_run, missed):
    card = closing_and_run[1].scorecard
    assert len(missed) > 5
    assert set(missed["binding"]) <= set(BINDINGS)
    others = card[~card["target_id"].isin(missed.index)]
    assert set(others["binding"]) == set(others["cost_to_close_yuan"]) == {""}


def test_little_money_is_what_held_most(missed):
    priced = missed[missed["cost_to_close_yuan"] != ""]
    assert len(priced) > 3
    assert (missed["binding"] == MONEY).sum() > 3
    assert (priced["cost_to_close_yuan"].astype(float) >= 0).all()
    assert priced["reason"].str.contains("close it").all()
    unpriced = missed[missed["cost_to_close_yuan"] == ""]
    assert unpriced["reason"].str.contains("would reach|moves it|not weighed").all()


def test_what_nothing_left_to_build_moves_is_held_by_people_or_technology(missed):
    still = missed[missed["reason"].str.contains("nothing left to build moves it")]
    assert set(still["binding"]) <= {TAKE_UP, TECHNOLOGY}


def reached_with(closing, rows, target):
    """Return an indicator in its due month if so many more candidates served from their earliest month on."""
    judge, due = closing.judge, closing.judge.prepared.scenario.clock.index(target.due_month)
    horizon = judge.prepared.scenario.clock
    ended = dict(zip(closing.ran.delays["project_id"], closing.ran.delays["ended_month"], strict=True))
    names = {str(name): int(ended[name]) for name in served_of(closing.ran.delays, horizon.months)}
    for name in closing.month(due).why_late:
        names[name] = min(closing.most.funded.get(name, due), due)
    for row in rows:
        name = str(closing.ids[row])
        names[name] = closing.most.funded[name]
    events = activated(sorted((month, name) for name, month in names.items()), horizon)
    table, _ = judge.verdicts(events)
    own = table[
        (table["indicator"] == target.indicator)
        & (table["breakdown"] == target.breakdown)
        & (table["month"] == due)
    ]
    return float(own["value"].iloc[0])


def test_building_what_closes_a_target_brings_it_nearly_there(closing_and_run, missed, monkeypatch):
    """The price is of real projects: with them in service the gap is closed, nearly or more than."""
    closing, _ = closing_and_run
    bought = []
    import sim.plans.closing as module

    whole = module.cheapest
    monkeypatch.setattr(module, "cheapest", lambda *given: bought.append(whole(*given)) or bought[-1])
    closed = []
    for target in closing.judge.prepared.targets:
        if target.target_id not in missed.index or REGISTRY[target.indicator].unit not in ("share",):
            continue
        bought.clear()
        before = closing.ran.value(
            target.indicator,
            target.breakdown,
            closing.judge.prepared.scenario.clock.index(target.due_month),
        )
        gap = target.band[1] - before
        held = closing(target, gap)
        if not held.cost_fen or not bought:
            continue
        assert held.cost_fen == bought[-1].price_fen
        after = reached_with(closing, bought[-1].rows, target)
        closed.append((after - before) / gap)
    assert len(closed) > 3
    assert min(closed) > 0.3
    assert np.median(closed) > 0.7


def test_more_of_a_gap_costs_no_less(closing_and_run, missed):
    closing, _ = closing_and_run
    checked = 0
    for target in closing.judge.prepared.targets:
        if target.target_id not in missed.index or not missed.loc[target.target_id, "cost_to_close_yuan"]:
            continue
        gap = target.band[1] - float(missed.loc[target.target_id, "mean"])
        costs = [closing(target, part * gap).cost_fen for part in (0.25, 0.5, 1.0)]
        # cheapest first twice over, at each price of assets: more units are never had for less by a tenth
        known = [cost for cost in costs if cost is not None]
        assert all(more >= 0.9 * less for less, more in pairwise(known)), target.target_id
        checked += 1
    assert checked > 3


def test_the_same_gap_is_told_the_same_twice(closing_and_run, missed):
    closing, _ = closing_and_run
    target = next(one for one in closing.judge.prepared.targets if one.target_id in missed.index)
    assert closing(target, 0.1) == closing(target, 0.1)
