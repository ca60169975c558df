from sim.rollout.contracts import Contract, contracts_of
from sim.rollout.options import Failure, RolloutOptions
from sim.tables.plan import Task
from tests.rollout.small import DIG, PLAIN, plan, run, work

PERMIT = Task("permit", 5.0, phase="permit", of_batch=True)


def test_a_contract_is_complete_when_all_its_projects_serve():
    works = [work(name, [PERMIT, DIG], price=1, batch="county", priority=k) for k, name in enumerate("abc")]
    works += [work("other", [PERMIT, DIG], price=1, batch="never", prefecture="Q"), work("alone", [DIG])]
    (county, never) = contracts_of(run(plan(works)), works)
    assert county == Contract("county", 3, 3, 0, 0.0, 40.0)
    assert never == Contract("never", 1, 0, 0, 0.0, None)


def test_projects_given_up_hold_no_contract_open():
    lost = RolloutOptions(
        crews=PLAIN.crews, seasons={}, failures={"lost": Failure(chance=1.0, builds=("new site",))}
    )
    works = [work("a", [PERMIT, DIG], batch="x"), work("b", [PERMIT, DIG], batch="x", build="new site")]
    (contract,) = contracts_of(run(plan(works), options=lost), works)
    assert contract == Contract("x", 2, 1, 1, 0.0, 15.0)
    (contract,) = contracts_of(run(plan(works[1:]), options=lost), works[1:])
    assert contract.completed_day is None


def test_a_log_without_contracts_has_none():
    works = [work("a")]
    assert contracts_of(run(plan(works)), works) == ()
