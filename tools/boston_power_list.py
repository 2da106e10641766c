"""Remake demo/boston/power_list.toml from what the file of requests says.

    .venv/bin/python tools/boston_power_list.py

A category is led by the department that handled most of its requests. Its promise is that of its most
frequent type with target dates: the median of working days between opening and target. A target more than a
working year away is no promise (the city's system put two years where none was set): then the next type
counts, and where no type has one, the median of working days until closing.
"""

import json
import tomllib
from collections import Counter, defaultdict
from datetime import datetime
from pathlib import Path
from statistics import median

import numpy as np
import pyarrow.parquet as pq

BOSTON = Path(__file__).resolve().parent.parent / "demo" / "boston"

# Days on which the city's offices were closed by law while these requests were open in number.
HOLIDAYS = np.array(
    [
        "2011-07-04",
        "2011-09-05",
        "2011-10-10",
        "2011-11-11",
        "2011-11-24",
        "2011-12-26",
        "2012-01-02",
        "2012-01-16",
        "2012-02-20",
        "2012-04-16",
        "2012-05-28",
        "2012-07-04",
        "2012-09-03",
        "2012-10-08",
        "2012-11-12",
        "2012-11-22",
        "2012-12-25",
    ],
    dtype="datetime64[D]",
)
WORKING_YEAR = 250
TARGET_SHARE = 0.5  # a type counts where at least this share of its requests has a target
FEWEST_REQUESTS = 5  # fewer say nothing about a promise
HELPER_SHARE = 0.1
# The city's water board answers for the mains; most requests in the file are about a landlord's supply.
LEADS = {"utilities.water": "water"}
TARGET_SOURCE = "Median of target dates in Boston 311, 2011 H2"
CLOSED_SOURCE = "Median time to closing in Boston 311, 2011 H2 (no target date given)"

CODE_SIGNS = str.maketrans("._", "--")

Row = dict[str, object]


def working_days(start: object, end: object) -> int | None:
    """Working days between two local times; None where the end is unknown or before the start."""
    if not isinstance(start, datetime) or not isinstance(end, datetime) or end < start:
        return None
    return int(np.busday_count(np.datetime64(start, "D"), np.datetime64(end, "D"), holidays=HOLIDAYS))


def promise_of(rows: list[Row]) -> tuple[int, str] | None:
    """Working days promised for one category, and where they come from; None where too little is known."""
    for kind, _ in Counter(str(row["type"]) for row in rows).most_common():
        own = [working_days(row["open_dt"], row["target_dt"]) for row in rows if row["type"] == kind]
        days = [day for day in own if day is not None]
        if len(days) >= max(FEWEST_REQUESTS, TARGET_SHARE * len(own)) and median(days) <= WORKING_YEAR:
            return max(1, round(median(days))), f"{TARGET_SOURCE}: {kind} ({len(days):,} requests)"
    closed = [working_days(row["open_dt"], row["closed_dt"]) for row in rows]
    known = [day for day in closed if day is not None]
    if len(known) < FEWEST_REQUESTS:
        return None
    return max(1, round(median(known))), f"{CLOSED_SOURCE}: {len(known):,} requests"


def item_of(category: str, rows: list[Row], units: dict[str, str], words: dict[str, str]) -> str | None:
    """One line of the power list, as TOML; None where nothing can be promised."""
    promise = promise_of(rows)
    if promise is None:
        return None
    amount, source = promise
    shares = Counter(units[str(row["department"])] for row in rows)
    lead = LEADS.get(category) or shares.most_common(1)[0][0]
    helpers = [
        unit
        for unit, count in shares.most_common()
        if unit not in (lead, "hotline") and count >= HELPER_SHARE * len(rows)
    ]
    share = f"{shares[lead]:,} of {len(rows):,}"
    lines = [
        "[[item]]",
        f'code = "{category.translate(CODE_SIGNS)}"',
        f'category = "{category}"',
        f'lead = "{lead}"',
        f"helpers = {json.dumps(helpers)}",
        f'basis = "Practice of the city: {share} such requests went to {words[lead]}"',
        f"amount = {amount}",
        'unit = "workday"',
        f'source = "{source}"',
        "verified = false",
    ]
    return "\n".join(lines)


def main() -> int:
    categories = tomllib.loads((BOSTON / "categories.toml").read_text("utf-8"))["types"]
    units = tomllib.loads((BOSTON / "dataset.toml").read_text("utf-8"))["departments"]
    listed = tomllib.loads((BOSTON / "units.toml").read_text("utf-8"))["unit"]
    words = {unit["code"]: unit["names"]["en"] for unit in listed}
    rows: dict[str, list[Row]] = defaultdict(list)
    columns = ["type", "department", "open_dt", "target_dt", "closed_dt"]
    for row in pq.read_table(BOSTON / "requests_2011H2.parquet", columns=columns).to_pylist():
        rows[categories[row["type"]]].append(row)
    rows.pop("other.unclear", None)
    head = (
        "# Which department answers for what, taken from what the city did in the second half of 2011;\n"
        "# made by tools/boston_power_list.py. No line states a legal duty: verified = false throughout.\n"
        "# Categories that the file hardly holds have no line: the hotline decides.\n\n"
    )
    made = [item_of(category, rows[category], units, words) for category in sorted(rows)]
    items = [item for item in made if item]
    (BOSTON / "power_list.toml").write_text(head + "\n\n".join(items) + "\n", "utf-8")
    print(f"power_list.toml: {len(items)} lines")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
