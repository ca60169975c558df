import pytest
from pydantic import ValidationError

from sim.rollout.options import Crews, RolloutOptions, Season, crews_of


def options(**crews):
    return RolloutOptions(
        crews=Crews(**({"fibre": 0, "civil": 0, "radio": 0, "install": 0} | crews)), seasons={}
    )


def test_a_fraction_of_a_crew_is_a_whole_one():
    crews = crews_of(options(fibre=2.0, civil=0.1), {"Kunming": 6_432_212, "Nujiang": 534_337})
    assert crews[("Kunming", "fibre")] == 13
    assert crews[("Nujiang", "fibre")] == 2
    assert crews[("Kunming", "civil")] == crews[("Nujiang", "civil")] == 1


def test_no_crews_a_million_means_none():
    crews = crews_of(options(), {"Kunming": 6_432_212})
    assert set(crews.values()) == {0}
    assert crews_of(options(fibre=3), {"nowhere": 0})[("nowhere", "fibre")] == 0


def test_bad_options_are_refused():
    with pytest.raises(ValidationError):
        options(fibre=-1)
    with pytest.raises(ValidationError, match="twice"):
        Season(months=(5, 5), productivity=0.5, above_m=0)
    with pytest.raises(ValidationError):
        Season(months=(13,), productivity=0.5, above_m=0)
    with pytest.raises(ValidationError):
        Season(months=(1,), productivity=1.5, above_m=0)
