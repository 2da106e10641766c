"""Named places in a message, found by how Chinese and English place names end."""

import re
from typing import Final

_SUFFIX: Final = (
    "小区|花园|家园|公寓|新村|新城|花苑|嘉园|苑|里弄|胡同|社区|村|镇|街道|大道|大街|路口|路|街|巷|桥|立交|广场|公园|"
    "学校|小学|中学|大学|幼儿园|医院|卫生院|菜市场|市场|商场|超市|地铁站|车站|公交站|号楼|栋|单元|工地|大厦|国际|湖|河"
    "|小區|花園|家園|社區|街道|大道|號樓|棟|橋|廣場|公園|學校|小學|中學|大學|幼兒園|醫院|市場|捷運站|車站|大廈"
)
_ZH: Final = re.compile(rf"[A-Za-z0-9\u4e00-\u9fff]{{1,8}}?(?:{_SUFFIX})(?:[东西南北東]?[门門口])?")
_EN: Final = re.compile(
    r"\b(?:[A-Z0-9][\w']*\s){1,3}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Park|School|Hospital|Square|Bridge|Station|Estate)\b"
)
# Words that stand before a place name and do not belong to it.
_LEADING: Final = re.compile(
    r"^(?:我们|我們|我|在|位于|住在|就在|从|從|到|的|和|与|與|是|请问|請問|关于|關於|投诉|投訴|反映|咨询|諮詢|建议|希望|这个|這個|"
    r"那个|这条|那条|请|附近|旁边|对面|门口|有人|市民|居民|本人|家住)+"
)
# Kinds of places without a name say nothing about which one is meant.
_GENERIC: Final = frozenset(_SUFFIX.split("|")) | {
    "马路",
    "公路",
    "道路",
    "一条路",
    "这条路",
    "小区",
    "本小区",
    "该小区",
    "我小区",
    "整个小区",
}
MAX_PLACES: Final = 6


def place_mentions(text: str) -> list[tuple[int, int]]:
    """(start, end) of each named place in the text, in order, without overlap."""
    spans = []
    for match in [*_ZH.finditer(text), *_EN.finditer(text)]:
        start, end = match.span()
        lead = _LEADING.match(text[start:end])
        start += lead.end() if lead else 0
        if end - start >= 2 and text[start:end] not in _GENERIC:
            spans.append((start, end))
    return sorted(spans)[:MAX_PLACES]


def place_names(text: str) -> frozenset[str]:
    """The names of places in the text."""
    return frozenset(text[a:b].lower() for a, b in place_mentions(text))


_ESTATE: Final = (
    "小区|小區|花园|花園|家园|家園|公寓|新村|新城|花苑|嘉园|嘉園|苑|园|園|城|郡|湾|灣|国际|國際|公馆|公館|山庄|山莊|庄园|莊園|"
    "大厦|大廈|广场|廣場|学校|學校|小学|小學|中学|中學|大学|大學|学院|學院|幼儿园|幼兒園|医院|醫院|市场|市場|商场|商場|公园|公園"
)
_ROAD: Final = "大道|大街|路|街|巷|桥|橋|立交"
_SETTLEMENT: Final = "社区|社區|村|镇|鎮|街道|乡|鄉|组|組"
_KEY: Final = re.compile(rf"(?=([A-Za-z0-9\u4e00-\u9fff]{{2}})({_ESTATE}|{_ROAD}|{_SETTLEMENT}))")
_CLASS: Final = {
    **dict.fromkeys(_ESTATE.split("|"), "e"),
    **dict.fromkeys(_ROAD.split("|"), "r"),
    **dict.fromkeys(_SETTLEMENT.split("|"), "s"),
}


def place_keys(text: str) -> frozenset[str]:
    """Short keys of named places: the two characters before the ending and the kind of the ending.

    Where a name begins is arbitrary in Chinese ("在杏花里小区", "杏花里小区"), where it ends is not, so the end is
    the key. Some keys are no places; whoever compares drops those that stand in many messages.
    """
    plain = "".join(c for c in text if c.isalnum())
    chinese = {match.group(1).lower() + _CLASS[match.group(2)] for match in _KEY.finditer(plain)}
    return frozenset(chinese | {match.group().lower() for match in _EN.finditer(text.title())})
