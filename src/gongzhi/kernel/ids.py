"""Codes that people type: made at random, forgiving when read back, kept only as a keyed hash."""

import hashlib
import hmac
import secrets
import unicodedata

# Crockford's base 32: no I, L, O (read as 1, 1, 0) and no U.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 13  # 13 characters of 5 bits: 65 bits
_LOOKALIKES = str.maketrans({"I": "1", "L": "1", "O": "0"})
_READ_AT_MOST = 200


def new_tracking_code() -> str:
    """A new random code of 13 characters (65 bits), written in groups: `ABCDE-FGHJ-KMNP`."""
    return show_code("".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH)))


def show_code(code: str) -> str:
    """The code in groups of 5, 4 and 4, as it is printed; "" for something that is no code."""
    plain = normalise_code(code)
    return f"{plain[:5]}-{plain[5:9]}-{plain[9:]}" if plain else ""


def normalise_code(typed: str) -> str:
    """The 13 characters meant by what a person typed, or "" if that cannot be a code.

    Case, spaces, hyphens, full-width characters and the look-alikes I, L and O are forgiven.
    """
    wide = unicodedata.normalize("NFKC", typed[:_READ_AT_MOST]).upper()
    plain = "".join(c for c in wide if c.isalnum()).translate(_LOOKALIKES)
    if len(plain) != CODE_LENGTH or any(c not in ALPHABET for c in plain):
        return ""
    return plain


def code_hash(code: str, key: bytes) -> bytes:
    """HMAC-SHA256 of the normalised code: what the database keeps in place of the code. 32 bytes."""
    return hmac.new(key, normalise_code(code).encode(), hashlib.sha256).digest()
