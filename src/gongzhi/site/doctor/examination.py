"""All checks in order. One that breaks is itself a finding; without tables, those that read them are left out."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from gongzhi.kernel.silence import safe_words
from gongzhi.site.doctor import database, machine, reading, safety, work
from gongzhi.site.doctor.findings import Check, Finding, Status, broken, look

CHECKS: Final[tuple[Check, ...]] = (
    *database.CHECKS, *machine.CHECKS, *reading.CHECKS, *work.CHECKS, *safety.CHECKS,
)  # fmt: skip
EXIT_CODES: Final = {Status.GOOD: 0, Status.LOOK: 1, Status.BROKEN: 2}


def examine(now: datetime, checks: Sequence[Check] = CHECKS) -> list[Finding]:
    """Look at everything. Changes nothing."""
    found: list[Finding] = []
    left_out: list[str] = []
    tables_are_there = True
    for check in checks:
        if check.wants_tables and not tables_are_there:
            left_out.append(check.name)
            continue
        said = list(_carry_out(check, now))
        found += said
        if check.name in {database.DATABASE, database.TABLES}:
            tables_are_there &= all(finding.status is not Status.BROKEN for finding in said)
    if left_out:
        mend = "Mend database and tables, then look again."
        found.append(look("Not looked at", f"{', '.join(left_out)}.", mend))
    return found


def _carry_out(check: Check, now: datetime) -> Iterator[Finding]:
    try:
        yield from check.look(now)
    except Exception as error:
        yield broken(
            check.name,
            f"This could not be looked at. {safe_words(error)}",
            "Mend what is named above first. If it stays, report it with this line.",
        )


def worst(found: Sequence[Finding]) -> Status:
    """The worst status there is; good where nothing was found."""
    return max((finding.status for finding in found), key=lambda s: EXIT_CODES[s], default=Status.GOOD)
