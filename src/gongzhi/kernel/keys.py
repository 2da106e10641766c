"""The installation's keys: files in the data folder that only their owner can read. Knows no settings."""

import hashlib
import os
import re
import secrets
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SECRET: Final = "secret_key"  # noqa: S105 (the name of a file)
CODES: Final = "code_key"
# What a key file of the data folder is called, also one that another part of the program makes.
FILE: Final = re.compile(r"[a-z][a-z_]*_key(\.old)?")
# HMAC-SHA256 hashes a longer key down to 32 bytes before it uses it.
_BLOCK: Final = 64


@dataclass(frozen=True)
class KeyFault:
    """What is wrong with a key, and what to do about it."""

    fault: str
    mend: str


def new_secret() -> str:
    """A new random key of 384 bits, as text."""
    return secrets.token_urlsafe(48)


def new_code_key() -> str:
    """A new random key for tracking codes, in hex."""
    return secrets.token_hex(32)


def comes_from_environment() -> bool:
    """Whether the secret key is named by GONGZHI_SECRET_KEY and not by its file."""
    return bool(os.environ.get("GONGZHI_SECRET_KEY"))


def older_file(path: Path) -> Path:
    """Where the former keys of a key file lie, newest first, one a line."""
    return path.with_name(f"{path.name}.old")


def read_or_make(path: Path, make: Callable[[], str] = new_secret) -> str:
    """The key in the file; made now, readable by its owner only, where there is none."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # made with mode 0600
        try:
            with os.fdopen(number, "w", encoding="utf-8") as file:
                file.write(make())
            path.hardlink_to(name)  # whole or not at all
        except FileExistsError:
            pass  # another process was quicker; its key counts
        finally:
            Path(name).unlink()
    return path.read_text(encoding="utf-8").strip()


def older_keys(path: Path) -> list[str]:
    """The former keys, newest first: they still open what they closed, and close nothing new."""
    kept = older_file(path)
    if not kept.exists():
        return []
    return [line.strip() for line in kept.read_text(encoding="utf-8").splitlines() if line.strip()]


def rotate(path: Path, new: str, *, keep_old: bool) -> None:
    """Put a new key into use. The one before goes on opening, unless it has leaked (`keep_old` False).

    The former keys are written first: killed at any moment, no key is lost.
    """
    former = [path.read_text(encoding="utf-8").strip(), *older_keys(path)] if keep_old else []
    write_lines(older_file(path), former)
    write_lines(path, [new])


def write_lines(path: Path, lines: Sequence[str]) -> None:
    """Write the file anew in one step, readable by its owner only; without lines it goes."""
    if not lines:
        path.unlink(missing_ok=True)
        return
    number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # made with mode 0600
    with os.fdopen(number, "w", encoding="utf-8") as file:
        file.write("".join(f"{line}\n" for line in dict.fromkeys(lines)))
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(path)


def code_key_from(secret: str) -> str:
    """The key of tracking codes that follows from a secret, in hex: what codes were hashed with before they had
    a key of their own. The secret cannot be read out of it, unless it is a short one of the environment.
    """
    key = f"tracking:{secret}".encode()
    return (hashlib.sha256(key).digest() if len(key) > _BLOCK else key).hex()


def code_keys(folder: Path, secret: str, older_secrets: Sequence[str] = ()) -> list[str]:
    """The keys of tracking codes in hex, the one for new codes first.

    The first run keeps the key that codes were hashed with so far, so that all codes go on opening.
    """
    path = folder / CODES
    try:
        now = read_or_make(path, lambda: code_key_from(secret))
        former = older_keys(path)
    except OSError:  # a folder that cannot be written: the key follows from the secret, as before
        now, former = code_key_from(secret), []
    return list(dict.fromkeys([now, *former, *(code_key_from(old) for old in older_secrets)]))


def fingerprint(key: str) -> str:
    """A name for a key that gives nothing of it away: the beginning of its hash."""
    return hashlib.sha256(f"gongzhi key:{key}".encode()).hexdigest()[:12]


def faults_of(folder: Path) -> list[KeyFault]:
    """What is wrong with the key files of a data folder; [] where all is well."""
    found = []
    for name in (SECRET, CODES):
        path = folder / name
        if not path.exists():
            if name == CODES or not comes_from_environment():
                found.append(KeyFault(f"{name} is missing.", "Put it back from a back-up; see keys.md."))
            continue
        for kept in (path, older_file(path)):
            if kept.exists() and kept.stat().st_mode & 0o077:
                found.append(KeyFault(f"Others can read {kept.name}.", f"chmod 600 {kept}"))
        if len(path.read_text(encoding="utf-8").strip()) < 32:
            found.append(KeyFault(f"{name} is too short.", "gongzhi keys rotate"))
    if (folder / CODES).exists() and not _is_hex((folder / CODES).read_text(encoding="utf-8").strip()):
        found.append(
            KeyFault("code_key is not as gongzhi wrote it.", "Put it back from a back-up; see keys.md.")
        )
    return found


def _is_hex(text: str) -> bool:
    try:
        return bool(bytes.fromhex(text))
    except ValueError:
        return False
