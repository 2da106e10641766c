"""Formatted personal data: phones, identity numbers, cards, plates, e-mail addresses, accounts of messengers.

Sources of the formats: GB 11643-1999 (citizen identity number and its check digit), GA 36-2018 (vehicle plates),
ISO/IEC 7812-1 (card numbers and the Luhn check digit), ITU-T E.164 (international telephone numbers).
"""

import re
from collections.abc import Iterator
from typing import Final

from gongzhi_analysis.privacy.spans import Searchable, Span, with_spoken_digits

_GAP = r"[ \-.·•/]"
_NOT_DIGIT_BEFORE = r"(?<![\d])"
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS: Final = "10X98765432"

_IDENTITY = re.compile(rf"{_NOT_DIGIT_BEFORE}([1-9]\d(?:{_GAP}?\d){{15}}{_GAP}?[\dXx])(?![\dA-Za-z])")
_OLD_IDENTITY = re.compile(rf"{_NOT_DIGIT_BEFORE}([1-8]\d{{5}}(\d\d)(\d\d)(\d\d)\d{{3}})(?!\d)")
_PASSPORT = re.compile(
    r"(?<![A-Za-z\d])(?:[EGDSP]\d{8}|E[A-HJ-NP-Z]\d{7}|[HM]\d{8,10})(?![A-Za-z\d])", re.IGNORECASE
)
_HONG_KONG_IDENTITY = re.compile(r"(?<![A-Za-z\d])[A-Z]{1,2}\d{6} ?\([\dA]\)")
_TAIWAN_IDENTITY = re.compile(r"(?<![A-Za-z\d])[A-Z][12]\d{8}(?![A-Za-z\d])")
_SOCIAL_SECURITY = re.compile(r"(?<![\d-])(?!000|666|9)\d{3}[- ]\d{2}[- ]\d{4}(?![\d-])")
_IDENTITY_WORD = re.compile(
    r"(?:身份证|身分證|证件|證件|护照|護照|通行证|通行證|社保|医保|"
    r"passport|licen[cs]e|\bID|SSN|social security|identity)"
    r"[^\d\n]{0,14}$",
    re.IGNORECASE,
)
_LONG_CODE = re.compile(r"(?<![A-Za-z\d])[A-Za-z]{0,3}\d(?:[ -]?[\dA-Za-z]){5,17}(?![A-Za-z\d])")

_CARD = re.compile(rf"{_NOT_DIGIT_BEFORE}(\d(?:[ -]?\d){{12,18}})(?!\d)")
_CARD_WORD = re.compile(
    r"(?:卡号|卡號|银行|銀行|账号|帳號|账户|帳戶|存折|尾号|信用卡|储蓄卡|card|account|acct|iban)[^\d\n]{0,14}$",
    re.IGNORECASE,
)

_MOBILE = re.compile(
    rf"{_NOT_DIGIT_BEFORE}(?:(?:\+|00)?\(?86\)?{_GAP}?)?(1{_GAP}?[3-9](?:{_GAP}?\d){{9}})(?!\d)"
)
_LANDLINE = re.compile(
    rf"{_NOT_DIGIT_BEFORE}(?:(?:\+|00)86[ -]?)?\(?0[1-9]\d{{1,2}}(?:\)|{_GAP}|\) ){{0,2}}[2-9]\d{{2,3}}[ -]?\d{{4}}"
    r"(?!\d)(?: ?(?:转|轉|分机|分機|ext\.?|x) ?\d{1,6})?",
    re.IGNORECASE,
)
_INTERNATIONAL = re.compile(
    r"(?<![\d+])(?:\+ ?|00)(?!86)[1-9]\d{0,2}(?:[ .\-]?\(?\d{1,5}\)?){1,6}\d(?!\d)",
)
_AMERICAN = re.compile(
    r"(?<![\d\-.])(?:\+?1[-. ]?)?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[-. ])[2-9]\d{2}[-. ]\d{4}(?![\d-])"
    r"(?: ?(?:ext\.?|x) ?\d{1,6})?",
    re.IGNORECASE,
)
_BRITISH = re.compile(
    r"(?<![\d\-.])(?:\(0\d{2,4}\)|0\d{2,4})[ -]\d{3,4}[ -]?\d{3,4}(?![\d-])|(?<!\d)07\d{3} ?\d{6}(?!\d)"
)
_TAIWAN_MOBILE = re.compile(r"(?<![\d\-.])09\d{2}[- ]?\d{3}[- ]?\d{3}(?!\d)")
_SHORT_PHONE = re.compile(r"(?<![\d\-.])[2-9](?:[ -]?\d){6,10}(?![\d]|[-.]\d)")
_PHONE_WORD = re.compile(
    r"(?:电话|電話|手机|手機|座机|固话|热线|联系|聯繫|聯絡|拨打|致电|打给|号码|號碼|传真|小灵通|"
    r"call(?: me)?|phone|tel|text|cell|mobile|number|reach(?: me)?|contact|whatsapp|fax|☎)[^\d\n]{0,12}$",
    re.IGNORECASE,
)
_MOBILE_GROUPS: Final = {
    (11,),
    (3, 4, 4),
    (3, 3, 5),
    (4, 3, 4),
    (5, 6),
    (3, 8),
    (7, 4),
    (4, 4, 3),
    (6, 5),
    (3, 2, 3, 3),
}

