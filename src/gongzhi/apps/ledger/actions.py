"""Writing: one INSERT per act; numbering in batches by whoever comes first; erasing a salt."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from gongzhi.apps.ledger import rules
from gongzhi.apps.ledger.models import Checkpoint, Entry, LedgerError, Tree
from gongzhi.apps.ledger.rules import Scalar
from gongzhi_analysis.integrity import merkle

BATCH = 1000


@dataclass(frozen=True)
class Act:
    """Who (`by`) did what (`kind`) to `subject`, when, in which tree.

    `fields` are kept in clear and must hold no personal data; of `texts` only a salted commitment is kept.
    """

    tree: str
    kind: str
    subject: str
    by: str
    at: datetime
    fields: Mapping[str, Scalar] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)


def record(
    *,
    tree: str,
    kind: str,
    subject: str,
    by: str,
    at: datetime,
    fields: Mapping[str, Scalar] | None = None,
    texts: Mapping[str, str] | None = None,
) -> Entry:
    """Write down an act (see `Act`) inside the caller's transaction.

    RuntimeError outside of a transaction; ValueError or TypeError for a value that has no single spelling.
    """
    entry = _entry(Act(tree, kind, subject, by, at, fields or {}, texts or {}))
    entry.save(force_insert=True)
    return entry


def record_all(acts: Iterable[Act]) -> int:
    """As `record`, for many acts with few statements, in their order. Returns how many."""
    return len(Entry.objects.bulk_create([_entry(act) for act in acts], batch_size=BATCH))


def _entry(act: Act) -> Entry:
    if not connection.in_atomic_block:
        raise RuntimeError("record() needs the transaction of the act it records.")
    _check(act.fields, act.texts)
    salt = secrets.token_bytes(rules.SALT_BYTES)
    leaf = rules.make_leaf(
        tree=act.tree,
        kind=act.kind,
        subject=act.subject,
        by=act.by,
        at=act.at,
        salt=salt,
        values={**act.fields, **act.texts},
    )
    return Entry(
        tree=act.tree,
        kind=act.kind,
        subject=act.subject,
        by=act.by,
        at=act.at,
        fields=dict(act.fields),
        salt=salt,
        leaf=leaf,
        leaf_hash=merkle.leaf_hash(leaf.encode()),
    )


def _check(clear: Mapping[str, Scalar], hidden: Mapping[str, str]) -> None:
    twice = clear.keys() & hidden.keys()
    if twice:
        raise ValueError(f"in fields and in texts: {sorted(twice)}")
    for name, value in clear.items():
        if not isinstance(value, str | int | float | None):
            raise TypeError(f"{name} must be a single JSON value, not {type(value).__name__}")
        if isinstance(value, str) and "\0" in value:
            raise ValueError(f"{name} holds a NUL character")


def sequence(now: datetime) -> int:
    """Number the entries that have no number yet, and write a checkpoint per batch. Returns how many.

    Any number of callers may do this at once: they take turns at a tree's row. Writers of entries never wait.
    """
    waiting = Entry.objects.filter(seq=None)
    trees = list(waiting.order_by("tree").values_list("tree", flat=True).distinct())
    total = 0
    for tree in trees:
        Tree.objects.get_or_create(code=tree)
        while numbered := _number_batch(tree, now):
            total += numbered
    return total


@transaction.atomic
def _number_batch(tree: str, now: datetime) -> int:
    Tree.objects.select_for_update().get(code=tree)
    entries = list(
        Entry.objects.filter(tree=tree, seq=None).order_by("id").values_list("id", "leaf_hash")[:BATCH]
    )
    if not entries:
        return 0
    last = Checkpoint.objects.filter(tree=tree).order_by("-size").first()
    frontier = merkle.Frontier(last.size, map(bytes.fromhex, last.frontier)) if last else merkle.Frontier()
    chain = _chain_before(tree, frontier.size)
    numbers: list[tuple[int, bytes, int]] = []
    for entry_id, stored in entries:
        hashed = bytes(stored)
        chain = rules.next_chain(chain, hashed)
        numbers.append((frontier.size, chain, entry_id))
        frontier.append(hashed)
    _write_numbers(numbers)
    Checkpoint.objects.create(
        tree=tree,
        size=frontier.size,
        root=frontier.root().hex(),
        at=now,
        frontier=[subtree.hex() for subtree in frontier.subtrees],
    )
    return len(numbers)


def _chain_before(tree: str, size: int) -> bytes:
    if size == 0:
        return rules.FIRST_CHAIN
    chain = Entry.objects.filter(tree=tree, seq=size - 1).values_list("chain", flat=True).first()
    if chain is None:
        raise LedgerError(
            _("Entry %(number)s of the ledger %(tree)s is gone; nothing can be added after it."),
            _("Run “gongzhi ledger verify” and restore the database from a copy that passes."),
            number=size - 1,
            tree=tree,
        )
    return bytes(chain)


def _write_numbers(numbers: list[tuple[int, bytes, int]]) -> None:
    # One prepared statement for the batch: bulk_update's CASE over a thousand rows is some twenty times slower.
    quote = connection.ops.quote_name
    sql = f"UPDATE {quote(Entry._meta.db_table)} SET seq = %s, chain = %s WHERE id = %s AND seq IS NULL"
    with connection.cursor() as cursor:
        cursor.executemany(sql, numbers)


@transaction.atomic
def erase_salt(subject: str, *, by: str = "system", at: datetime, written_by: str = "") -> int:
    """Make the commitments about a subject unopenable for ever; the log stays valid. Returns entries touched.

    `written_by` limits it to what this one wrote about the subject. The values in clear go with the salt, since
    without it nobody could prove them. The erasure is itself recorded.
    """
    entries = Entry.objects.filter(subject=subject).exclude(salt=None)
    if written_by:
        entries = entries.filter(by=written_by)
    trees = sorted(set(entries.values_list("tree", flat=True)))
    erased = entries.update(salt=None, fields={})
    for tree in trees:
        record(tree=tree, kind="ledger.salt_erased", subject=subject, by=by, at=at)
    return erased
