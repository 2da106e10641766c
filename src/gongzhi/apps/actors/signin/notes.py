"""What the ledger says of accounts: in the log of every office where the person holds a role."""

from datetime import datetime

from gongzhi.apps.actors.models import User
from gongzhi.apps.actors.queries import jurisdictions_of
from gongzhi.apps.ledger import public as ledger


def note(kind: str, *, user: User, by: str, at: datetime, **fields: str | int | None) -> None:
    """Write down what was done to an account (`kind` without its app) inside the caller's transaction."""
    for jurisdiction in jurisdictions_of(user=user, at=at):
        ledger.record(
            tree=jurisdiction.code,
            kind=f"actors.{kind}",
            subject=f"user:{user.pk}",
            by=by,
            at=at,
            fields=fields,
        )
