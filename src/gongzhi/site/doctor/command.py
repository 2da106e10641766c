"""The commands `gongzhi doctor` and `gongzhi retry`."""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from textwrap import wrap
from typing import Final

import click

from gongzhi.kernel import clock, outbox
from gongzhi.site.doctor.examination import EXIT_CODES, examine, worst
from gongzhi.site.doctor.findings import Finding, Status

COLOURS: Final = {Status.GOOD: "green", Status.LOOK: "yellow", Status.BROKEN: "red"}
STATUS_WIDTH: Final = max(len(status) for status in Status) + 2
NAME_WIDTH: Final = 17
LINE_WIDTH: Final = 110


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def doctor(as_json: bool) -> None:
    """Look at the whole installation and say how to mend what is not well.

    Changes nothing. Exit code 0: all is good; 1: something to look at; 2: something is broken.
    """
    now = clock.now()
    found = examine(now)
    status = worst(found)
    if as_json:
        answer = {
            "status": status.value,
            "looked_at": now.isoformat(),
            "findings": [asdict(finding) for finding in found],
        }
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        for line in _lines(found):
            click.echo(line)
    sys.exit(EXIT_CODES[status])


def _lines(found: Sequence[Finding]) -> Iterator[str]:
    indent = " " * (STATUS_WIDTH + NAME_WIDTH)
    for finding in found:
        status = click.style(f"{finding.status.value:<{STATUS_WIDTH}}", fg=COLOURS[finding.status])
        first, *more = wrap(finding.said, LINE_WIDTH - len(indent)) or [""]
        yield f"{status}{finding.check:<{NAME_WIDTH}}{first}"
        yield from (f"{indent}{line}" for line in more)
        # A mend may be a command: it stays on one line, to be copied.
        if finding.mend:
            yield f"{indent}→ {finding.mend}"
    counted = [f"{n} {status.value}" for status in Status if (n := sum(f.status is status for f in found))]
    yield f"\n{', '.join(reversed(counted))}."


@click.command()
@click.option("--handler", default="", help="Only the jobs of this handler, as `gongzhi doctor` names it.")
def retry(handler: str) -> None:
    """Give jobs that failed another eight attempts, once their cause is mended."""
    jobs = outbox.retry_failed(handler=handler, now=clock.now())
    are = "1 job is" if jobs == 1 else f"{jobs} jobs are"
    click.echo(f"{are} tried again by the worker." if jobs else "No such job has failed.")
