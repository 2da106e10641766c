"""Restore a back-up into an empty place; what was erased since stays erased, and the ledger says that it went back."""

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from gongzhi.apps.ledger import public as ledger
from gongzhi.apps.places import public as places
from gongzhi.journeys import erasure, heads, retention
from gongzhi.journeys.erasure import Replayed
from gongzhi.journeys.heads import Return
from gongzhi.kernel import journal, keys
from gongzhi.kernel.errors import GongzhiError
from gongzhi.site.keeping import archive, backing_up, engines, schema
from gongzhi.site.keeping.archive import Manifest

ENGINES: Final = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


class RestoreError(GongzhiError):
    """A back-up that cannot be restored here."""


@dataclass(frozen=True)
class Restored:
    """What a restore did. `unsound` names trees of the ledger that do not verify; `warnings` are plain words."""

    manifest: Manifest
    returns: list[Return]
    replayed: Replayed
    unsound: list[str]
    warnings: list[str]


def restore(*, path: Path, old_data: Sequence[Path], at: datetime) -> Restored:
    """Restore a back-up. `old_data`: former data folders whose journals of erasures and heads are taken over.

    Nothing is touched before the whole archive was read and found good. Raises GongzhiError where the place is
    not empty or the archive is damaged, of another database or of a newer program.
    """
    target = engines.engine()
    _refuse_unless_empty(target)
    root = Path(settings.DATA_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(dir=root, prefix=".restoring-"))
    try:
        manifest = archive.read(path, staging)
        _refuse_unfit(manifest, target)
        warnings = _put_keys(staging / archive.KEYS, manifest)
        _put_journals(staging / archive.JOURNALS, old_data)
        for name, place in _places().items():
            _put_files(staging / name, place)
        target.load(staging / archive.DATABASE / target.file_name)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    schema.migrate()
    places.forget_kept()
    return _go_on(path, manifest, warnings, at)


def _places() -> dict[str, Path]:
    return {archive.MEDIA: Path(settings.MEDIA_ROOT), archive.MODELS: Path(settings.MODELS_ROOT)}


def _refuse_unless_empty(target: engines.Engine) -> None:
    if not target.is_empty():
        raise RestoreError(
            _("There is data in this %(engine)s database. A back-up is restored into an empty one only."),
            _("Stop gongzhi, name a new folder in GONGZHI_DATA (or a new database in DATABASE_URL), and name the "
              "old folder with --old-data."),
            engine=ENGINES[target.name],
        )  # fmt: skip
    for place in _places().values():
        if place.exists() and any(path.is_file() for path in place.rglob("*")):
            raise RestoreError(
                _("There are files in %(folder)s. A back-up is restored into an empty folder only."),
                _("Move the folder away, or name a new one in GONGZHI_DATA."),
                folder=place,
            )


def _refuse_unfit(manifest: Manifest, target: engines.Engine) -> None:
    made_by = str(manifest.facts.get("engine"))
    if made_by != target.name:
        raise RestoreError(
            _("This back-up is of a %(there)s database; the settings name %(here)s."),
            _("Change DATABASE_URL, and try again."),
            there=ENGINES.get(made_by, made_by),
            here=ENGINES[target.name],
        )
    newer = schema.unknown_to_program([(str(app), str(name)) for app, name in manifest.facts["migrations"]])
    if newer:
        raise RestoreError(
            _("This back-up was made by gongzhi %(there)s, which is newer than this one (%(here)s)."),
            _("Install gongzhi %(there)s or newer, then restore."),
            there=manifest.facts["version"],
            here=backing_up.program_version(),
        )


def _put_files(source: Path, place: Path) -> None:
    if not source.exists():
        return
    place.mkdir(parents=True, exist_ok=True)  # perhaps a disk of its own: it stays, what comes goes into it
    for path in source.iterdir():
        shutil.rmtree(place / path.name, ignore_errors=True)  # found without files above
        shutil.move(path, place / path.name)


def _put_keys(source: Path, manifest: Manifest) -> list[str]:
    """Put the keys of the back-up into use. Returns what does not work without the ones that are missing."""
    root = Path(settings.DATA_ROOT)
    if source.exists():
        own_codes = list(settings.CODE_KEYS)
        for path in source.iterdir():
            if not keys.FILE.fullmatch(path.name):
                raise archive.ArchiveError(why="it holds a key file that gongzhi does not know")
            shutil.copy(path, root / path.name)
            (root / path.name).chmod(0o600)
        former = keys.older_keys(root / keys.CODES)
        now = (root / keys.CODES).read_text(encoding="utf-8").strip()
        keys.write_lines(keys.older_file(root / keys.CODES), [k for k in (*former, *own_codes) if k != now])
        return []
    prints = manifest.facts["key_fingerprints"]
    warnings = []
    if not {*prints[keys.CODES]} & {keys.fingerprint(key) for key in settings.CODE_KEYS}:
        warnings.append(
            "The back-up has no keys, and the key of tracking codes here is another one: codes given out before "
            "do not open their reports until the file code_key is put back."
        )
    if prints[keys.SECRET][0] not in {
        keys.fingerprint(k) for k in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    }:
        warnings.append("The secret key is another one: everybody has to sign in again.")
    return warnings


def _put_journals(source: Path, old_data: Sequence[Path]) -> None:
    for name in backing_up.JOURNALS:
        copies = [folder / name for folder in (source, *old_data)]
        journal.merge(Path(settings.DATA_ROOT) / name, copies)
    heads.forget_seen()


def _go_on(path: Path, manifest: Manifest, warnings: list[str], at: datetime) -> Restored:
    """Check the ledger, write down from where it goes on, erase again what was erased since, follow the labels."""
    unsound = schema.unsound(manifest.facts["trees"])
    returns = _returns(manifest)
    facts: dict[str, Any] = {
        "archive": path.name,
        "archive_sha256": archive.sha256_of(path),
        "archive_made_at": str(manifest.facts["made_at"]),
    }
    heads.record_returns(returns, at=at, facts=facts)
    replayed = erasure.replay(at=at)
    retention.destroy_due(at=at)
    ledger.sequence(at)
    heads.keep_heads(at=at, epochs={r.tree: r.epoch for r in returns})
    return Restored(manifest, returns, replayed, unsound, warnings)


def _returns(manifest: Manifest) -> list[Return]:
    known = heads.known_heads(heads.heads_file())
    there = {str(said["tree"]): (int(said["size"]), str(said["root"])) for said in manifest.facts["trees"]}
    found = []
    for tree in sorted({*known, *there}):
        size, root = there.get(tree, (0, str(ledger.root_at(tree, 0))))

        def root_at(size: int, tree: str = tree) -> str | None:
            return ledger.root_at(tree, size)

        found.append(heads.returned(tree, size, root, known.get(tree, []), root_at))
    return found
