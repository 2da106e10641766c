"""How long a person of the staff stays signed in, and what was proved when. The middleware holds to it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.contrib.auth import SESSION_KEY, login, logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponseBase

from gongzhi.apps.actors.public import Permission, User, actor_of, duty, jurisdictions_of, sessions
from gongzhi.kernel import clock

# What a session holds, as seconds since 1970 but for the key.
STARTED: Final = "gz_started"
SEEN: Final = "gz_seen"
PROVED: Final = "gz_proved"
INSIST: Final = "gz_insist"
NOTED_KEY: Final = "gz_key"

FRESH: Final = timedelta(minutes=10)
# How exactly we know when somebody was last here: a row is written no more often than that.
SEEN_EVERY: Final = timedelta(minutes=5)
STRICT: Final[Permission] = "manage_setup"
site_settings: Any = settings  # our own settings are not in the types of Django's


def begin(request: HttpRequest, user: User) -> None:
    """Sign the person in on this device, with a new session key. What was asked of the person is kept with it."""
    now = clock.now()
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    _start(request, user, now)
    insist = duty.insist_from(user, now)
    if insist is not None:
        request.session[INSIST] = int(insist.timestamp())


def _start(request: HttpRequest, user: User, now: datetime) -> None:
    hours = site_settings.SESSION_HOURS
    if any(
        actor_of(user=user, jurisdiction=j, at=now).may(STRICT) for j in jurisdictions_of(user=user, at=now)
    ):
        hours = min(hours, site_settings.ADMIN_SESSION_HOURS)
    request.session.set_expiry(hours * 3600)
    seconds = int(now.timestamp())
    request.session.update({STARTED: seconds, SEEN: seconds, PROVED: seconds})
    request.session.pop(INSIST, None)
    sessions.note_session(
        user=user,
        key=_key(request),
        user_agent=request.headers.get("User-Agent", ""),
        at=now,
        ends_at=now + timedelta(hours=hours),
    )


def _key(request: HttpRequest) -> str:
    if request.session.session_key is None:
        request.session.create()
    key = str(request.session.session_key)
    request.session[NOTED_KEY] = key
    return key


def stay(request: HttpRequest, user: User) -> None:
    """All sessions of the person were ended; this one goes on under a new key, neither younger nor better proved."""
    kept = {mark: request.session[mark] for mark in (STARTED, PROVED) if mark in request.session}
    update_session_auth_hash(request, user)
    begin(request, user)
    request.session.update(kept)


def prove(request: HttpRequest) -> None:
    """The person has just shown again that it is the person. The session gets a new key."""
    request.session.cycle_key()
    request.session[PROVED] = int(clock.now().timestamp())


def is_fresh(request: HttpRequest) -> bool:
    """Whether the person signed in, or showed that it is the person, within the last ten minutes."""
    return _age(request, PROVED) <= FRESH


def _age(request: HttpRequest, mark: str) -> timedelta:
    return clock.now() - datetime.fromtimestamp(request.session.get(mark, 0), UTC)


def insists(request: HttpRequest) -> bool:
    """Whether the time is over in which the person could work without a passkey or a second step."""
    until = request.session.get(INSIST)
    return until is not None and clock.now().timestamp() >= until


def asked_until(request: HttpRequest) -> datetime | None:
    """Until when the person may still work without a passkey or a second step; None where nothing is asked."""
    until = request.session.get(INSIST)
    return datetime.fromtimestamp(until, UTC) if until is not None else None


def look_again(request: HttpRequest, user: User) -> None:
    """The ways to sign in have changed: ask anew whether something is lacking."""
    insist = duty.insist_from(user, clock.now())
    if insist is None:
        request.session.pop(INSIST, None)
    else:
        request.session[INSIST] = int(insist.timestamp())


def is_over_for_admins(request: HttpRequest) -> bool:
    """Whether the session is older than one may be that changes the set-up, also where that right came later."""
    return _age(request, STARTED) >= timedelta(hours=site_settings.ADMIN_SESSION_HOURS)


def sign_out(request: HttpRequest) -> None:
    """End this session."""
    sessions.forget_session(str(request.session.session_key))
    logout(request)


class SessionRules:
    """Ends sessions that were not used for too long or began too long ago; notes that the others are used.

    It asks the database nothing that the page would not ask as well, and writes at most once in five minutes.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Look at the session of somebody who is signed in, answer, and note a new session key."""
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or SESSION_KEY not in request.session:
            return self._get_response(request)
        self._hold(request)
        response = self._get_response(request)
        self._follow_key(request)
        return response

    def _hold(self, request: HttpRequest) -> None:
        if STARTED not in request.session:
            # Signed in by other means than our pages a moment ago, or before there were rules: they begin now.
            if isinstance(request.user, User):
                _start(request, request.user, clock.now())
            return
        idle = timedelta(hours=site_settings.IDLE_HOURS)
        if _age(request, SEEN) > idle or _age(request, STARTED) > timedelta(
            hours=site_settings.SESSION_HOURS
        ):
            sign_out(request)
        elif _age(request, SEEN) > SEEN_EVERY:
            request.session[SEEN] = int(clock.now().timestamp())
            key = str(request.session.session_key)
            sessions.see_session(key=key, former=request.session.get(NOTED_KEY, key), at=clock.now())

    def _follow_key(self, request: HttpRequest) -> None:
        session = request.session
        noted, key = session.get(NOTED_KEY), session.session_key
        if noted and key and noted != key and STARTED in session:
            sessions.see_session(key=key, former=noted, at=clock.now())
            session[NOTED_KEY] = key
