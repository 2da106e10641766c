"""Reports that a resident keeps together with the key of a phone or computer, without name or account."""

from django.db import transaction

from gongzhi.apps.actors.public import ResidentKey, passkeys
from gongzhi.apps.channels.models import KeptReport, Report


def keep_report(*, report: Report, key: ResidentKey) -> None:
    """Let the key open the report from now on. Twice changes nothing. ValueError for a key of another office."""
    if key.jurisdiction_id != report.jurisdiction_id:
        raise ValueError("a key opens reports of its own office only")
    KeptReport.objects.get_or_create(key=key, report=report)


def kept_reports(key: ResidentKey) -> list[Report]:
    """The reports that the key opens, the newest first."""
    return list(Report.objects.filter(kept__key=key).order_by("-received_at", "-pk"))


def is_kept(report: Report, key: ResidentKey | None = None) -> bool:
    """Whether any key, or this one, opens the report."""
    rows = KeptReport.objects.filter(report=report)
    return (rows if key is None else rows.filter(key=key)).exists()


@transaction.atomic
def stop_keeping(report: Report) -> None:
    """Let no key open the report any more; keys that open nothing else go. Its code still opens it."""
    keys = list(KeptReport.objects.filter(report=report).values_list("key_id", flat=True))
    KeptReport.objects.filter(report=report).delete()
    still = set(KeptReport.objects.filter(key_id__in=keys).values_list("key_id", flat=True))
    passkeys.delete_resident_keys(set(keys) - still)
