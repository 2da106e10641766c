"""One back-up is one file: a tar with gzip whose last member, the manifest, names all others with size and hash."""

import gzip
import hashlib
import io
import json
import os
import tarfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel import journal
from gongzhi.kernel.errors import GongzhiError

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
DATABASE, MEDIA, MODELS, KEYS, JOURNALS = "database", "media", "models", "keys", "journals"
FOLDERS: Final = (DATABASE, MEDIA, MODELS, KEYS, JOURNALS)
# Enough for the manifest of a million photos.
MANIFEST_MAX: Final = 512 * 1024 * 1024
_BLOCK: Final = 1024 * 1024


class ArchiveError(GongzhiError):
    """A file that is not a whole back-up."""

    message = _("This file is not a whole back-up: %(why)s.")
    hint = _("Take another back-up. Nothing was changed.")


@dataclass(frozen=True)
class Member:
    """A file to put into an archive, and under which name."""

    name: str
    path: Path


@dataclass(frozen=True)
class Manifest:
    """What a back-up says of itself: when, by which program, what it holds. `members` maps a name to size and hash."""

    facts: Mapping[str, Any]
    members: Mapping[str, tuple[int, str]] = field(default_factory=dict)

    def as_json(self) -> bytes:
        """The manifest as it lies in the archive."""
        listed = [{"name": n, "size": size, "sha256": sha} for n, (size, sha) in sorted(self.members.items())]
        return json.dumps({"format": FORMAT, **self.facts, "members": listed}, indent=1).encode()

    @staticmethod
    def from_json(raw: bytes) -> "Manifest":
        """The manifest that `as_json` wrote. ArchiveError for anything else, and for one of a newer program."""
        try:
            facts = json.loads(raw)
            number, listed = int(facts.pop("format")), facts.pop("members")
            members = {str(m["name"]): (int(m["size"]), str(m["sha256"])) for m in listed}
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ArchiveError(why="its manifest cannot be read") from error
        if number > FORMAT:
            raise ArchiveError(
                hint=_("Install the newer gongzhi that made it."), why="a newer gongzhi made it"
            )
        return Manifest(facts, members)


class _Counting(io.RawIOBase):
    """Reads a file on and hashes what it gives."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__()
        self.file, self.sha = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        block = self.file.read(size)
        self.sha.update(block)
        return block


def _header(name: str, size: int, moment: float) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = size, 0o600, int(moment)
    return info


def write(path: Path, members: Iterable[Member], facts: Mapping[str, Any]) -> Manifest:
    """Write an archive under a temporary name and rename it when it is whole. The file is its owner's only.

    A file that goes while the archive is written (an erased photo) is left out.
    """
    part = path.with_name(f".{path.name}.part")
    held: dict[str, tuple[int, str]] = {}
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            with tarfile.open(fileobj=out, mode="w:gz", compresslevel=6, format=tarfile.PAX_FORMAT) as tar:
                for member in members:
                    if (said := _add(tar, member)) is not None:
                        held[member.name] = said
                manifest = Manifest(facts, held)
                raw = manifest.as_json()
                tar.addfile(_header(MANIFEST, len(raw), 0), io.BytesIO(raw))
            out.flush()
            os.fsync(out.fileno())
        part.replace(path)
        journal.sync_folder(path.parent)
    finally:
        part.unlink(missing_ok=True)
    return manifest


def _add(tar: tarfile.TarFile, member: Member) -> tuple[int, str] | None:
    try:
        file = member.path.open("rb")
    except FileNotFoundError:
        return None
    with file:
        # The size now: a journal may grow while it is copied, and only this much of it is.
        stat = os.fstat(file.fileno())
        counting = _Counting(file)
        tar.addfile(_header(member.name, stat.st_size, stat.st_mtime), counting)
        return stat.st_size, counting.sha.hexdigest()


@contextmanager
def _as_archive_errors() -> Iterator[None]:
    try:
        yield
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ArchiveError(why="it is damaged or cut off") from error


def read(path: Path, into: Path | None = None) -> Manifest:
    """Read an archive to its end and compare every member with the manifest; write them below `into` if given.

    ArchiveError where anything is missing, changed, or more than the manifest names; then `into` is of no use.
    """
    found: dict[str, tuple[int, str]] = {}
    manifest: Manifest | None = None
    with _as_archive_errors(), tarfile.open(path, mode="r|gz") as tar:
        for info in tar:
            if manifest is not None:
                raise ArchiveError(why="something stands after its manifest")
            file = tar.extractfile(info) if info.isreg() else None
            if file is None:
                raise ArchiveError(why="it holds something that is not a file")
            if info.name == MANIFEST:
                manifest = Manifest.from_json(file.read(MANIFEST_MAX))
            elif info.name in found:
                raise ArchiveError(why="a file is in it twice")
            else:
                found[info.name] = _take(file, _safe(info.name), into)
    if manifest is None:
        raise ArchiveError(why="it has no manifest")
    _compare(manifest, found)
    return manifest


def _safe(name: str) -> PurePosixPath:
    """The name as a path that stays below where it is unpacked."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or len(path.parts) < 2 or path.parts[0] not in FOLDERS:
        raise ArchiveError(why="a file in it has a name that no back-up has")
    return path


def _take(file: IO[bytes], name: PurePosixPath, into: Path | None) -> tuple[int, str]:
    sha, size = hashlib.sha256(), 0
    target = None if into is None else into.joinpath(*name.parts)
    if target is not None:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _sink(target) as out:
        while block := file.read(_BLOCK):
            sha.update(block)
            size += len(block)
            if out is not None:
                out.write(block)
    return size, sha.hexdigest()


@contextmanager
def _sink(target: Path | None) -> Iterator[IO[bytes] | None]:
    if target is None:
        yield None
        return
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        yield out
        out.flush()
        os.fsync(out.fileno())


def _compare(manifest: Manifest, found: Mapping[str, tuple[int, str]]) -> None:
    if missing := manifest.members.keys() - found.keys():
        raise ArchiveError(why=f"{min(missing)} is missing")
    if added := found.keys() - manifest.members.keys():
        raise ArchiveError(why=f"{min(added)} is not in its manifest")
    changed = [name for name, said in sorted(manifest.members.items()) if found[name] != said]
    if changed:
        raise ArchiveError(why=f"{changed[0]} was changed")


def sha256_of(path: Path) -> str:
    """The hash of a whole file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
