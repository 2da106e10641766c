"""What makes filing safe: one report a form, a code that can be shown twice, photos that stop at a limit."""

import hashlib
import hmac
import secrets
from typing import Any, Final

from django.conf import settings
from django.core import signing
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

from gongzhi.kernel import ids

FORM_SALT: Final = "gongzhi.say.form"
RECEIPT_SALT: Final = "gongzhi.say.receipt"
RECEIPT_COOKIE: Final = "gz_receipt"
RECEIPT_SECONDS: Final = 3600


def new_form_token() -> str:
    """A token for one form: sent twice, it is the same report."""
    return signing.dumps(secrets.token_urlsafe(16), salt=FORM_SALT)


def seed_of(token: str) -> str | None:
    """The random seed in a form's token; None where we did not issue it."""
    try:
        return str(signing.loads(token, salt=FORM_SALT))
    except signing.BadSignature:
        return None


def form_key(seed: str) -> str:
    """By what the same form is recognised: a hash, so that the stored key does not give the code away."""
    return hashlib.sha256(f"form:{seed}".encode()).hexdigest()[:40]


def code_of(seed: str) -> str:
    """The tracking code of the form's report.

    Derived, not drawn: a second tap makes the browser throw the first answer away, and the second answer must
    show the very same code. The seed is 128 random bits that only the reporter's browser holds.
    """
    digest = hmac.new(b"code:" + str(settings.SECRET_KEY).encode(), seed.encode(), hashlib.sha256).digest()
    return ids.show_code("".join(ids.ALPHABET[byte & 31] for byte in digest[: ids.CODE_LENGTH]))


def pack_receipt(report_id: int, code: str, is_new: bool) -> str:
    """What the done page needs, for a cookie in the reporter's own browser: the server keeps no code."""
    return signing.dumps({"report": report_id, "code": code, "new": is_new}, salt=RECEIPT_SALT)


def read_receipt(request: HttpRequest) -> dict[str, Any] | None:
    """The receipt in the visitor's cookie, or None."""
    try:
        found = signing.loads(
            request.COOKIES.get(RECEIPT_COOKIE, ""), salt=RECEIPT_SALT, max_age=RECEIPT_SECONDS
        )
    except signing.BadSignature:
        return None
    return dict(found)


class PhotoLimit(FileUploadHandler):
    """Lets go of a file as soon as it is larger than a photo may be; the form goes on being read."""

    def __init__(self, request: HttpRequest, limit: int) -> None:
        super().__init__(request)
        self.limit = limit
        self.too_large = 0
        self._seen = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """A new file begins."""
        super().new_file(*args, **kwargs)
        self._seen = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Count, and skip the rest of a file that is too large."""
        self._seen += len(raw_data)
        if self._seen > self.limit:
            self.too_large += 1
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The next handler makes the file."""
        return
