"""What stops guessing: uses of a key counted in one atomic statement, and wrong sign-ins by name and by address."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection, transaction
from django.db.models import F

from gongzhi.apps.actors.models import RateCounter, User
from gongzhi.apps.ledger import public as ledger
from gongzhi.apps.places.public import Jurisdiction

QUARTER: Final = 900
DAY: Final = 24 * 3600


@dataclass(frozen=True)
class Limit:
    """So many wrong tries within so many seconds, counted by `kind` and what was tried."""

    kind: str
    tries: int
    seconds: int

    def key(self, what: str) -> str:
        """The counter's name; the name of an account is read without regard to case."""
        return f"{self.kind}:{what.lower()}"


# By name: ten in a quarter of an hour, forty a day. By address more, as an office stands behind one.
NAME_LIMITS: Final = (Limit("sign-in", 10, QUARTER), Limit("sign-in-day", 40, DAY))
ADDRESS_LIMITS: Final = (Limit("sign-in-from", 30, QUARTER),)
# The second step is guessed at only by who knows the password: fewer, and by account.
CODE_LIMITS: Final = (Limit("sign-in-code", 5, QUARTER), Limit("sign-in-code-day", 20, DAY))


def _hashed(key: str) -> str:
    """The key is hashed before it is stored: it may be built from an address."""
    return hashlib.sha256(key.encode()).hexdigest()


def _window(at: datetime, seconds: int) -> int:
    return int(at.timestamp()) // seconds


def delete_rate_counters(keys: Collection[str]) -> None:
    """Forget how often these keys were used; they begin anew."""
    RateCounter.objects.filter(pk__in=keys).delete()


def take_token(key: str, *, limit: int, window_seconds: int, at: datetime) -> bool:
    """Count one use of `key`; False once `limit` is passed in this window. One atomic statement: bursts count right."""
    table = RateCounter._meta.db_table
    # "window" is a reserved word in PostgreSQL, hence the quotes.
    sql = (
        f'INSERT INTO {table} (key, "window", used) VALUES (%s, %s, 1) '
        f'ON CONFLICT (key) DO UPDATE SET used = CASE WHEN {table}."window" = excluded."window" '
        f'THEN {table}.used + 1 ELSE 1 END, "window" = excluded."window" RETURNING used'
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [_hashed(key), _window(at, window_seconds)])
        row = cursor.fetchone()
    return bool(row and row[0] <= limit)


def give_back(key: str, *, window_seconds: int, at: datetime) -> None:
    """Take back one use that was counted in this window: it turned out to be none. One atomic statement."""
    rows = RateCounter.objects.filter(pk=_hashed(key), window=_window(at, window_seconds), used__gt=0)
    rows.update(used=F("used") - 1)


def _take_all(limits: tuple[Limit, ...], what: str, at: datetime) -> bool:
    """Count a try with every limit; where one is passed, none of them counts it."""
    taken: list[Limit] = []
    for limit in limits:
        taken.append(limit)
        if not take_token(limit.key(what), limit=limit.tries, window_seconds=limit.seconds, at=at):
            _give_back_all(tuple(taken), what, at)
            return False
    return True


def _give_back_all(limits: tuple[Limit, ...], what: str, at: datetime) -> None:
    for limit in limits:
        give_back(limit.key(what), window_seconds=limit.seconds, at=at)


def _limits_passed(limits: tuple[Limit, ...], what: str, at: datetime) -> bool:
    found = {_hashed(limit.key(what)): limit for limit in limits}
    return any(
        row.window == _window(at, found[row.pk].seconds) and row.used >= found[row.pk].tries
        for row in RateCounter.objects.filter(pk__in=found)
    )


def begin_try(*, name: str, address: str, at: datetime) -> bool:
    """Count a sign-in with a name from an address before the password is looked at; False where it must wait.

    It counts as wrong until `end_try` says that it was right, so that a burst of tries lets through no more than the
    limit. A refused try uses up nothing: who is refused by the address does not lock the name, nor the other way.
    """
    if not _take_all(NAME_LIMITS, name, at):
        return False
    if _take_all(ADDRESS_LIMITS, address, at):
        return True
    _give_back_all(NAME_LIMITS, name, at)
    return False


def end_try(*, name: str, address: str, at: datetime) -> None:
    """The sign-in was right: it uses up neither the name's tries nor those of the people behind the same address."""
    _give_back_all(NAME_LIMITS, name, at)
    _give_back_all(ADDRESS_LIMITS, address, at)


def begin_address_try(*, address: str, at: datetime) -> bool:
    """Count a try without a name (a passkey, a link); False where the address must wait."""
    return _take_all(ADDRESS_LIMITS, address, at)


def end_address_try(*, address: str, at: datetime) -> None:
    """The try without a name was right."""
    _give_back_all(ADDRESS_LIMITS, address, at)


def begin_code_try(*, user: User, at: datetime) -> bool:
    """Count a code of the second step; False where the account must wait."""
    return _take_all(CODE_LIMITS, str(user.pk), at)


def end_code_try(*, user: User, at: datetime) -> None:
    """The code was right."""
    _give_back_all(CODE_LIMITS, str(user.pk), at)


def must_wait(user: User, at: datetime) -> bool:
    """Whether password sign-in to the account waits because of wrong tries."""
    return _limits_passed(NAME_LIMITS, user.username, at) or _limits_passed(CODE_LIMITS, str(user.pk), at)


@transaction.atomic
def unlock(*, user: User, jurisdiction: Jurisdiction, by: str, at: datetime) -> None:
    """Let an account be tried again at once; the ledger says who did so."""
    keys = [limit.key(user.username) for limit in NAME_LIMITS]
    keys += [limit.key(str(user.pk)) for limit in CODE_LIMITS]
    delete_rate_counters([_hashed(key) for key in keys])
    subject = f"user:{user.pk}"
    ledger.record(
        tree=jurisdiction.code, kind="actors.sign_in_unlocked", subject=subject, by=by, at=at, fields={}
    )
