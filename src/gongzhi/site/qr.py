"""QR codes for pages."""

import segno
from django.utils.safestring import mark_safe


def qr_of(text: str) -> str:
    """The text as a QR code: an SVG without styles, dark on white whatever the page's colours."""
    drawn = segno.make(text, error="m", micro=False).svg_inline(
        border=2, dark="#000", light="#fff", omitsize=True, svgclass=None, lineclass=None
    )
    return mark_safe(drawn)  # noqa: S308 (made by us from our own text)
