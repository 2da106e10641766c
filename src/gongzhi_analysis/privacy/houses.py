"""House numbers: building, entrance and room, in Chinese and English writing."""

import re
from collections.abc import Iterator
from typing import Final

from gongzhi_analysis.privacy.spans import Searchable, Span

_N = r"(?:[0-9]{1,5}|[一二三四五六七八九十百零〇两兩]{1,5}|[A-Za-z][0-9]{0,3}|[甲乙丙丁东西南北中前后])"
_D = r"(?:[0-9]{1,5}[A-Za-z]?|[一二三四五六七八九十百零〇两兩]{1,5})"
_BUILDING = rf"{_N}[#＃]? ?(?:号|號)?(?:院|大院)?(?:栋|幢|座|棟|楼|樓|#)"
_UNIT = rf"{_N} ?(?:单元|單元|门栋|梯|门洞|门)"
_FLOOR = rf"(?:{_D} ?(?:层|層|楼|樓))"
_ROOM = (
    rf"{_N} ?-?(?:[0-9A-Za-z]{{1,4}} ?)?"
    r"(?:号房|號房|室|房(?![间间屋地价產产租东贷子管改顶])|户(?![人居主])|戶(?![人居主])|号(?![线楼线路])|號(?![線樓路]))"
)
_PARTS: Final = (
    # 3栋2单元501室, 12号楼3单元502, 5幢1203
    rf"{_BUILDING}[ ,，、\-]?(?:{_UNIT}[ ,，、\-]?)?{_FLOOR}?[ \-]?(?:{_ROOM}"
    rf"|{_D}(?![\d元个年月日天时米人层層楼樓点%]))",
    rf"{_BUILDING}[ ,，、\-]?{_UNIT}(?:[ ,，、\-]?{_FLOOR})?",
    rf"{_UNIT}[ ,，、\-]?(?:{_FLOOR}[ \-]?)?(?:{_ROOM}|\d{{2,4}}(?![\d元个年月日天时米人]))",
    # 弄 of Shanghai, and roads with a number
    rf"{_D}弄(?:{_D}支弄)?(?:{_D}(?:号|號))?(?:{_D}楼)?(?:{_D}室)?",
    rf"(?<=[路街巷道里胡同村屯庄庄弄坊組组段園园寨湾])[ ]?(?:附|付)?{_D}(?:[-之]{_D})?(?:号|號)(?![线線门口楼])"
    rf"(?:之{_D})?(?:院|大院|附{_D}(?:号|號))?(?:[ ,，]?{_D}(?:号楼|號樓|栋|幢|座|棟))?"
    rf"(?:[ ,，]?{_UNIT})?(?:[ ,，]?{_FLOOR})?(?:[ ,，]?{_ROOM})?",
    rf"{_D}(?:号|號)[ ]?{_D} ?(?:室|房(?![间屋价]))",
    rf"(?<![\d.\-]){_D}-{_D}-\d{{1,4}}(?:-\d{{1,4}})?(?:室|房|号|户)(?![\d-])",
    r"(?<![\d.\-/])(?!(?:19|20)\d\d-)\d{1,2}-\d{1,2}-\d{3,4}(?![\d\-/])",
    rf"(?<![\d.\-]){_D}-\d{{3,4}}(?:室|房(?![间屋价])|户)",
    r"(?<![\d.])[A-Za-z]?\d{3,4} ?(?:室|号房|號房)(?![内外内温])",
    # floors and flats of Hong Kong and Taiwan
    rf"{_D} ?(?:楼|樓)[ ]?[A-Za-z0-9]{{1,3}} ?(?:室|座|房|號)",
    rf"{_D} ?號 ?{_D} ?(?:樓|楼)(?:之 ?{_D})?",
    rf"(?:第)?{_N}(?:座|期)[ ]?{_D} ?(?:楼|樓)[ ]?[A-Za-z0-9]{{1,3}} ?(?:室|房)?",
)
_CHINESE = re.compile("|".join(f"(?:{p})" for p in _PARTS))
_LIVING = re.compile(
    rf"(?:住在?|家在|我家(?:是|在|住)?|户籍地?在?)[^，。,.\n]{{0,12}}?({_N}(?:号楼|號樓|栋|幢|座|棟|号(?!线)|號(?!線)|单元|單元)"
    rf"(?:{_N}(?:单元|單元|室|号|號|楼|樓|层|層))?)"
)

_TYPES = (
    r"(?:Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Boulevard|Blvd|Terrace|Ter|Way|Circle|Cir|"
    r"Square|Sq|Parkway|Pkwy|Close|Crescent|Cres|Gardens|Grove|Row|Mews|Hill|Walk|Alley|Highway|Hwy|Park|Wharf|Path|Trail)"
)
_INSIDE = (
    r"(?:\bApt\.?|\bApartment|\bUnit|\bFlat|\bSuite|\bSte\.?|\bRoom|\bRm\.?|\bBlock|\bBlk\.?|\bBuilding|\bBldg\.?|\bTower|"
    r"\bFloor|\bLot|\bHouse(?: (?:no\.?|number))|\bNo\.)"
    r"[ :#]*(?:[A-Z]?-?\d{1,5}[A-Za-z]?(?:[-/]\d{1,4})?|[A-Z]\d{0,3})(?![A-Za-z\d])"
)
_ENGLISH = re.compile(
    rf"(?<![\d.#-])\d{{1,5}}(?:-\d{{1,4}})?[A-Za-z]?(?: 1/2)?,? (?:[NSEW]\.? |North |South |East |West )?"
    rf"(?:[A-Z][\w'’.]*\.? |\d{{1,3}}(?:st|nd|rd|th) ){{1,4}}{_TYPES}\b\.?"
    rf"(?:,? ?(?:{_INSIDE}|#\s?\w{{1,5}}))*"
)
_ENGLISH_INSIDE = re.compile(rf"{_INSIDE}(?:,? ?(?:{_INSIDE}|#\s?[\d-]{{1,7}}))*", re.IGNORECASE)
_HASH = re.compile(r"(?<=[ ,])#\d{1,2}-\d{1,4}\b")
_CHINESE_ENGLISH = re.compile(r"\bNo\.? ?\d{1,5}(?:-\d+)?,? (?=[A-Z])")
_PLAIN_WORDS = re.compile(r"(?:building|block|floor|lot|unit|tower|room|flat|park) [A-Z]?$", re.IGNORECASE)


def houses_in(here: Searchable) -> Iterator[Span]:
    """All house numbers of a text; pieces may overlap. A street's name is left: without the number it is no home."""
    for form, group in ((_CHINESE, 0), (_LIVING, 1), (_ENGLISH, 0), (_HASH, 0), (_CHINESE_ENGLISH, 0)):
        for found in form.finditer(here.text):
            start, end = found.span(group)
            yield here.span(start, end, "house_number")
    for found in _ENGLISH_INSIDE.finditer(here.text):
        if re.search(r"\d", found.group()) or not _PLAIN_WORDS.search(found.group()):
            yield here.span(*found.span(), "house_number")
