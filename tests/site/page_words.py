"""What a page says to people: its visible words, those in attributes too, and what must not be among them."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

SAID_IN = ("alt", "title", "aria-label", "placeholder", "data-sending", "data-copied", "data-chosen", "data-found",
           "data-looking", "data-outside", "data-denied", "content")  # fmt: skip
SILENT = {"script", "style", "template", "code", "kbd"}  # `code`: commands and hashes, the same everywhere
VOID = {
    "area",
    "base",
    "br",
    "col",
    "hr",
    "img",
    "input",
    "link",
    "meta",
    "source",
    "use",
    "path",
    "circle",
    "rect",
}
HAN = re.compile(r"[\u3400-\u9fff]+")
WORD = re.compile(r"(?<![\w-])[A-Za-z][A-Za-z’']+(?![\w’']|-\d)")  # not the RV of RV-000001
NAMES = re.compile(
    r"\S+@\S+|\S+\.(?:csv|xlsx)\b|English|简体中文|繁體中文"
)  # addresses, files, languages in themselves
RAW = {
    "a code with a point": re.compile(r"(?<![@\w.])[a-z_]{3,}\.[a-z_]{3,}\b"),
    "a code with an underscore": re.compile(r"\b[a-z]+_[a-z_]+\b"),
    "a moment for machines": re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d"),
    "nothing, said as None": re.compile(r"\bNone\b(?! [a-z])"),
    "an unfilled place": re.compile(r"%\(|\{\{|\}\}|\{%|&(?:amp|lt|quot|#)"),
}
# Common characters that only one of the two scripts has, in the same order.
SIMPLIFIED = frozenset(
    "这们来时个对发说为过还没开关请问处应当单办类别区员给选择电话码项见写记录长门间进数据图确认决满级协务责权条规"
)
TRADITIONAL = frozenset(
    "這們來時個對發說為過還沒開關請問處應當單辦類別區員給選擇電話碼項見寫記錄長門間進數據圖確認決滿級協務責權條規"
)


class _Reader(HTMLParser):
    """Collects words with the language they are marked with; what is not to be translated is left out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, str, bool]] = []  # tag, language, whether its words count
        self.found: list[tuple[str, str]] = []  # language, words
        self.page_language = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        language, counts = (self.open[-1][1], self.open[-1][2]) if self.open else ("", True)
        if tag == "html":
            self.page_language = values.get("lang", "")
        language = values.get("lang", language)
        counts = counts and tag not in SILENT and values.get("translate") != "no"
        said = [
            name
            for name in SAID_IN
            if name in values and (name != "content" or values.get("name") == "description")
        ]
        if tag == "input" and values.get("type") in {"submit", "button"}:
            said.append("value")
        if counts:
            self.found += [(language, values[name]) for name in said]
        if tag not in VOID:
            self.open.append((tag, language, counts))

    def handle_endtag(self, tag: str) -> None:
        if any(opened == tag for opened, _language, _counts in self.open):
            while self.open.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1][2] and data.strip():
            self.found.append((self.open[-1][1], " ".join(data.split())))


def read_page(html: str) -> tuple[str, list[tuple[str, str]]]:
    """The page's language, and (language, words) of all that is said on it."""
    reader = _Reader()
    reader.feed(html)
    return reader.page_language, reader.found


def faults_in(html: str, language: str, allowed: frozenset[str]) -> Iterator[str]:
    """What is not in the page's language, and what no person should read. `allowed`: Latin words of all languages."""
    marked, found = read_page(html)
    if marked != language:
        yield f"the page says that it is in “{marked}”"
    for said_in, said in found:
        words = NAMES.sub(" ", said)
        for what, pattern in RAW.items():
            if pattern.search(words):
                yield f"{what}: {said!r}"
        if said_in != language:
            continue
        if language == "en":
            if HAN.search(words):
                yield f"Chinese: {said!r}"
            continue
        latin = [w for w in WORD.findall(words) if w not in allowed]
        if latin:
            yield f"not translated ({latin[0]}): {said!r}"
        wrong = (SIMPLIFIED if language == "zh-Hant" else TRADITIONAL) & set(words)
        if wrong:
            yield f"the other script ({''.join(wrong)}): {said!r}"
