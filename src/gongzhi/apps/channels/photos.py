"""Photos: the type is read from the content, the picture is decoded and written anew, metadata stays behind."""

import hashlib
import io
import warnings
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from gongzhi.kernel.errors import GongzhiError

MAX_PIXELS: Final = 50_000_000  # a phone camera has 12 to 50 million; more is a decompression bomb
MAX_SIDE: Final = 2_048
FORMATS: Final = ("JPEG", "PNG", "WEBP")  # the two-picture JPEGs of phones (MPO) are opened as JPEG


class PhotoError(GongzhiError):
    """A file that cannot be taken as a photo."""


@dataclass(frozen=True)
class CleanPhoto:
    """A picture written anew as JPEG: content, hash, size in pixels."""

    content: bytes
    sha256: str
    width: int
    height: int


def clean_photo(upload: "UploadedFile[Any]") -> CleanPhoto:
    """Check and re-encode one uploaded photo.

    Raises PhotoError where the file is too large, not a picture, or has too many pixels.
    """
    limit = settings.PHOTO_MAX_BYTES
    if (upload.size or 0) > limit:
        size = limit // (1024 * 1024)
        raise PhotoError(
            _("The photo is larger than %(size)d MB.") % {"size": size},
            hint=_("Please choose a smaller photo, or send your report without it."),
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _encode(upload)
    except (
        OSError,
        ValueError,
        SyntaxError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ) as error:
        raise PhotoError(
            _("This file is not a photo that can be opened."),
            hint=_("Please choose a JPEG, PNG or WebP picture, or send your report without it."),
        ) from error


def _encode(upload: "UploadedFile[Any]") -> CleanPhoto:
    upload.seek(0)
    with Image.open(upload, formats=FORMATS) as opened:
        if opened.width * opened.height > MAX_PIXELS:
            raise ValueError("too many pixels")
        upright = ImageOps.exif_transpose(opened)
        upright.thumbnail((MAX_SIDE, MAX_SIDE))
        plain = Image.new("RGB", upright.size, "white")
        rgba = upright.convert("RGBA")
        plain.paste(rgba, mask=rgba.getchannel("A"))
    out = io.BytesIO()
    plain.save(out, "JPEG", quality=85, optimize=True)
    content = out.getvalue()
    return CleanPhoto(content, hashlib.sha256(content).hexdigest(), plain.width, plain.height)
