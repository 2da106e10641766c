"""Every sentence is there in every language, with the same gaps to fill in."""

import re
from typing import Any

from tests.house.plan import complain
from tools import catalogues

# A language may say the month by its name or by its number; the code offers both.
MONTH = {"%(month)d": "%(month_name)s"}
GAP = re.compile(r"%\((\w+)\)([sd])|%([sd%])|{(\w*)}")


def _texts(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _gaps(text: str) -> set[str]:
    found = {match.group() for match in GAP.finditer(text)} - {"%%"}
    return {MONTH.get(gap, gap) for gap in found}


def test_the_catalogues_are_complete() -> None:
    complain(catalogues.faults(), "Run `make messages`, then write the missing translations.")


def test_a_translation_fills_the_same_gaps_as_its_source() -> None:
    found = []
    for language in catalogues.LANGUAGES:
        for message in catalogues.read(language):
            if not message.id:
                continue
            sources, made = _texts(message.id), _texts(message.string)
            wanted, allowed = _gaps(sources[-1]), set().union(*map(_gaps, sources))
            for text in filter(None, made):
                lacking = wanted - _gaps(text) if len(made) == 1 or text == made[-1] else set()
                wrong = sorted(lacking | (_gaps(text) - allowed))
                found += [f"{language}: {gap} in {text!r}" for gap in wrong]
    complain(found, "Write each %(name)s of the source into the translation just as it is, and no other.")


def test_a_translation_keeps_to_one_script() -> None:
    """A few characters that exist in one script only tell whether a text went into the wrong catalogue."""
    simplified, traditional = set("这们说时间单办见对应过还没"), set("這們說時間單辦見對應過還沒")
    wrong = {"zh_Hans": traditional - simplified, "zh_Hant": simplified - traditional}
    found = []
    for language, letters in wrong.items():
        for message in catalogues.read(language):
            for text in _texts(message.string or "") if message.id else []:
                if letters & set(text):
                    found.append(f"{language}: {text!r} has {''.join(sorted(letters & set(text)))}")
    complain(found, "Write the text in the script of its catalogue.")


def test_what_is_said_in_chinese_is_not_left_in_english() -> None:
    found = []
    for language in ("zh_Hans", "zh_Hant"):
        for message in catalogues.read(language):
            for source, text in zip(_texts(message.id or ""), _texts(message.string or ""), strict=False):
                words = re.sub(GAP, "", source)
                if text == source and re.search(r"[a-z]{4,}", words):
                    found.append(f"{language}: {text!r}")
    complain(found, "Translate the sentence; a copy of the English text is no translation.")
