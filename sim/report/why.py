"""Why was this late? Delays in words: of the latest projects of a run, and of one project's whole life."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.errors import StoreError
from sim.report import style
from sim.tables.results import CAUSES

if TYPE_CHECKING:
    from sim.clock import Horizon
    from sim.store import SavedRun

Rows = list[dict[str, Any]]
WORDS: Mapping[str, str] = {
    "crew": "waiting for a crew",
    "travel": "crews on their way",
    "permit": "papers that took longer",
    "procure": "delivery that took longer",
    "work": "work that took longer",
    "season": "the season",
    "holiday": "holidays",
    "supply": "short supplies",
    "requires": "waiting for another project",
    "money": "waiting for money",
    "other": "other causes",
}
_TOLD = 3
_FEN_PER_THOUSAND_YUAN = 1e5
_MOST_HERE = 12


def causes_in_words(days: Mapping[str, float], held_by: str = "") -> str:
    """Return what cost days, most first: "40 waiting for a crew (Kunming fibre), 12 the season".

    ``days`` are working days by cause; causes that cost less than half a day are left out, and after the
    first three the rest is one sum.
    """
    order = sorted(
        (cause for cause in CAUSES if days.get(cause, 0.0) >= 0.5), key=lambda cause: -round(days[cause], 6)
    )
    parts = [f"{days[cause]:.0f} {WORDS[cause]}" for cause in order[:_TOLD]]
    if parts and held_by:
        parts[0] += f" ({held_by})"
    if len(order) > _TOLD:
        parts.append(f"{sum(days[cause] for cause in order[_TOLD:]):.0f} other")
    return ", ".join(parts)


def latest(delays: pd.DataFrame, zones: pd.DataFrame, horizon: Horizon, most: int = 10) -> Rows:
    """Return the projects and contracts of replication 0 that lost most days, each with its causes.

    A contract counts with the project of it that lost most; its days and causes are the means over all of
    them.
    """
    table = delays[delays["replication"] == 0]
    if not len(table):
        return []
    key = table["contract"].where(table["contract"] != "", table["project_id"])
    worst = table.groupby(key, sort=True)["lost_days"].max()
    worst = worst[worst > 0].sort_values(ascending=False, kind="stable").head(most)
    return [_told(table[key == name], zones, horizon) for name in worst.index]


def _told(group: pd.DataFrame, zones: pd.DataFrame, horizon: Horizon) -> dict[str, Any]:
    """Return a row of the table of the latest: one project, or the projects of one contract."""
    worst = group.sort_values(["lost_days", "project_id"], ascending=[False, True]).iloc[0]
    days = {cause: float(group[f"lost_{cause}_days"].mean()) for cause in CAUSES}
    cause = max(CAUSES, key=lambda name: (round(days[name], 6), -CAUSES.index(name)))
    holders = group.loc[(group["cause"] == cause) & (group["held_by"] != ""), "held_by"]
    named = style.english_crew(str(holders.mode().iloc[0])) if len(holders) else ""
    return {
        "what": _subject(group, zones),
        "project": str(worst["project_id"]),
        "technology": style.label(str(worst["technology"])),
        "funded": horizon.label(int(worst["funded_month"])),
        "ended": _ended(group, horizon),
        "lasted": f"{group['lasted_days'].mean():,.0f}",
        "lost": f"{group['lost_days'].mean():,.0f}{_at_worst(group)}",
        "why": causes_in_words(days, named),
    }  # fmt: skip


def _ended(group: pd.DataFrame, horizon: Horizon) -> str:
    """Return when the last of some projects came into service, or that it did not."""
    still = int((group["outcome"] == "under way").sum())
    if still:
        return "not by the end" if len(group) == 1 else f"{still:,} not by the end"
    served = group["outcome"] == "in service"
    word = "" if served.any() else "given up "
    return word + horizon.label(int((group[served] if served.any() else group)["ended_month"].max()))


def _at_worst(group: pd.DataFrame) -> str:
    """Return what the latest project of a contract lost, where it is another than the mean."""
    mean, most = (f"{value:,.0f}" for value in (group["lost_days"].mean(), group["lost_days"].max()))
    return "" if mean == most else f" (at worst {most})"


def _subject(group: pd.DataFrame, zones: pd.DataFrame) -> str:
    zone = int(group["zone"].iloc[0])
    if zone < 0:
        return str(group["project_id"].iloc[0])
    place = zones.iloc[zone]
    prefecture = style.english(str(place["prefecture"]))
    if len(group) > 1:
        return f"{len(group):,} villages of county {place['county']}, {prefecture}"
    return f"{place['name']}, {prefecture}"


def why(run: SavedRun, what: str = "") -> str:
    """Return why things took as long as they did, as text for a terminal.

    ``what`` is a project, or the identifier or name of a zone, whose projects are then told; without it the
    ten latest are listed. Only replication 0 is told.

    Raises ``StoreError`` with what comes near where a run has no such project or zone.
    """
    delays = run.delays
    delays = delays[delays["replication"] == 0].reset_index(drop=True)
    if not what:
        return "\n".join(_listed(latest(delays, run.zones, run.horizon)))
    chosen = _chosen(delays, run.zones, what)
    if len(chosen) > _MOST_HERE:
        rows = [f"{row['project_id']}  {_in_short(row, run.horizon)}" for row in _records(chosen)]
        return "\n".join([*rows, "", f"rollout why RUN PROJECT tells one of these {len(rows)} at length"])
    return "\n\n".join("\n".join(_life(run, row)) for row in _records(chosen))


def _listed(rows: Rows) -> Iterator[str]:
    if not rows:
        yield "no project lost a day"
    for row in rows:
        yield f"{row['what']} ({row['project']}, {row['technology']})"
        ended = row["ended"]
        served = ended.replace("not by", "not in service by") if ended.endswith("end") else ended
        served = served if served[0].isalpha() or ended.endswith("end") else f"in service {ended}"
        yield (
            f"  funded {row['funded']}, {served}: {row['lost']} of {row['lasted']} working days lost: "
            f"{row['why']}"
        )


def _records(table: pd.DataFrame) -> Rows:
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]


def _chosen(delays: pd.DataFrame, zones: pd.DataFrame, what: str) -> pd.DataFrame:
    """Return the delays of a project or of all projects of a zone."""
    own = delays[delays["project_id"] == what]
    if len(own):
        return own
    rows = zones.index[(zones["zone_id"] == what) | (zones["name"] == what)]
    if len(rows):
        there = delays[delays["zone"].isin(rows)]
        if len(there):
            return there
        raise StoreError(f"no project was funded in zone {what!r} in replication 0")
    known = [*delays["project_id"].tolist(), *zones["zone_id"].tolist(), *zones["name"].tolist()]
    near = difflib.get_close_matches(what, known, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise StoreError(f"the run funds no project {what!r} and has no such zone{hint}")


def _in_short(row: Mapping[str, Any], horizon: Horizon) -> str:
    """Return one line on a project's life."""
    ended = int(row["ended_month"])
    until = f"{row['outcome']} {horizon.label(ended)}" if ended >= 0 else "not in service by the end"
    days = {cause: float(row[f"lost_{cause}_days"]) for cause in CAUSES}
    lost = causes_in_words(days, style.english_crew(str(row["held_by"])))
    text = f"funded {horizon.label(int(row['funded_month']))}, {until}"
    told = f", {row['lost_days']:.0f} of them lost: {lost}" if lost else ", none of them lost"
    return f"{text}: {row['lasted_days']:.0f} working days{told}"


