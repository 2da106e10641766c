"""The command `gongzhi simulate`: plays scenarios over what really came; text tables or JSON."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from django.utils import translation
from django.utils.translation import gettext as _

from gongzhi.apps.places.public import jurisdiction_by_code
from gongzhi.kernel.calendar import unpublished_years
from gongzhi.site.simulating.history import History, arrivals_of, of_folder, of_office
from gongzhi.site.simulating.scenario import Scenario, ScenarioError, read_scenario
from gongzhi_analysis.process.comparing import Difference, compare
from gongzhi_analysis.process.queueing import UnitFigures, run

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
# Changes that the table would show as nought are left out of it; JSON holds all.
_SHOWN = 0.0005
_HEADINGS = ("unit", "people", "came", "done", "wait mean", "median", "90 %", "late", "late %", "load %")
_MEASURES = {
    "wait_mean": "wait mean, h",
    "wait_median": "wait median, h",
    "wait_p90": "wait 90 %, h",
    "late_share": "late, share",
    "load": "load, share",
}


@click.command()
@click.argument("scenario", type=_FILE)
@click.option("--compare", "other", type=_FILE, help="A second scenario, played with the same luck.")
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), help="As demo/boston.")
@click.option("--office", help="Code of an office: its own cases are played.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="First day of the office's cases.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Last day of the office's cases.")
@click.option("--seed", default=1, show_default=True, help="The same number gives the same result.")
@click.option(
    "--replications",
    default=10,
    show_default=True,
    type=click.IntRange(2, 200),
    help="Plays of each scenario.",
)
@click.option("--json", "as_json", is_flag=True, help="JSON in place of tables.")
@translation.override("en")  # as all that the command line says
def simulate(
    scenario: Path,
    other: Path | None,
    data: Path | None,
    office: str | None,
    since: datetime | None,
    until: datetime | None,
    seed: int,
    replications: int,
    as_json: bool,
) -> None:
    """Play what really came with the staffing, list and deadlines of SCENARIO, a TOML file.

    Says for each unit how long matters wait, how many miss their deadline and how much of the time is taken; never
    for a person. With --compare: what the second scenario changes, and between which bounds. See
    docs/operate/simulation.md.
    """
    history = _history(data, office, since, until)
    names = [scenario, *([other] if other else [])]
    scenarios = [read_scenario(path) for path in names]
    played = [_play(history, one, seed, replications) for one in scenarios]
    changes = compare(played[0], played[1]) if other else []
    if as_json:
        click.echo(
            json.dumps(_as_data(history, scenarios, played, changes, seed), ensure_ascii=False, indent=2)
        )
        return
    for one, runs in zip(scenarios, played, strict=True):
        click.echo("\n".join(_table(one, runs)) + "\n")
    if changes:
        click.echo("\n".join(_difference_table(scenarios, changes)) + "\n")
    click.echo("\n".join(_notes(history, scenarios, seed, replications)))


def _history(
    data: Path | None, office: str | None, since: datetime | None, until: datetime | None
) -> History:
    if (data is None) == (office is None):
        raise click.UsageError("Name either --data or --office.")
    if data is not None:
        if since or until:
            raise click.UsageError("--since and --until go with --office.")
        found = of_folder(data)
    else:
        jurisdiction = jurisdiction_by_code(office or "")
        if jurisdiction is None:
            raise click.UsageError(f"There is no office “{office}”.")
        found = of_office(jurisdiction, since.date() if since else None, until.date() if until else None)
    if not found.came:
        raise ScenarioError(_("No case was opened in this time."), hint=_("Choose other days, or --data."))
    return found


def _play(history: History, scenario: Scenario, seed: int, replications: int) -> list[list[UnitFigures]]:
    """The scenario once for each seed from `seed` on; observed until the last matter has come and its day is over."""
    arrivals = arrivals_of(history, scenario)
    services = {name: entry.service() for name, entry in scenario.service.items()}
    end = max(a.at for a in arrivals) + 1.0
    try:
        return [
            run(arrivals, people=scenario.staff, services=services, seed=n, order=scenario.order, until=end)
            for n in range(seed, seed + replications)
        ]
    except ValueError as error:
        raise ScenarioError(
            _("“%(name)s”: %(why)s.") % {"name": scenario.name, "why": error},
            hint=_("Add it to the scenario."),
        ) from error


def _mean(runs: Sequence[Sequence[UnitFigures]]) -> list[dict[str, Any]]:
    """Each unit's figures as the mean over the replications."""
    rows = []
    for figures in zip(*runs, strict=True):
        row: dict[str, Any] = {"unit": figures[0].unit}
        for name in ("people", "arrived", "with_deadline"):
            row[name] = getattr(figures[0], name)
        for name in ("done", "wait_mean", "wait_median", "wait_p90", "late", "late_share", "load"):
            row[name] = round(sum(getattr(f, name) for f in figures) / len(figures), 4)
        rows.append(row)
    return rows


