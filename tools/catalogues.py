"""Message catalogues without a system gettext: extract, update, compile, check (Babel).

Catalogues are sorted by message and carry no line numbers, so that their differences stay small.
"""

import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir, extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "gongzhi"
LOCALE = SOURCE / "site" / "locale"
LANGUAGES: Final = ("zh_Hans", "zh_Hant", "en")
SAME: Final = "en"  # its messages are the texts of the source
KEYWORDS: Final[dict[str, Any]] = {
    "_": None,
    "N_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


def extract_template(
    fileobj: BinaryIO, keywords: Any, comment_tags: Any, options: Any
) -> Iterator[tuple[int, Any, Any, Any]]:
    """Messages of a Django template: turned into the calls that Django itself would make of it."""
    if not settings.configured:
        settings.configure(USE_I18N=True)
    code = templatize(fileobj.read().decode("utf-8"))
    yield from extract_python(io.BytesIO(code.encode("utf-8")), keywords, comment_tags, {})


def extracted() -> Catalog:
    """All messages of the source."""
    found = Catalog(charset="utf-8")
    methods = [("**/templates/**.html", extract_template), ("**.py", "python")]
    for row in extract_from_dir(str(SOURCE), methods, keywords=KEYWORDS):  # type: ignore[arg-type]
        found.add(row[2], context=row[4])
    return found


def path_of(language: str) -> Path:
    """The catalogue file of a language."""
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    """The catalogue of a language; empty where there is none yet."""
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def is_empty(message: Any) -> bool:
    """Whether a message lacks its translation, or one of its plural forms."""
    text = message.string
    return not all(text) if isinstance(text, (tuple, list)) else not text


def update() -> int:
    """Bring new messages in and take unused ones out; English repeats the source. Returns how many lack a text."""
    source, lacking = extracted(), 0
    for language in LANGUAGES:
        old = read(language)
        new = Catalog(locale=language, charset="utf-8", fuzzy=False)
        for message in source:
            if not message.id:
                continue
            known = old.get(message.id, context=message.context)
            text = known.string if known and not is_empty(known) else None
            if text is None and language == SAME:
                text = message.id
            if text is None:
                lacking += 1
            new.add(message.id, text, context=message.context)
        path = path_of(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        out = io.BytesIO()
        write_po(out, new, sort_output=True, no_location=True, omit_header=True, width=0)
        header = (
            f'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        )
        header += f'"Plural-Forms: {new.plural_forms}\\n"\n\n'
        path.write_text(header + out.getvalue().decode("utf-8").lstrip("\n"), encoding="utf-8")
    print(f"{len(list(source)) - 1} messages; {lacking} translations lacking")
    return lacking


def compile_all() -> None:
    """Write the compiled catalogues beside the sources, each in one step."""
    for language in LANGUAGES:
        path = path_of(language)
        if not path.exists():
            continue
        made = path.with_suffix(f".{os.getpid()}.tmp")
        with made.open("wb") as file:
            write_mo(file, read(language))
        made.replace(path.with_suffix(".mo"))


def faults() -> list[str]:
    """What is wrong with the catalogues: lacking, empty, fuzzy or unused messages, each with its language."""
    wanted = {(m.id if isinstance(m.id, str) else m.id[0], m.context) for m in extracted() if m.id}
    found = []
    for language in LANGUAGES:
        catalog = read(language)
        have = {}
        for message in catalog:
            if message.id:
                key = message.id if isinstance(message.id, str) else message.id[0]
                have[(key, message.context)] = message
        found += [f"{language}: lacks {key!r}" for key, _ in sorted(wanted - set(have), key=str)]
        found += [f"{language}: unused {key!r}" for key, _ in sorted(set(have) - wanted, key=str)]
        found += [f"{language}: empty {key!r}" for (key, _), m in have.items() if is_empty(m)]
        found += [f"{language}: fuzzy {key!r}" for (key, _), m in have.items() if m.fuzzy]
    return found


def main(words: list[str]) -> int:
    """Do one of extract, update, compile, check."""
    match words:
        case ["extract"]:
            print("\n".join(sorted(str(m.id) for m in extracted() if m.id)))
        case ["update"]:
            update()
        case ["compile"]:
            compile_all()
        case ["check"]:
            wrong = faults()
            print("\n".join(wrong) or "catalogues are complete")
            return 1 if wrong else 0
        case _:
            print("Say one of: extract, update, compile, check", file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
