"""The form of a leaf. Changing it needs a new version number: old leaves are for ever."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

LEAF_VERSION = 1
SALT_BYTES = 32
FIRST_CHAIN = bytes(32)
Scalar = str | int | float | bool | None


def canonical(value: Any) -> str:
    """JSON with one spelling: sorted keys, no spaces, no escapes that are not needed, whole floats as integers.

    ValueError for NaN and infinity; TypeError for what JSON does not know.
    """
    return json.dumps(
        _whole(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def _whole(value: Any) -> Any:
    # Databases give 1e20 back as an integer and -0.0 as 0: the spelling must not depend on that.
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {key: _whole(item) for key, item in value.items()}
    return value


def commitment(salt: bytes, name: str, value: Scalar) -> str:
    """HMAC-SHA256 of a value under the entry's salt, in hex: shows nothing, and binds."""
    message = f"{name}\0{canonical(value)}".encode()
    return hmac.new(salt, message, hashlib.sha256).hexdigest()


def moment(at: datetime) -> str:
    """The one spelling of a moment: UTC, with microseconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def make_leaf(
    *, tree: str, kind: str, subject: str, by: str, at: datetime, salt: bytes, values: Mapping[str, Scalar]
) -> str:
    """The text that is hashed: who did what to which thing and when, and commitments to the values."""
    return canonical(
        {
            "v": LEAF_VERSION,
            "tree": tree,
            "kind": kind,
            "at": moment(at),
            "subject": subject,
            "by": by,
            "commit": {name: commitment(salt, name, value) for name, value in values.items()},
        }
    )


def fault_in_leaf(
    leaf: str,
    *,
    head: Mapping[str, str],
    fields: Mapping[str, Scalar],
    salt: bytes | None,
) -> str:
    """What contradicts the leaf in the row around it, or "": `head` holds tree, kind, subject, by and at."""
    try:
        said = json.loads(leaf)
        commits = said["commit"]
    except (ValueError, TypeError, KeyError):
        return "the leaf cannot be read"
    for name, told in head.items():
        if said.get(name) != told:
            return f"{name} was changed"
    if salt is None:
        return "fields without salt" if fields else ""
    for name, value in sorted(fields.items()):
        if commits.get(name) != commitment(salt, name, value):
            return f"the field {name} was changed"
    return ""


def next_chain(previous: bytes, leaf_hash: bytes) -> bytes:
    """The chain value of an entry: SHA-256 of the one before and the entry's own hash."""
    return hashlib.sha256(previous + leaf_hash).digest()
