"""What projects are at, told from the rows between which they are."""

from sim.indicators.stages import stages
from tests.indicators.test_lives import life, lives_of


def told(*projects):
    lives = lives_of(*projects)
    found = stages(lives)
    return list(zip(found.label.tolist(), found.start.tolist(), found.end.tolist(), strict=True))


WHOLE = life(
    "ftth:a",
    (0.0, "funded", {}),
    (10.0, "finished", {"task": "permit"}),
    (15.0, "finished", {"task": "order", "cause": "procure", "lost_days": 2.0}),
    (15.0, "delayed", {"task": "cable", "cause": "crew", "crew": "P fibre"}),
    (25.0, "started", {"task": "cable", "crew": "P fibre"}),
    (30.0, "finished", {"task": "cable", "crew": "P fibre"}),
    (32.0, "finished", {"task": "test"}),
    (32.0, "activated", {}),
)


def test_each_stretch_has_the_phase_of_the_task_that_it_ends_with():
    assert told(WHOLE) == [
        ("permit", 0.0, 10.0),
        ("procure", 10.0, 15.0),
        ("waiting", 15.0, 25.0),
        ("build", 25.0, 30.0),
        ("test", 30.0, 32.0),
    ]


def test_a_project_cut_off_by_the_horizon_is_at_what_comes_next_in_others_of_its_technology():
    cut = life("ftth:b", (40.0, "funded", {}), (50.0, "finished", {"task": "permit"}))
    fresh = life("ftth:c", (60.0, "funded", {}))
    assert told(WHOLE, cut, fresh)[5:] == [
        ("permit", 40.0, 50.0),
        ("procure", 50.0, 86.0),
        ("permit", 60.0, 86.0),
    ]


def test_another_technology_tells_nothing():
    other = life("lte:b", (40.0, "funded", {}))
    assert told(WHOLE, other)[5:] == [("preparing", 40.0, 86.0)]


def test_what_is_given_up_is_at_nothing():
    gone = life("ftth:b", (40.0, "funded", {}), (50.0, "cancelled", {"cause": "permit refused"}))
    assert told(WHOLE, gone)[5:] == [("preparing", 40.0, 50.0)]
