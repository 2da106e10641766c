"""Back up: the database, photos, models, keys and journals of an installation, while site and worker run."""

import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from gongzhi.apps.actors.public import SYSTEM
from gongzhi.apps.ledger import public as ledger
from gongzhi.journeys import erasure, heads
from gongzhi.kernel import keys
from gongzhi.kernel.errors import GongzhiError
from gongzhi.site.keeping import archive, engines, schema
from gongzhi.site.keeping.archive import Manifest, Member

TREE: Final = "installation"
NAME: Final = re.compile(r"gongzhi-\d{8}T\d{6}Z(-\d+)?\.tar\.gz")
JOURNALS: Final = (erasure.JOURNAL, heads.FILE)


class BackupError(GongzhiError):
    """A back-up that cannot be made here."""


@dataclass(frozen=True)
class Made:
    """A back-up that was made and read again: where it lies, what it says of itself, what went to make room.

    `noted`: the ledger knows of it; not so where its tables wait for an upgrade.
    """

    path: Path
    manifest: Manifest
    removed: list[Path]
    noted: bool


def default_folder() -> Path:
    """Where back-ups lie unless told otherwise."""
    return Path(settings.DATA_ROOT) / "backups"


def back_up(*, to: Path | None, keep: int | None, with_keys: bool, at: datetime) -> Made:
    """Make a back-up, read it again, write it down in the ledger, then remove all but the newest `keep`.

    Raises GongzhiError where there is no room, no database, no pg_dump, or the archive cannot be read again.
    """
    folder = (to or default_folder()).resolve()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    source = engines.engine()
    _refuse_without_room(folder, source)
    noted = schema.ledger_fits()
    if noted:
        ledger.sequence(at)
        heads.keep_heads(at=at)
    path = _free_name(folder, at)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".gongzhi-") as made:
        staging = Path(made)
        copy = staging / source.file_name
        facts = source.snapshot(copy)
        members = [Member(f"{archive.DATABASE}/{source.file_name}", copy), *_files(), *_journals()]
        if with_keys:
            members += _keys(staging)
        archive.write(path, members, _said(source, facts, at, with_keys))
    manifest = archive.read(path)
    if noted:
        note(path, manifest, at)
    return Made(path, manifest, _make_room(folder, path, keep), noted)


def _refuse_without_room(folder: Path, source: engines.Engine) -> None:
    # The copy of the database and the archive lie there side by side for a moment.
    needed = 2 * source.size() + sum(member.path.stat().st_size for member in _files())
    if shutil.disk_usage(folder).free < needed:
        raise BackupError(
            _("There is not enough room in %(folder)s: %(needed)d MB are needed."),
            _("Make room, or name another disk with --to."),
            folder=folder,
            needed=needed // 1_000_000 + 1,
        )


def _free_name(folder: Path, at: datetime) -> Path:
    stem = f"gongzhi-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    path, number = folder / f"{stem}.tar.gz", 1
    while path.exists():
        number += 1
        path = folder / f"{stem}-{number}.tar.gz"
    return path


def _files() -> Iterator[Member]:
    """Photos and reading models. Each was written before the database named it, so the copy lacks none it names."""
    roots = {archive.MEDIA: settings.MEDIA_ROOT, archive.MODELS: settings.MODELS_ROOT}
    for name, root in roots.items():
        for path in sorted(Path(root).rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield Member(f"{name}/{path.relative_to(root).as_posix()}", path)


def _journals() -> list[Member]:
    found = [(name, Path(settings.DATA_ROOT) / name) for name in JOURNALS]
    return [Member(f"{archive.JOURNALS}/{name}", path) for name, path in found if path.exists()]


def _keys(staging: Path) -> list[Member]:
    """The keys in use, also one that comes from the environment, and any other key file of the data folder."""
    folder = staging / archive.KEYS
    folder.mkdir(mode=0o700)
    for path in Path(settings.DATA_ROOT).iterdir():
        if keys.FILE.fullmatch(path.name) and path.is_file():
            shutil.copy(path, folder / path.name)
    for name, (now, *older) in _keys_in_use().items():
        keys.write_lines(folder / name, [now])
        keys.write_lines(keys.older_file(folder / name), older)
    return [Member(f"{archive.KEYS}/{path.name}", path) for path in sorted(folder.iterdir())]


def _keys_in_use() -> dict[str, list[str]]:
    return {
        keys.SECRET: [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS],
        keys.CODES: list(settings.CODE_KEYS),
    }


def program_version() -> str:
    """The version of the installed program."""
    return metadata.version("gongzhi")


def _said(source: engines.Engine, facts: engines.Facts, at: datetime, with_keys: bool) -> dict[str, Any]:
    prints = {name: [keys.fingerprint(key) for key in used] for name, used in _keys_in_use().items()}
    return {
        "made_at": at.isoformat(),
        "version": program_version(),
        "engine": source.name,
        "engine_version": facts.version,
        "migrations": facts.migrations,
        "tables": facts.tables,
        "trees": facts.trees,
        "with_keys": with_keys,
        "key_fingerprints": prints,
    }


@transaction.atomic
def note(path: Path, manifest: Manifest, at: datetime) -> None:
    """Write into the ledger that a back-up was made."""
    ledger.record(
        tree=TREE,
        kind="site.backup_made",
        subject=f"backup:{path.name}",
        by=SYSTEM.ref,
        at=at,
        fields={
            "sha256": archive.sha256_of(path),
            "bytes": path.stat().st_size,
            "engine": str(manifest.facts["engine"]),
            "files": len(manifest.members),
            "with_keys": bool(manifest.facts["with_keys"]),
        },
    )


def _make_room(folder: Path, newest: Path, keep: int | None) -> list[Path]:
    """Remove all but the newest back-ups; nothing else in the folder is touched."""
    if keep is None:
        return []
    there = sorted(
        (p for p in folder.iterdir() if NAME.fullmatch(p.name) and p != newest),
        key=lambda p: (p.stat().st_mtime, p.name),
        reverse=True,
    )
    removed = there[max(keep - 1, 0) :]
    for path in removed:
        path.unlink()
    return removed
