"""Who can reach the site and how: names, encryption, debugging, demo accounts, mail."""

import smtplib
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.core.mail import get_connection

from gongzhi.apps.actors.public import User
from gongzhi.site.doctor.findings import Check, Finding, broken, good, look, many, real_offices

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
    asked: Any = settings  # the types of Django do not know the method
    if not asked.is_overridden("EMAIL_HOST") or not settings.EMAIL_HOST:
        return
    mail = get_connection(fail_silently=False, timeout=MAIL_SECONDS)
    try:
        mail.open()
        mail.close()
    except smtplib.SMTPAuthenticationError as error:
        yield broken(
            MAIL,
            f"The mail server refuses the sign-in (code {error.smtp_code}).",
            "Compare account and password of the mail settings with those of the mail server.",
        )
    except (OSError, smtplib.SMTPException) as error:
        yield broken(
            MAIL,
            f"The mail server does not answer as it should ({type(error).__name__}).",
            "Compare host, port and encryption of the mail settings with those of the mail server.",
        )
    else:
        yield good(MAIL, "The mail server answers.")


CHECKS: Final = (
    Check(ADDRESS, look_at_address),
    Check(DEMO, look_at_demo),
    Check(MAIL, look_at_mail, wants_tables=False),
)
