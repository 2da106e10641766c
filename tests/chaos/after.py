"""What an installation holds after the chaos: printed as JSON. Run as a program with the installation's settings."""

import json
import sys

from gongzhi.site import boot as _boot

# isort: split
from django.db.models import Count

from gongzhi.apps.cases.models import Answer, Case, Membership
from gongzhi.apps.channels.models import Notice, Report
from gongzhi.apps.ledger import public as ledger
from gongzhi.kernel import clock, worker
from gongzhi.kernel.models import OutboxJob

_BOOT = _boot


def picture() -> dict[str, object]:
    """Do what is still waiting, then count."""
    # Leases of killed workers run out; nobody is left who could hold one.
    OutboxJob.objects.filter(state="running").update(lease_until=clock.now())
    OutboxJob.objects.filter(state="ready").update(run_after=clock.now())
    worker.drain()
    ledger.sequence(clock.now())
    texts = list(Report.objects.values_list("text", flat=True))
    members = Membership.objects.filter(until=None).values("report").annotate(n=Count("pk"))
    told = {}
    for report_id, about in Notice.objects.values_list("report_id", "about"):
        told.setdefault(about, []).append(report_id)
    owed = {
        f"answer:{a.pk}": sorted(a.case.memberships.filter(until=None).values_list("report_id", flat=True))
        for a in Answer.objects.select_related("case")
    }
    return {
        "texts": sorted(texts),
        "cases": Case.objects.count(),
        "memberships": [row["n"] for row in members],
        "answers": Answer.objects.count(),
        "told_rightly": all(sorted(told.get(about, [])) == reports for about, reports in owed.items()),
        "jobs": {row["state"]: row["n"] for row in OutboxJob.objects.values("state").annotate(n=Count("pk"))},
        "ledger": {tree: ledger.verify(tree).ok for tree in ledger.trees()},
        "entries_per_report": ledger.Entry.objects.filter(kind="channels.report_received").count(),
    }


if __name__ == "__main__":
    json.dump(picture(), sys.stdout)
