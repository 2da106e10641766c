"""Reading the log: what was done to a thing, whether the log is whole, proofs for others."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import QuerySet

from gongzhi.apps.ledger import rules
from gongzhi.apps.ledger.models import Checkpoint, Entry
from gongzhi_analysis.integrity import merkle

CHUNK = 500
RESTORED_KIND, RESTORED_SUBJECT = "site.restored", "installation"


@dataclass(frozen=True)
class Verdict:
    """What checking a tree found. `first_bad_seq` counts from 0; `waiting` entries have no number yet."""

    tree: str
    ok: bool
    entries: int
    first_bad_seq: int | None = None
    reason: str = ""
    root: str = ""
    waiting: int = 0


def trees() -> list[str]:
    """All trees that hold entries, in order."""
    return list(Entry.objects.order_by("tree").values_list("tree", flat=True).distinct())


def entries_about(subject: str) -> QuerySet[Entry]:
    """What was done to a thing, in order."""
    return Entry.objects.filter(subject=subject).order_by("id")


def waiting_entries() -> int:
    """How many entries of all trees have no number yet."""
    return Entry.objects.filter(seq=None).count()


def newest_entry() -> Entry | None:
    """The entry that was written last, in any tree."""
    return Entry.objects.order_by("-id").first()


def latest_of_kind(tree: str, kind: str) -> Entry | None:
    """The newest entry of this kind in a tree that is short: the installation's own."""
    return Entry.objects.filter(tree=tree, kind=kind).order_by("-id").first()


def latest_checkpoint(tree: str) -> Checkpoint | None:
    """The newest root of a tree, or None before its first entry was numbered."""
    return Checkpoint.objects.filter(tree=tree).order_by("-size").first()


def root_at(tree: str, size: int) -> str | None:
    """The root of a tree when it had so many entries, in hex; None if no checkpoint was set there."""
    if size == 0:
        return merkle.EMPTY_ROOT.hex()
    return Checkpoint.objects.filter(tree=tree, size=size).values_list("root", flat=True).first()


def restorations_of(tree: str) -> QuerySet[Entry]:
    """When the installation was restored from a back-up, in order: from which head on, which entries were lost."""
    return Entry.objects.filter(tree=tree, subject=RESTORED_SUBJECT, kind=RESTORED_KIND).order_by("id")


def inclusion_of(entry: Entry) -> tuple[Checkpoint, list[str]] | None:
    """The newest checkpoint and the hex hashes that prove the entry in it; None if it has no number yet."""
    newest = latest_checkpoint(entry.tree)
    if newest is None or entry.seq is None or entry.seq >= newest.size:
        return None
    rows = Entry.objects.filter(tree=entry.tree, seq__lt=newest.size).order_by("seq")
    hashes = [bytes(row) for row in rows.values_list("leaf_hash", flat=True)]
    return newest, [step.hex() for step in merkle.inclusion_proof(hashes, entry.seq)]


def verify(tree: str) -> Verdict:
    """Read a tree from its first entry to its newest checkpoint and find the first entry that is not as it was.

    Finds changed, removed, added and reordered entries. Memory does not grow with the log.
    """
    newest = latest_checkpoint(tree)
    waiting = Entry.objects.filter(tree=tree, seq=None).count()
    size = newest.size if newest else 0
    bad, reason = _first_fault(tree, size)
    if bad is None and newest is not None and (bad := _beyond(tree, size)) is not None:
        reason = "an entry stands after the newest checkpoint"
    root = newest.root if newest else merkle.EMPTY_ROOT.hex()
    return Verdict(tree, bad is None, size, bad, reason, root, waiting)


def _first_fault(tree: str, size: int) -> tuple[int | None, str]:
    entries = Entry.objects.filter(tree=tree, seq__isnull=False).order_by("seq")
    if size == 0:
        return (0, "entries are numbered but there is no checkpoint") if entries.exists() else (None, "")
    checkpoints = Checkpoint.objects.filter(tree=tree, size__lte=size).order_by("size").iterator(CHUNK)
    frontier, chain, sound = merkle.Frontier(), rules.FIRST_CHAIN, 0
    checkpoint = next(checkpoints)
    for entry in _numbered(entries, size):
        at = frontier.size
        reason = _fault(entry, at, chain)
        if reason:
            return at, reason
        chain = bytes(entry.chain or b"")
        frontier.append(bytes(entry.leaf_hash))
        if frontier.size == checkpoint.size:
            if frontier.root().hex() != checkpoint.root or _hex(frontier) != checkpoint.frontier:
                return sound, f"entries {sound} to {at} do not give the root of their checkpoint"
            sound = frontier.size
            if sound < size:
                checkpoint = next(checkpoints)
    return (frontier.size, "the entry is gone") if frontier.size < size else (None, "")


def _numbered(entries: QuerySet[Entry], size: int) -> Iterator[Entry]:
    yield from entries.filter(seq__lt=size).iterator(CHUNK)


def _hex(frontier: merkle.Frontier) -> list[str]:
    return [subtree.hex() for subtree in frontier.subtrees]


def _fault(entry: Entry, expected: int, chain: bytes) -> str:
    """What is wrong with an entry that should be number `expected` and follow `chain`; "" if nothing is."""
    if entry.seq != expected:
        return "the entry is gone"
    hashed = merkle.leaf_hash(entry.leaf.encode())
    if hashed != bytes(entry.leaf_hash):
        return "the leaf was changed"
    if rules.next_chain(chain, hashed) != bytes(entry.chain or b""):
        return "the entry is not the one that stood here"
    head = {
        "tree": entry.tree,
        "kind": entry.kind,
        "subject": entry.subject,
        "by": entry.by,
        "at": rules.moment(entry.at),
    }
    salt = None if entry.salt is None else bytes(entry.salt)
    return rules.fault_in_leaf(entry.leaf, head=head, fields=entry.fields, salt=salt)


def _beyond(tree: str, size: int) -> int | None:
    """The number of an entry past a checkpoint that is still the newest: nobody numbered it but a forger."""
    extra = (
        Entry.objects.filter(tree=tree, seq__gte=size).order_by("seq").values_list("seq", flat=True).first()
    )
    if extra is None:
        return None
    newest = latest_checkpoint(tree)
    return extra if newest is None or newest.size <= size else None
