"""Personal data in a text: where it is, and the text with marks in its place."""

from collections.abc import Iterable, Mapping
from typing import Final

from gongzhi_analysis.privacy.houses import houses_in
from gongzhi_analysis.privacy.names_chinese import chinese_names_in
from gongzhi_analysis.privacy.names_latin import latin_names_in
from gongzhi_analysis.privacy.numbers import numbers_in
from gongzhi_analysis.privacy.spans import Kind, Span, apart, searchable

MARKS: Final[Mapping[str, Mapping[Kind, str]]] = {
    "zh": {
        "phone": "〔电话〕",
        "identity_number": "〔证件号〕",
        "plate": "〔车牌〕",
        "card": "〔卡号〕",
        "email": "〔邮箱〕",
        "account": "〔账号〕",
        "house_number": "〔门牌〕",
        "name": "〔姓名〕",
    },
    "en": {
        "phone": "[phone]",
        "identity_number": "[identity number]",
        "plate": "[plate]",
        "card": "[card number]",
        "email": "[e-mail]",
        "account": "[account]",
        "house_number": "[house number]",
        "name": "[name]",
    },
}


def find_personal(text: str) -> list[Span]:
    """What looks like personal data in a text, in order and without overlaps.

    Positions count characters of the text as given. It is a proposal for a person who decides: a number may be a
    reference, a name may be a shop's. Never raises, whatever the text.
    """
    here = searchable(text)
    return apart([*numbers_in(here), *houses_in(here), *chinese_names_in(here), *latin_names_in(here)])


def language_of_marks(text: str) -> str:
    """`zh` where the text has Chinese signs, else `en`."""
    return "zh" if any("\u3400" <= sign <= "\u9fff" for sign in text) else "en"


def leave_out(text: str, spans: Iterable[Span], *, language: str | None = None) -> str:
    """The text with marks in the place of spans; the marks' `language` is zh, en, or the text's own where None."""
    marks = MARKS[language or language_of_marks(text)]
    parts: list[str] = []
    at = 0
    for span in sorted(spans):
        parts += [text[at : span.start], marks[span.kind]]
        at = span.end
    return "".join([*parts, text[at:]])
