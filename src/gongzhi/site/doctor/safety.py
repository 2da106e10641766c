"""Who can reach the site and how: names, encryption, debugging, demo accounts, mail."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from django.conf import settings

from gongzhi.apps.actors.public import User
from gongzhi.apps.channels.kinds.email import public as email
from gongzhi.site.doctor.findings import Check, Finding, broken, good, look, many, real_offices
from gongzhi.site.mail.sending import sender

ADDRESS: Final = "Web address"
DEMO: Final = "Demo accounts"
MAIL: Final = "Mail"
MAIL_SECONDS: Final = 10
_HTTPS: Final = "Put a TLS proxy in front, then set GONGZHI_HTTPS=1"


def look_at_address(now: datetime) -> Iterator[Finding]:
    """Do names and encryption suit what the installation is for?"""
    real, hosts = bool(real_offices()), settings.HOSTS
    outside = [host for host in hosts if host not in settings.LOOPBACK_HOSTS]
    if settings.DEBUG:
        yield (broken if real else look)(
            ADDRESS, "Debugging is on: error pages show what people wrote.", "Take GONGZHI_DEBUG away."
        )
    if "*" in hosts:
        yield broken(
            ADDRESS,
            "Every name is accepted (GONGZHI_HOSTS is *).",
            "Set GONGZHI_HOSTS to the site's own name.",
        )
    elif outside and not settings.HTTPS:
        yield (broken if real else look)(ADDRESS, "Passwords and reports travel without encryption.", _HTTPS)
    elif real and not settings.HTTPS:
        yield look(
            ADDRESS,
            "The site answers on this machine only, without encryption, though there is a real office.",
            f"Set GONGZHI_HOSTS to the site's name. {_HTTPS}",
        )
    elif real and not outside:
        yield look(
            ADDRESS,
            "The site answers on this machine only.",
            "Set GONGZHI_HOSTS to the site's name, as people type it.",
        )
    elif not settings.DEBUG:
        how = "with encryption" if settings.HTTPS else "on this machine, for trying out"
        yield good(ADDRESS, f"It answers to {', '.join(outside) or 'localhost'}, {how}.")


def look_at_demo(now: datetime) -> Iterator[Finding]:
    """Do accounts with a known password stand beside a real office?"""
    open_accounts = User.objects.filter(is_demo=True, is_active=True).count()
    if not open_accounts:
        yield good(DEMO, "There are none.")
    elif real_offices():
        yield broken(
            DEMO,
            f"{many(open_accounts, 'account')} with a password that everybody knows, beside a real office.",
            "Close them: gongzhi init",
        )
    else:
        yield good(DEMO, f"{many(open_accounts, 'account')}; all offices are for trying out.")


def look_at_mail(now: datetime) -> Iterator[Finding]:
    """Where mail is set up: does the mail server let us in?"""
    set_up = sender()
    if set_up is None:
        return
    try:
        email.check_server(set_up.server, set_up.name, MAIL_SECONDS)
    except email.Trouble as trouble:
        yield broken(
            MAIL,
            f"The mail server does not work with us ({trouble.error}).",
            "Compare GONGZHI_SMTP_URL with host, port, encryption, account and password of the mail server.",
        )
    else:
        yield good(MAIL, "The mail server lets us in.")


CHECKS: Final = (
    Check(ADDRESS, look_at_address),
    Check(DEMO, look_at_demo),
    Check(MAIL, look_at_mail, wants_tables=False),
)
