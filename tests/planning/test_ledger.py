from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sim.errors import PlanError
from sim.planning.ledger import ledger_of, shared_assets
from sim.tables.plan import Work
from sim.tables.results import EVENTS
from tests.planning.small import proposal


def work(name, price, *buys):
    return Work(name, name.partition(":")[0], "Kunming", 0, 0.0, price, "all", 1, (), buys)


def log(*rows):
    """Return events of (month, project, event, task)."""
    return EVENTS.frame(
        event_id=np.arange(len(rows)),
        replication=0,
        day=[21.0 * row[0] for row in rows],
        month=[row[0] for row in rows],
        project_id=[row[1] for row in rows],
        event=[row[2] for row in rows],
        task=[row[3] if len(row) > 3 else "" for row in rows],
        crew="",
        released_fen=0,
        committed_fen=0,
        spent_fen=0,
        pot="",
        quantity=0,
        share=0.0,
        cause="",
        lost_days=0.0,
    )


ASKED = proposal(
    [{"id": "ftth:a"}, {"id": "ftth:b"}, {"id": "ftth:never"}],
    assets=[("route:1", 100), ("route:2", 7), ("mast:x", 50)],
    needed=[
        ("ftth:a", "route:1"),
        ("ftth:b", "route:1"),
        ("ftth:b", "route:2"),
        ("ftth:never", "route:1"),
    ],
)
MAST = proposal(
    [{"id": "lte:x", "technology": "lte", "use": "mobile"}],
    assets=[("route:1", 100), ("mast:x", 50)],
    needed=[("lte:x", "route:1"), ("lte:x", "mast:x")],
)
WORKS = {
    one.project_id: one
    for one in (
        work("ftth:a", 200, ("route:1", 100)),
        work("ftth:b", 107, ("route:2", 7)),
        work("lte:x", 80, ("mast:x", 50)),
    )
}
EVENTS_OF_ALL = log(
    (0, "ftth:a", "funded"),
    (0, "ftth:a", "bought", "route:1"),
    (3, "ftth:b", "funded"),
    (3, "ftth:b", "bought", "route:2"),
    (3, "lte:x", "funded"),
    (3, "lte:x", "bought", "mast:x"),
    (9, "ftth:a", "activated"),
)


def test_the_price_of_an_asset_divides_among_those_who_use_it():
    ledger = shared_assets(EVENTS_OF_ALL, WORKS, [ASKED, MAST])
    columns = [
        "asset_id",
        "technology",
        "month",
        "bought_with",
        "price_fen",
        "projects",
        "in_service",
        "share_fen",
    ]
    assert ledger[columns].to_numpy().tolist() == [
        ["route:1", "ftth", 0, "ftth:a", 100, 2, 1, 66],  # two of three users
        ["route:1", "lte", 0, "ftth:a", 100, 1, 0, 34],
        ["route:2", "ftth", 3, "ftth:b", 7, 1, 0, 7],
        ["mast:x", "lte", 3, "lte:x", 50, 1, 0, 50],
    ]


@pytest.mark.parametrize("seed", range(5))
def test_shares_sum_to_the_price(seed):
    luck = np.random.default_rng(seed)
    names = [f"{technology}:{k}" for technology in ("cable", "ftth", "lte") for k in range(6)]
    assets = [(f"route:{k}", int(luck.integers(0, 10_000))) for k in range(8)]
    needed = [(name, asset) for name in names for asset, _ in assets if luck.random() < 0.5]
    needed += [(names[0], asset) for asset, _ in assets]
    asked = proposal([{"id": name} for name in names], assets, sorted(set(needed)))
    works = {name: work(name, 0, *(assets if name == names[0] else ())) for name in names}
    rows = [(0, names[0], "funded"), *((0, names[0], "bought", asset) for asset, _ in assets)]
    ledger = shared_assets(log(*rows, *((1, name, "funded") for name in names[1:])), works, [asked])
    total = ledger.groupby("asset_id")["share_fen"].sum()
    assert total.to_dict() == dict(assets)
    users = ledger.groupby("asset_id")["projects"].transform("sum")
    assert (np.abs(ledger["share_fen"] - ledger["price_fen"] * ledger["projects"] / users) <= 1).all()


def given_up(project):
    return pd.concat([EVENTS_OF_ALL, log((8, project, "cancelled"))], ignore_index=True)


def test_a_project_given_up_bears_nothing_where_others_use_what_it_bought():
    ledger = shared_assets(given_up("ftth:a"), WORKS, [ASKED, MAST])
    shares = ledger.set_index(["asset_id", "technology"])["share_fen"].to_dict()
    assert shares == {
        ("route:1", "ftth"): 50,
        ("route:1", "lte"): 50,
        ("route:2", "ftth"): 7,
        ("mast:x", "lte"): 50,
    }
    assert ledger["bought_with"].tolist()[:2] == ["ftth:a", "ftth:a"], "it stays bought, by whom it was"


def test_what_only_a_project_given_up_uses_stays_with_it():
    ledger = shared_assets(given_up("ftth:b"), WORKS, [ASKED, MAST])
    shares = ledger.set_index(["asset_id", "technology"])["share_fen"].to_dict()
    assert shares["route:2", "ftth"] == 7
    assert ledger["share_fen"].sum() == 157


def test_nothing_bought_is_an_empty_ledger():
    assert len(shared_assets(log((0, "ftth:a", "funded")), WORKS, [ASKED])) == 0


def test_an_asset_without_user_is_refused():
    nobody = proposal([{"id": "ftth:a"}], assets=[("route:1", 100)])
    with pytest.raises(PlanError, match="no funded project needs it"):
        shared_assets(EVENTS_OF_ALL.iloc[:2], WORKS, [nobody])


def test_the_ledger_of_a_run_sums_to_what_was_paid_for_assets():
    from tests.world import run

    made = run()
    ledger = made.assets
    assert "route" in set(ledger["kind"]), "the plan hands the routes on to the technologies"
    bought = made.events[made.events["event"] == "bought"]
    once = ledger.drop_duplicates("asset_id")
    assert sorted(once["asset_id"]) == sorted(bought["task"])
    assert ledger["share_fen"].sum() == once["price_fen"].sum()
    chosen = made.decisions[made.decisions["chosen"]]
    own = made.candidates.set_index("project_id")
    known = chosen[chosen["project_id"].isin(own.index)]
    items = [name for name in own.columns if name.endswith("_fen") and name != "opex_fen_per_year"]
    paid = known.set_index("project_id")["price_fen"] - own.loc[known["project_id"], items].sum(axis=1)
    with_them = once[once["bought_with"].isin(known["project_id"])].groupby("bought_with")["price_fen"].sum()
    assert paid[paid > 0].to_dict() == with_them[with_them > 0].to_dict()


def test_the_ledger_comes_from_the_plan_and_the_log():
    plan = SimpleNamespace(works=WORKS, asked={"ftth": [ASKED], "lte": [MAST]})
    assert len(ledger_of(plan, EVENTS_OF_ALL)) == 4
