"""On which devices a person is signed in, and how that ends."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F

from gongzhi.apps.actors.models import OpenSession, User
from gongzhi.apps.actors.signin.notes import note

# What the browser says of itself -> the kind of device. The first that fits; nothing finer is kept.
DEVICES: Final[Mapping[str, str]] = {
    "HarmonyOS": "harmony",
    "Android": "android",
    "iPhone": "ios",
    "iPad": "ios",
    "Windows": "windows",
    "Macintosh": "mac",
    "Linux": "linux",
}
RETENTION: Final = OpenSession.RETENTION


def device_of(user_agent: str) -> str:
    """The kind of device: `android`, `windows` …, `other` where the browser does not say."""
    return next((kind for mark, kind in DEVICES.items() if mark in user_agent), "other")


def note_session(*, user: User, key: str, user_agent: str, at: datetime, ends_at: datetime) -> None:
    """Remember that the person is signed in on a device."""
    OpenSession.objects.update_or_create(
        session_key=key,
        defaults={
            "user": user,
            "device": device_of(user_agent),
            "started_at": at,
            "seen_at": at,
            "ends_at": ends_at,
        },
    )


def see_session(*, key: str, former: str, at: datetime) -> None:
    """The session was used, perhaps under a new key since."""
    OpenSession.objects.filter(session_key=former).update(session_key=key, seen_at=at)


def sessions_of(user: User, at: datetime) -> list[OpenSession]:
    """Where the person is signed in now, used last first."""
    rows = list(OpenSession.objects.filter(user=user, ends_at__gt=at).order_by("-seen_at", "-pk"))
    alive = set(Session.objects.filter(pk__in=[row.session_key for row in rows]).values_list("pk", flat=True))
    return [row for row in rows if row.session_key in alive]


@transaction.atomic
def end_session(*, user: User, session_id: int) -> bool:
    """End one of the person's own sessions. False where there is none with this number."""
    row = OpenSession.objects.filter(user=user, pk=session_id).first()
    if row is None:
        return False
    Session.objects.filter(pk=row.session_key).delete()
    row.delete()
    return True


def forget_session(key: str) -> None:
    """The person has signed out: the session is over already."""
    OpenSession.objects.filter(session_key=key).delete()


@transaction.atomic
def end_sessions(user: User) -> None:
    """Sign the person out everywhere, at once. The caller writes down why.

    The round is counted up first: a session that nobody noted is over as well.
    """
    User.objects.filter(pk=user.pk).update(session_round=F("session_round") + 1)
    user.refresh_from_db(fields=["session_round"])
    keys = list(OpenSession.objects.filter(user=user).values_list("session_key", flat=True))
    Session.objects.filter(pk__in=keys).delete()
    OpenSession.objects.filter(user=user).delete()


@transaction.atomic
def sign_out_everywhere(*, user: User, by: str, at: datetime) -> None:
    """The person, or an administrator, ends all sessions of the account."""
    end_sessions(user)
    note("sessions_ended", user=user, by=by, at=at)


def over(before: datetime, limit: int) -> list[int]:
    """The ids of notes of sessions that ended before the moment."""
    rows = OpenSession.objects.filter(ends_at__lt=before).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:limit])


def delete(ids: Collection[int]) -> None:
    """Delete notes of sessions by id."""
    OpenSession.objects.filter(pk__in=ids).delete()
