"""Templates hold no scripts, no styles and no words outside of translation."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.house.plan import SOURCE, TEMPLATES, complain, short

NAMES = {"gongzhi", "共治", "简体中文", "繁體中文", "English"}  # said the same in every language
SPOKEN = {"alt", "aria-label", "aria-description", "placeholder", "title"}
REMOVED = (
    re.compile(r"{#.*?#}", re.DOTALL),
    re.compile(r"{%-?\s*comment\b.*?endcomment\s*-?%}", re.DOTALL),
    re.compile(r"{%-?\s*blocktranslate\b.*?endblocktranslate\s*-?%}", re.DOTALL),
)
TAGS = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
WORD = re.compile(r"[A-Za-z]{2,}|[\u3400-\u9fff]+")
INLINE = (
    (re.compile(r"<script(?![^>]*\bsrc=)", re.IGNORECASE), "a script in the page"),
    (re.compile(r"<style\b", re.IGNORECASE), "a style in the page"),
    (re.compile(r"\sstyle\s*=", re.IGNORECASE), "a style attribute"),
    (re.compile(r"\son[a-z]+\s*=", re.IGNORECASE), "an event attribute"),
    (re.compile(r"\bhx-on\b|\bhx-on:|['\"]js:|javascript:", re.IGNORECASE), "a script in an attribute"),
    (
        re.compile(r"""(src|href|action|hx-get|hx-post)\s*=\s*["']?(https?:)?//""", re.IGNORECASE),
        "another server",
    ),
)


def _templates() -> list[Path]:
    return sorted(p for p in SOURCE.rglob("*.html") if "templates" in p.parts)


def _blocks_in_attributes() -> re.Pattern[str]:
    """Blocks that fill an attribute of the base page, such as a class: what they hold is not read by people."""
    base = (TEMPLATES / "base.html").read_text(encoding="utf-8")
    names = re.findall(r"""=["'][^"'<>]*{%\s*block (\w+)\s*%}""", base)
    return re.compile(rf"{{%\s*block ({'|'.join(names) or 'none'})\s*%}}.*?{{%\s*endblock[^%]*%}}", re.DOTALL)


def _without_translation(text: str) -> str:
    """The template without what is translated and without Django's tags; lines stay where they are."""
    for pattern in (*REMOVED, _blocks_in_attributes(), TAGS):
        text = pattern.sub(lambda found: "\n" * found.group().count("\n"), text)
    return text


class _Words(HTMLParser):
    """Collects words that a person would read or hear."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[int, str]] = []
        self.on_a_key = False  # <kbd> says what is printed on the key, in whatever language

    def handle_data(self, data: str) -> None:
        if not self.on_a_key:
            self._note(data)

    def handle_endtag(self, tag: str) -> None:
        self.on_a_key = self.on_a_key and tag != "kbd"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.on_a_key = self.on_a_key or tag == "kbd"
        for name, value in attrs:
            if name in SPOKEN:
                self._note(value or "")

    def _note(self, text: str) -> None:
        for name in NAMES:
            text = text.replace(name, "")
        if WORD.search(re.sub(r"&[a-z]+;", "", text)):
            self.found.append((self.getpos()[0], " ".join(text.split())[:60]))


def untranslated(text: str) -> list[tuple[int, str]]:
    """(line, words) of what stands outside of translation."""
    words = _Words()
    words.feed(_without_translation(text))
    words.close()
    return words.found


def test_no_template_holds_a_script_a_style_or_another_server() -> None:
    found = []
    for path in _templates():
        text = _without_translation(path.read_text(encoding="utf-8"))
        for number, line in enumerate(text.splitlines(), 1):
            found += [f"{short(path)}:{number}: {what}" for pattern, what in INLINE if pattern.search(line)]
    complain(
        found, "The browser refuses it (Content-Security-Policy). Put it into static/ and load it from there."
    )


def test_every_word_of_a_template_can_be_translated() -> None:
    found = []
    for path in _templates():
        for line, words in untranslated(path.read_text(encoding="utf-8")):
            found.append(f"{short(path)}:{line}: {words}")
    complain(
        found, "Write {% translate “…” %} or {% blocktranslate trimmed %}, with plain English as the message."
    )


def test_every_template_is_used() -> None:
    said = "\n".join(
        p.read_text(encoding="utf-8")
        for p in SOURCE.rglob("*")
        if p.suffix in {".py", ".html"} and p.is_file()
    )
    found = []
    for path in _templates():
        name = path.as_posix().rpartition("/templates/")[2]
        # Error pages are found by Django under their number.
        if f'"{name}"' not in said and not re.fullmatch(r"\d{3}(_csrf)?\.html", name):
            found.append(short(path))
    complain(found, "Nothing renders or includes it: take the file away.")


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("<p>Hello</p>", ["Hello"]),
        ("<p>{% if a %}你好{% endif %}</p>", ["你好"]),
        ('<img alt="A map">', ["A map"]),
        ('<p>{% translate "Hello" %}</p>', []),
        ("<p>{% blocktranslate trimmed %}Hello{% endblocktranslate %}</p>", []),
        ('<a class="item" href="#x" aria-label="{% translate "Hello" %}">1 · 2</a>', []),
        ("<p><kbd>Enter</kbd> Hello</p>", ["Hello"]),
        ("{# Hello #}{% comment %}Hello{% endcomment %}<p>{{ name }}&nbsp;</p>", []),
    ],
)
def test_the_rule_tells_words_from_code(template: str, words: list[str]) -> None:
    assert [w for _line, w in untranslated(template)] == words
