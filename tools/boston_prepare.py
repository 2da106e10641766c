"""Remake demo/boston/requests_2011H2.parquet from the city's export of the second half of 2011.

    .venv/bin/python tools/boston_prepare.py ORIGINAL.parquet

The original is the table of 58,251 requests as Analyze Boston published it (27 columns). What ships is
smaller and holds no person: staff remarks at closing often name an employee, so only the city's own standard
outcome is kept of `closure_reason`; a title with a person's name in it is replaced by the request's type.
"""

import re
import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

TARGET = Path(__file__).resolve().parent.parent / "demo" / "boston" / "requests_2011H2.parquet"

TIME_FORMAT = "%Y-%m-%d %H:%M:%S"
TIMES = ("open_dt", "target_dt", "closed_dt")
WORDS = (
    "case_status",
    "case_title",
    "department",
    "reason",
    "type",
    "closure_reason",
    "location",
    "neighborhood",
    "source",
)
METADATA = {
    "title": "Boston 311 service requests, July to December 2011",
    "publisher": "City of Boston, Analyze Boston",
    "licence": "PDDL-1.0",
    "times": "naive local time, America/New_York",
    "changes": "columns chosen; closing remarks reduced to standard outcomes; no persons; spaces tidied",
}

# The outcomes the city's system writes by itself. Free remarks follow them in the original and are left out.
OUTCOMES = (
    "Case Resolved",
    "Case Noted",
    "Case Scheduled",
    "Case Invalid",
    "Internal Case",
    "Bulk Item Automation",
    "Duplicate of Existing Case",
    "Case Referred to External Agency",
    "VIOCOR: Violation Corrected",
    "NOVIO: No Violation Found/No Cause",
    "ADCLSD: Administratively Closed",
    "VIOISS: Violation Filed",
    "TFA: Tenant Failed Apt\\Was Not Home",
    "NOACC: Closed-No Access",
    "ROA: Refer to Other Agency/Division",
    "CLOSED: Closed/No Permit",
    "PERMIS: Permit Issued",
    "NOBASE: No Basis",
    "CORR: Corrected",
    "TSOP: Stop Work/TSOP/Condemnation",
    "NEWOWN: Closed-New Owner",
    "REINSP: Issues Found Re-Inspection",
)
OTHER_OUTCOME = "Other"

# Found by reading every title that is not the type itself; parks named after a person are places and stay.
TITLE_NAMES_A_PERSON = re.compile(r"(?i)printed for|\bState Rep\b|\b(?:Mr|Mrs|Ms|Dr|Officer)\b\.? [A-Z]")
CONTACT = re.compile(r"\S+@\S+\.\w+|\(?\b\d{3}\)?[ .-]{1,2}\d{3}[ .-]\d{4}\b|\b\d{3}[.-]\d{4}\b")


def tidy(value: str | None) -> str:
    """The words with single spaces; empty for nothing."""
    return " ".join((value or "").split())


def location_of(address: str | None) -> str:
    """The address with commas where the original has two spaces: "20 Outlook Rd, Mattapan, MA 02126"."""
    parts = [tidy(part) for part in re.split(r"\s{2,}", (address or "").strip())]
    return ", ".join(part for part in parts if part).replace(", MA, ", ", MA ")


def outcome_of(remark: str | None) -> str:
    """The standard outcome in a closing remark, "Other" for other words, empty for none."""
    words = re.sub(r"^\. Closed date : \S+ \S+ ?|^Case Closed ?", "", tidy(remark))
    for outcome in OUTCOMES:
        if words.startswith(outcome):
            return outcome
    return OTHER_OUTCOME if words else ""


def title_of(title: str | None, kind: str) -> str:
    """The title without names or contacts: then the type stands in for it."""
    words = tidy(title)
    if not words or TITLE_NAMES_A_PERSON.search(words) or CONTACT.search(words):
        return tidy(kind)
    return words


def times_of(values: Iterable[str | None]) -> pa.Array:
    """Naive local times, to the second."""
    times = [datetime.strptime(value, TIME_FORMAT) if value else None for value in values]
    return pa.array(times, pa.timestamp("ms"))


def shipped_table(original: pa.Table) -> pa.Table:
    """The columns that ship, oldest request first."""
    original = original.sort_by([("open_dt", "ascending"), ("case_enquiry_id", "ascending")])
    columns: dict[str, pa.Array] = {"case_enquiry_id": original["case_enquiry_id"].cast(pa.int64())}
    for name in TIMES:
        columns[name] = times_of(original[name].to_pylist())
    kinds = original["type"].to_pylist()
    for name in WORDS:
        values = original[name].to_pylist()
        if name == "closure_reason":
            words = [outcome_of(value) for value in values]
        elif name == "location":
            words = [location_of(value) for value in values]
        elif name == "case_title":
            words = [title_of(value, kind) for value, kind in zip(values, kinds, strict=True)]
        else:
            words = [tidy(value) for value in values]
        columns[name] = pa.array(words, pa.string())
    for name in ("latitude", "longitude"):
        columns[name] = original[name].cast(pa.float64())
    return pa.table(columns).replace_schema_metadata(METADATA)


def write_shipped(table: pa.Table, target: Path) -> None:
    """Sorted whole numbers as differences, words and points by dictionary, all of it zstd."""
    numbers = ("case_enquiry_id", *TIMES)
    pq.write_table(
        table,
        target,
        compression="zstd",
        compression_level=22,
        use_dictionary=[name for name in table.column_names if name not in numbers],
        column_encoding=dict.fromkeys(numbers, "DELTA_BINARY_PACKED"),
        dictionary_pagesize_limit=4_000_000,
        row_group_size=table.num_rows,
        data_page_size=8_000_000,
        write_statistics=False,
    )


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("usage: boston_prepare.py ORIGINAL.parquet", file=sys.stderr)
        return 2
    table = shipped_table(pq.read_table(arguments[0]))
    write_shipped(table, TARGET)
    print(f"{TARGET.name}: {table.num_rows} rows, {table.num_columns} columns, {TARGET.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