_EMAIL = re.compile(
    r"(?<![\w.+-])[A-Za-z0-9][\w.+-]* ?(?:@|\(at\)|\[at\]|\(@\)|#at#| at ) ?"
    r"[A-Za-z0-9-]+"
    r"(?: ?(?:\.|\(dot\)|\[dot\]| dot ) ?[A-Za-z0-9-]+)*"
    r" ?(?:\.|\(dot\)|\[dot\]| dot ) ?[A-Za-z]{2,12}(?![A-Za-z0-9])",
    re.IGNORECASE | re.ASCII,
)
_ACCOUNT = re.compile(
    r"(?:微信号?|微訊|微信號|wechat|weixin|威信|\bVX|V信|QQ号?|扣扣|企鹅号?|line id|telegram|抖音号|支付宝|alipay)"
    r"(?: ?(?:id|号|號|is|为|為|是|账号|帳號|同号))*[ :：]*@?([A-Za-z\d][A-Za-z\d_\-.]{4,30})",
    re.IGNORECASE | re.ASCII,
)

_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼滬遼魯蘇贛晉陝閩貴粵雲寧瓊"
_PLATE = re.compile(
    rf"(?<![A-Za-z\d])(?:[{_PROVINCES}][ ]?[A-Za-z][ ·•.\-]{{0,3}}"
    r"(?:(?=[A-Za-z\d]{0,5}\d)[A-Za-z\d](?: ?[A-Za-z\d]){4,5}(?![A-Za-z\d])"
    r"|(?=[A-Za-z\d]{0,4}\d)[A-Za-z\d]{4}[学警挂港澳使领學掛領])"
    r"|使 ?\d{3} ?\d{3}|WJ[ ·]?[\dA-Z\u4e00-\u9fff][ ·]?\d{4,5}[A-Z]?)"
)
_PLATE_WORD = re.compile(
    r"(?:plates?|licen[cs]e|registration|reg|tag|车牌|車牌|牌照|车号|車號)"
    r"(?: (?:number|no\.?|is|was|reads|of))*[ :：#为為是号號]*$",
    re.IGNORECASE,
)
_FOREIGN_PLATE = re.compile(
    r"(?<![A-Za-z\d])(?=[A-Z\d \-]{0,8}\d)[A-Z\d]{1,4}[ \-·]?[A-Z\d]{2,4}(?:[ \-][A-Z\d]{1,3})?(?![A-Za-z\d])"
)


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _is_day(year: int, month: int, day: int) -> bool:
    return 1880 <= year <= 2099 and 1 <= month <= 12 and 1 <= day <= 31


def identity_check(number: str) -> bool:
    """Whether the last sign of an 18-sign citizen identity number follows from the others (GB 11643-1999)."""
    total = sum(int(d) * w for d, w in zip(number[:17], _WEIGHTS, strict=True))
    return _CHECKS[total % 11] == number[17].upper()


def luhn(digits: str) -> bool:
    """Whether the check digit of a card number is right (ISO/IEC 7812-1)."""
    doubled = (int(d) * (2 if i % 2 else 1) for i, d in enumerate(reversed(digits)))
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


