"""Networks are built from the months in which their licences were given."""

from sim.scenario.load import load_scenario

LICENCES = {"lte": "2013-12", "nbiot": "2017-06", "nr": "2019-06"}
UNPAIRED = ("B38", "B39", "B40", "B41")


def test_technologies_wait_for_their_licences():
    chosen = load_scenario("scenarios/yunnan-2017.yaml").scenario.technologies
    for name, month in LICENCES.items():
        assert getattr(chosen, name).available_from == month, name
    assert chosen.umts.available_from < chosen.lte.available_from < chosen.nr.available_from


def test_carriers_of_paired_spectrum_wait_for_theirs():
    """TD-LTE was licensed in December 2013, LTE FDD in February 2015."""
    carriers = load_scenario("scenarios/yunnan-2017.yaml").scenario.technologies.lte.carriers
    first = {carrier.band: carrier.available_from for carrier in reversed(carriers.values())}
    assert {first[band] for band in UNPAIRED if band in first} == {"2013-12"}
    assert min(month for band, month in first.items() if band not in UNPAIRED) == "2015-02"
