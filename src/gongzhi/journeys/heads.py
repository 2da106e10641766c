"""The newest heads of the ledger, kept outside the database: a log restored from an older state says what it lost.

The file only grows. Whoever has kept a checkpoint of the log (a witness) finds in the log itself that it went on
from an older one, and which entries are no longer there.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import transaction

from gongzhi.apps.actors.public import SYSTEM
from gongzhi.apps.ledger import public as ledger
from gongzhi.kernel import journal

FILE: Final = "heads.jsonl"
# What this process has seen at the end of the file, by path: the file is read whole only once.
_seen: dict[Path, dict[str, "Head"]] = {}


@dataclass(frozen=True)
class Head:
    """A tree with so many entries has this root (hex). `epoch` counts how often it went on from a back-up."""

    tree: str
    size: int
    root: str
    epoch: int = 0


@dataclass(frozen=True)
class Return:
    """From which head a tree goes on after a restore, and which entries of the log before are lost.

    Lost are the entries numbered `lost_from` to `lost_size` - 1 of the log with the root `lost_root`; None where
    nothing is known to be lost.
    """

    tree: str
    size: int
    root: str
    epoch: int
    lost_from: int | None = None
    lost_size: int | None = None
    lost_root: str | None = None


def heads_file() -> Path:
    """Where the heads are kept."""
    return Path(settings.DATA_ROOT) / FILE


def known_heads(path: Path) -> dict[str, list[Head]]:
    """The heads in the file by tree, oldest first."""
    found: dict[str, list[Head]] = {}
    for line in journal.read(path):
        head = Head(str(line["tree"]), int(line["size"]), str(line["root"]), int(line.get("epoch", 0)))
        found.setdefault(head.tree, []).append(head)
    return found


def keep_heads(*, at: datetime, epochs: Mapping[str, int] | None = None) -> int:
    """Add the heads that are newer than those in the file. Returns how many. `epochs` begins a new epoch by tree."""
    path = heads_file()
    if path not in _seen or not path.exists():
        _seen[path] = {tree: heads[-1] for tree, heads in known_heads(path).items()}
    seen = _seen[path]
    fresh = []
    for tree in ledger.trees():
        newest, before = ledger.latest_checkpoint(tree), seen.get(tree)
        epoch = (epochs or {}).get(tree, before.epoch if before else 0)
        if newest is not None and before != (head := Head(tree, newest.size, newest.root, epoch)):
            fresh.append(head)
    journal.append(path, [vars(head) | {"at": at.isoformat()} for head in fresh])
    seen.update({head.tree: head for head in fresh})
    return len(fresh)


def forget_seen() -> None:
    """Read the file anew the next time: somebody else has written to it."""
    _seen.clear()


def returned(
    tree: str, size: int, root: str, known: Sequence[Head], root_at: Callable[[int], str | None]
) -> Return:
    """What a tree restored with this size and root has to say, given the heads known of it (oldest first).

    `root_at` gives the restored tree's root at a size, None where it has no checkpoint.
    """
    epoch = max((head.epoch for head in known), default=0) + 1
    newest = known[-1] if known else None
    if newest is None or (newest.size <= size and root_at(newest.size) == newest.root):
        return Return(tree, size, root, epoch)
    common = [head.size for head in known if head.size <= size and root_at(head.size) == head.root]
    return Return(tree, size, root, epoch, max(common, default=0), newest.size, newest.root)


@transaction.atomic
def record_returns(returns: Sequence[Return], *, at: datetime, facts: Mapping[str, Any]) -> None:
    """Write into each tree that it goes on from a back-up; `facts` say of which back-up."""
    for r in returns:
        ledger.record(
            tree=r.tree,
            kind=ledger.RESTORED_KIND,
            subject=ledger.RESTORED_SUBJECT,
            by=SYSTEM.ref,
            at=at,
            fields={
                "size": r.size,
                "root": r.root,
                "epoch": r.epoch,
                "lost_from": r.lost_from,
                "lost_size": r.lost_size,
                "lost_root": r.lost_root,
                **facts,
            },
        )