def _lay_out(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lined = ([cell.rjust(w) for cell, w in zip(row, widths, strict=True)] for row in rows)
    return ["  ".join([row[0].ljust(widths[0]), *cells[1:]]) for row, cells in zip(rows, lined, strict=True)]


def _table(scenario: Scenario, runs: Sequence[Sequence[UnitFigures]]) -> list[str]:
    rows: list[tuple[str, ...]] = [_HEADINGS]
    for row in _mean(runs):
        waits = (f"{row[name]:.1f}" for name in ("wait_mean", "wait_median", "wait_p90"))
        counts = (str(row["people"]), str(row["arrived"]), f"{row['done']:.0f}")
        shares = (f"{row['late']:.0f}", f"{100 * row['late_share']:.1f}", f"{100 * row['load']:.1f}")
        rows.append((row["unit"], *counts, *waits, *shares))
    return [f"{scenario.name} (waits in working hours)", *_lay_out(rows)]


def _difference_table(scenarios: Sequence[Scenario], changes: Sequence[Difference]) -> list[str]:
    rows: list[tuple[str, ...]] = [("unit", "measure", "first", "second", "change", "95 % from", "to", "")]
    for d in changes:
        if max(abs(d.change.low), abs(d.change.high)) < _SHOWN:
            continue
        bounds = (f"{v:+.3f}" for v in (d.change.mean, d.change.low, d.change.high))
        sign = "" if d.change.decided else "may be luck"
        rows.append((d.unit, _MEASURES[d.measure], f"{d.first:.3f}", f"{d.second:.3f}", *bounds, sign))
    heading = f"“{scenarios[1].name}” less “{scenarios[0].name}”; what does not change is left out"
    return [heading, *_lay_out(rows)]


def _notes(history: History, scenarios: Sequence[Scenario], seed: int, replications: int) -> list[str]:
    """What the figures stand on, said below them."""
    zone = history.calendar.zone_info
    first, last = (f(c.at for c in history.came).astimezone(zone) for f in (min, max))
    notes = [
        f"What came: {len(history.came)} matters, {first:%Y-%m-%d} to {last:%Y-%m-%d} ({history.source}).",
        f"{replications} replications from seed {seed}. Lines begin empty: what was open before is not known.",
    ]
    for scenario in scenarios:
        notes += [
            f"Assumed in “{scenario.name}”: {name}: {s.median_hours} h, {s.shape}: {s.assumption}"
            for name, s in scenario.service.items()
        ]
    unknown = unpublished_years(first, last, history.calendar)
    if unknown:
        years = ", ".join(map(str, unknown))
        notes.append(f"The calendar knows no holidays of {years}: every ordinary weekday counts as worked.")
    return notes


def _as_data(
    history: History,
    scenarios: Sequence[Scenario],
    played: Sequence[Sequence[Sequence[UnitFigures]]],
    changes: Sequence[Difference],
    seed: int,
) -> dict[str, Any]:
    return {
        "notes": _notes(history, scenarios, seed, len(played[0])),
        "scenarios": [
            {"scenario": s.model_dump(exclude={"lines"}), "units": _mean(runs)}
            for s, runs in zip(scenarios, played, strict=True)
        ],
        "changes": [asdict(d) for d in changes],
    }