def _life(run: SavedRun, row: Mapping[str, Any]) -> Iterator[str]:
    """Return the life of a project, event by event."""
    yield f"{row['project_id']} ({style.label(str(row['technology']))}): {_in_short(row, run.horizon)}"
    if row["contract"]:
        yield f"  part of contract {row['contract']}"
    events = run.events
    own = events[(events["replication"] == 0) & (events["project_id"] == row["project_id"])]
    for event in _records(own):
        text = f"{event['event']} {event['task']}".strip()
        crew = f" by {style.english_crew(event['crew'])}" if event["crew"] else ""
        yield (
            f"  {run.horizon.label(int(event['month']))}  day {event['day']:7.1f}  {text}{crew}"
            f"{_reason(event)}{_money(event)}"
        )


def _reason(event: Mapping[str, Any]) -> str:
    lost, cause = float(event["lost_days"]), str(event["cause"])
    if not cause:
        return ""
    return f": {cause}, {lost:.1f} days" if lost > 0 else f": {cause}"


def _money(event: Mapping[str, Any]) -> str:
    parts = [
        f"{event[column] / _FEN_PER_THOUSAND_YUAN:,.1f} thousand yuan {word} {event['pot']}"
        for column, word in (("committed_fen", "promised by"), ("spent_fen", "paid by"))
        if event[column]
    ]
    return f" ({', '.join(parts)})" if parts else ""
