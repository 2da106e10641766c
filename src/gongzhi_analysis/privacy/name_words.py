"""Words around and inside personal names, from `name_words.toml`: closed lists, nothing learned from people's text."""

import tomllib
from importlib.resources import files
from typing import Final

_LISTS: Final[dict[str, str]] = tomllib.loads(
    files("gongzhi_analysis.privacy").joinpath("name_words.toml").read_text(encoding="utf-8")
)


def _signs(name: str) -> frozenset[str]:
    return frozenset("".join(_LISTS[name].split()))


def _words(name: str) -> frozenset[str]:
    return frozenset(_LISTS[name].split())


SURNAMES: Final = _signs("surnames")
COMPOUND: Final = _words("compound")
AMBIGUOUS: Final = _signs("ambiguous")
GIVEN: Final = _signs("given")
CLOSING: Final = _signs("closing")
OWN: Final = _words("own")
ROLES: Final = _words("roles")
TITLES: Final = _words("titles")
LOOSE_TITLES: Final = _words("loose_titles")
NO_NAMES: Final = _words("no_names")
FOREIGN_FIRST: Final = _words("foreign_first")
PINYIN_SURNAMES: Final = _words("pinyin_surnames")
ENGLISH_ROLES: Final = _words("english_roles")
NO_PERSON: Final = _words("no_person")
PLACES: Final = _words("places")
