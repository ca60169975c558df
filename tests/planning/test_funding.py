"""Money beside what it could buy."""

from sim.planning.funding import BINDS, BINDS_NOTHING, BINDS_SOMEWHERE
from sim.planning.projects import own_prices
from tests.world import run


def by_pot(made):
    return {row["pot"]: row for row in made.funding}


def test_all_pots_together_release_what_the_log_says():
    made = run()
    rows = by_pot(made)
    released = made.spending["released_fen"].sum()
    assert rows["all"]["released_fen"] == released
    assert sum(row["released_fen"] for pot, row in rows.items() if pot != "all") == released


def test_only_candidates_that_serve_somebody_are_priced():
    made = run()
    first = made.decisions.drop_duplicates("project_id")
    useful = set(first.loc[first["homes"] > 0, "project_id"])
    candidates = made.candidates
    own = own_prices(candidates)[candidates["project_id"].isin(useful).to_numpy()].sum()
    everything = own_prices(candidates).sum()
    assert 0 < own <= by_pot(made)["all"]["price_of_all_candidates_fen"]
    assert own < everything, "the case must hold candidates where standing plant serves everybody"


def test_a_pot_is_held_against_what_it_may_pay_for():
    made = run()
    price = {pot: row["price_of_all_candidates_fen"] for pot, row in by_pot(made).items()}
    whole = price["all"]
    assert all(0 < price[pot] <= whole for pot in ("fixed", "mobile", "villages", "cable"))
    # routes that two pots would use count with both, but once in the whole; money is ample, so all is bought
    pot = (
        made.assets["technology"].map({"cable": "cable", "lte": "mobile", "nbiot": "mobile"}).fillna("fixed")
    )
    users = made.assets.assign(pot=pot).groupby("asset_id").agg({"pot": "nunique", "price_fen": "first"})
    twice = ((users["pot"] - 1) * users["price_fen"]).sum()
    assert twice > 0
    assert price["fixed"] + price["mobile"] + price["cable"] == whole + twice, "villages: others may too"


def test_the_note_says_whether_money_binds():
    *pots, whole = run().funding
    for row in pots:
        short = row["released_fen"] < row["price_of_all_candidates_fen"] + row["connections_fen"]
        assert row["note"] == (BINDS if short else BINDS_NOTHING)
    assert whole["pot"] == "all"
    assert (whole["note"] == BINDS_SOMEWHERE) == any(row["note"] == BINDS for row in pots)
