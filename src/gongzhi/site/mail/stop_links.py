"""The link that stops e-mail about one report: signed, so that nobody can stop another's; no sign-in, no code."""

from typing import Final

from django.conf import settings
from django.core import signing
from django.urls import reverse

from gongzhi.apps.channels import public as channels
from gongzhi.apps.channels.public import Report
from gongzhi.apps.places.public import Jurisdiction

SALT: Final = "gongzhi.mail.stop"


def _signer() -> signing.Signer:
    return signing.Signer(salt=SALT, sep=".")


def stop_token(report: Report) -> str:
    """What the link names the report by."""
    return _signer().sign(str(report.pk))


def stop_url(report: Report) -> str:
    """The whole address of the page that stops e-mail about the report."""
    return absolute(reverse("mail_stop", args=[report.jurisdiction.code, stop_token(report)]))


def absolute(path: str) -> str:
    """An address of the site as it stands in a message."""
    return f"{settings.GONGZHI_SITE_URL}{path}"


def report_of(jurisdiction: Jurisdiction, token: str) -> Report | None:
    """The report that a link of ours names in this office; None for any other."""
    try:
        number = _signer().unsign(token)
    except signing.BadSignature:
        return None
    return channels.report_by_id(jurisdiction, int(number))