def _citizens(here: Searchable) -> Iterator[Span]:
    for found in _IDENTITY.finditer(here.text):
        number = re.sub(_GAP, "", found.group(1))
        if _is_day(int(number[6:10]), int(number[10:12]), int(number[12:14])) or identity_check(number):
            yield here.span(found.start(1), found.end(1), "identity_number")
    for found in _OLD_IDENTITY.finditer(here.text):
        if _is_day(1900 + int(found.group(2)), int(found.group(3)), int(found.group(4))):
            yield here.span(*found.span(1), "identity_number")


def _other_identities(here: Searchable) -> Iterator[Span]:
    for form in (_PASSPORT, _HONG_KONG_IDENTITY, _TAIWAN_IDENTITY, _SOCIAL_SECURITY):
        for found in form.finditer(here.text):
            yield here.span(*found.span(), "identity_number")
    for found in _LONG_CODE.finditer(here.text):
        if len(_digits(found.group())) >= 6 and _IDENTITY_WORD.search(
            here.text, max(0, found.start() - 24), found.start()
        ):
            yield here.span(*found.span(), "identity_number")


def _cards(here: Searchable) -> Iterator[Span]:
    for found in _CARD.finditer(here.text):
        digits = _digits(found.group(1))
        asked = _CARD_WORD.search(here.text, max(0, found.start() - 24), found.start())
        grouped = bool(re.fullmatch(r"(?:\d{4}[ -]){3,4}\d{1,4}", found.group(1)))
        if (
            asked
            or grouped
            or (len(digits) >= 15 and (luhn(digits) or (len(digits) >= 16 and digits.startswith("62"))))
        ):
            yield here.span(*found.span(1), "card")


def _mobiles(here: Searchable, text: str) -> Iterator[Span]:
    for found in _MOBILE.finditer(text):
        groups = tuple(len(g) for g in re.split(rf"{_GAP}+", found.group(1)))
        if groups in _MOBILE_GROUPS or len(groups) == 11:
            yield here.span(*found.span(), "phone")


def _is_years(text: str) -> bool:
    """2019-2020 and 2020-12-31 are times, not numbers of a telephone."""
    return bool(re.match(r"(?:19|20)\d\d[ -]?(?:(?:19|20)\d\d|[01]?\d[ -]?[0-3]?\d)$", text))


def _phones(here: Searchable) -> Iterator[Span]:
    spoken = with_spoken_digits(here.text)
    yield from _mobiles(here, here.text)
    if spoken != here.text:
        yield from _mobiles(here, spoken)
    for form in (_LANDLINE, _AMERICAN, _BRITISH, _TAIWAN_MOBILE, _INTERNATIONAL):
        for found in form.finditer(here.text):
            if 8 <= len(_digits(found.group())) <= 21:
                yield here.span(*found.span(), "phone")
    yield from _short_phones(here, here.text)
    yield from _short_phones(here, spoken)


def _short_phones(here: Searchable, text: str) -> Iterator[Span]:
    for found in _SHORT_PHONE.finditer(text):
        asked = _PHONE_WORD.search(text, max(0, found.start() - 20), found.start())
        if asked and not _is_years(found.group()):
            yield here.span(*found.span(), "phone")


def _addresses(here: Searchable) -> Iterator[Span]:
    for found in _EMAIL.finditer(here.text):
        yield here.span(*found.span(), "email")
    for found in _ACCOUNT.finditer(here.text):
        yield here.span(*found.span(1), "account")


def _plates(here: Searchable) -> Iterator[Span]:
    for found in _PLATE.finditer(here.text):
        yield here.span(*found.span(), "plate")
    for found in _FOREIGN_PLATE.finditer(here.text):
        if _PLATE_WORD.search(here.text, max(0, found.start() - 30), found.start()):
            yield here.span(*found.span(), "plate")


def numbers_in(here: Searchable) -> Iterator[Span]:
    """All formatted personal data of a text; pieces may overlap."""
    yield from _citizens(here)
    yield from _other_identities(here)
    yield from _cards(here)
    yield from _phones(here)
    yield from _addresses(here)
    yield from _plates(here)
