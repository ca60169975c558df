"""Two zones, four months and five projects, whose every amount of money can be worked out by hand.

Zone 0 has 100 homes and 300 residents, zone 1 has 50 and 100. Fibre is built in zone 0 over a route that
it shares with zone 1; an LTE site in zone 0 serves 60 residents there and 20 in zone 1, on a mast.
"""

from types import SimpleNamespace

import numpy as np
import pandas as pd

from sim.clock import Horizon
from sim.indicators.earnings import Earnings
from sim.indicators.finance_options import FinanceOptions
from sim.indicators.outlays import Outlays
from sim.tables.finance import Holdings
from sim.tables.ground import Ground, Projects
from sim.tables.plan import ITEMS
from tests.indicators.conftest import log_of

MONTHS, ZONES = 4, 2
TECHNOLOGIES, USES = ("ftth", "gsm", "lte", "nbiot"), ("fixed", "mobile", "mobile", "iot")
HORIZON = Horizon("2014-01", "2014-04")
PROJECTS = ("ftth:0", "ftth:1", "lte:0", "transport:0", "lte:1")
PASSIVE, ACTIVE, TOWER = (ITEMS.index(item) for item in ("passive", "active", "tower"))


def options(**changes):
    """Return options with round numbers: nothing is discounted unless told."""
    given = {
        "rate": 0.0,
        "inflation": 0.0,
        "years_after": 1.0,
        "residual_value": True,
        "lives": dict.fromkeys(ITEMS, 10.0),
        "radio_life": 0.5,
        "fixed_arpu": {"2014": 50.0},
        "moved_share": 0.0,
        "mobile_arpu": {"2014": 60.0},
        "data_share": 0.5,
        "nr_uplift": 0.1,
        "iot_connections": {"2014": 0.1},
        "iot_arpu": 12.0,
        "network_share": 0.5,
    }
    return FinanceOptions(**(given | changes))


def projects():
    """Return five projects; the last is proposed and never built."""
    pairs = pd.DataFrame(
        [
            (0, 0, -1), (1, 1, -1), (2, 0, 0), (2, 1, 1), (3, 0, -1), (3, 1, -1), (4, 1, 1),
        ],
        columns=["row", "zone", "point"],
    )  # fmt: skip
    return Projects(
        technologies=dict(zip(TECHNOLOGIES, USES, strict=True)),
        project_rows={name: row for row, name in enumerate(PROJECTS)},
        technology=np.array(["ftth", "ftth", "lte", "transport", "lte"], dtype=object),
        zone=np.array([0, 1, 0, 0, 1], dtype=np.int32),
        location=np.full(5, -1, dtype=np.int32),
        quantity=np.ones(5, dtype=np.int32),
        sites=np.zeros(5, dtype=np.int32),
        per_home=frozenset(),
        unit_mbps={},
        pairs=pairs,
        opex_fen=np.array([12_000, 2_400, 48_000, 1_200, 99_000]),
    )


def ground():
    """Return the land of month 0."""
    return Ground(
        homes=np.tile(np.array([100, 50], dtype=np.int32), (MONTHS, 1)),
        population=np.tile(np.array([300, 100], dtype=np.int32), (MONTHS, 1)),
        point_zone=np.array([0, 1], dtype=np.int32),
        point_people=np.array([60, 20], dtype=np.int32),
        location_count=0,
        standing_share={},
        standing_mbps={},
        standing_subscribers={"ftth": np.array([4.0, 0.0])},
        standing_points={},
        standing_sites={},
    )


def holdings():
    """Return what was bought: fibre of zone 0 paid a route of 8,000 fen that both zones' fibre uses."""
    return Holdings(
        payer=np.array([0, 0, 0, 1, 2, 2, 3]),
        holder=np.array([0, 0, 1, 1, 2, 2, 3]),
        item=np.array([ACTIVE, PASSIVE, PASSIVE, ACTIVE, ACTIVE, TOWER, ACTIVE]),
        cost_fen=np.array([10_000, 4_000, 4_000, 3_000, 6_000, 2_000, 3_000]),
        life_years=np.array([np.nan, 20.0, 20.0, np.nan, np.nan, 20.0, np.nan]),
    )


def log():
    """Return the log: what was paid when, and what entered service."""

    def paid(project, month, fen, event="finished"):
        return {"project_id": project, "month": month, "spent_fen": fen, "event": event, "pot": "p"}

    def active(project, month):
        return {"project_id": project, "month": month, "event": "activated"}

    return log_of(
        paid("ftth:0", 0, 9_000),
        paid("ftth:0", 1, 9_000),
        active("ftth:0", 1),
        paid("ftth:1", 1, 3_000),
        active("ftth:1", 2),
        paid("lte:0", 1, 6_000),
        paid("lte:0", 1, 2_000, "paid"),
        active("lte:0", 1),
        paid("transport:0", 0, 3_000),
        paid("ftth", 2, 1_000, "connected"),
    )


def state():
    """Return what the money brings: fibre lines, LTE users and things."""
    homes, population = ground().homes, ground().population
    subscribers = np.zeros((MONTHS, 4, ZONES), dtype=np.float32)
    subscribers[:, 0] = [[4, 0], [4, 0], [24, 5], [24, 5]]
    subscribers[1:, 2] = [60, 20]
    covered = np.zeros((MONTHS, 4, ZONES), dtype=np.float32)
    covered[:, 1] = [1.0, 0.5]
    covered[3:, 3] = [0.5, 0.0]
    passed = np.zeros((MONTHS, 4, ZONES), dtype=np.int32)
    passed[:, 0] = [[10, 0], [100, 0], [100, 50], [100, 50]]
    return SimpleNamespace(
        technologies=TECHNOLOGIES,
        uses=USES,
        homes=homes,
        population=population,
        homes_passed=passed,
        homes_connected=subscribers * np.array([1, 0, 0, 0], dtype=np.float32)[None, :, None],
        covered_share=covered,
        subscribers=subscribers,
        technology=TECHNOLOGIES.index,
        lines=None,
    )


def alone():
    """Return subscribers and cover without the money: four lines in zone 0 and 2G."""
    subscribers = np.zeros((MONTHS, 4, ZONES), dtype=np.float32)
    subscribers[:, 0] = [4, 0]
    covered = np.zeros((MONTHS, 4, ZONES), dtype=np.float32)
    covered[:, 1] = [1.0, 0.5]
    return subscribers, covered


def outlays(events=None, held=None, prices=None, **changes):
    """Return what it costs."""
    events = log() if events is None else events
    held = holdings() if held is None else held
    return Outlays(events, state(), projects(), ground(), held, options(**changes), prices)


def earnings(**changes):
    """Return what it earns."""
    return Earnings(state(), alone(), options(**changes), HORIZON)
