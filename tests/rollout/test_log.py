from sim.clock import Horizon
from sim.rollout.log import DELAYED, FINISHED, Log
from sim.tables.plan import Charge
from sim.tables.results import EVENTS

YEAR = Horizon("2014-01", "2014-12")


def test_rows_told_ahead_stand_on_their_day_and_beyond_the_horizon_not_at_all():
    log = Log()
    a = log.codes["a"]
    log.write((30.0, FINISHED, a, log.codes["permit"], 0, 0, 0, 0, 2.5))
    log.write((5.0, DELAYED, a, 0, 0, 0, log.codes["crew"], 0, 0.0))
    log.connected(5.0, Charge("ftth", "all", 10, 3, 0.5), 4)
    log.write((float(YEAR.end_day), FINISHED, a, 0, 0, 0, 0, 0, 0.0))
    frame = log.frame(YEAR, 2)
    assert frame["event"].tolist() == ["delayed", "connected", "finished"]
    assert frame["event_id"].tolist() == [0, 1, 2]
    assert frame["day"].tolist() == [5.0, 5.0, 30.0]
    assert frame["month"].tolist() == [0, 0, 1]
    assert frame["lost_days"].tolist() == [0.0, 0.0, 2.5]
    assert frame.loc[1, ["spent_fen", "committed_fen", "quantity", "share"]].tolist() == [4, 6, 3, 0.5]
    assert set(frame["replication"]) == {2}
    assert EVENTS.check(frame) is frame


def test_packing_between_months_changes_nothing(monkeypatch):
    def made(packs):
        monkeypatch.setattr("sim.rollout.log._CHUNK", 0 if packs else 1 << 30)
        log = Log()
        for day in range(50):
            log.write((float(day % 7), FINISHED, log.codes[f"p{day}"], 0, 0, log.codes["all"], 0, day, 0.0))
            log.connected(float(day % 5), Charge("ftth", "all", day, day, 0.1), day)
            if day % 10 == 0:
                log.pack()
        return log.frame(YEAR, 0)

    assert made(True).equals(made(False))


def test_texts_keep_their_number_and_an_empty_log_is_an_empty_table():
    log = Log()
    assert (log.codes["x"], log.codes["y"], log.codes["x"], log.codes[""]) == (1, 2, 1, 0)
    assert log.codes.names == ["", "x", "y"]
    assert len(log) == 0
    assert log.frame(YEAR, 0).empty


def test_amounts_are_exact_to_the_fen():
    log = Log()
    most = 2**53 - 1
    log.write((0.0, FINISHED, 0, 0, 0, log.codes["all"], 0, most, 0.0))
    assert log.frame(YEAR, 0)["spent_fen"].tolist() == [most]
