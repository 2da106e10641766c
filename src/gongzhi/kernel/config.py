"""Reading names that are data: `{language: text}`."""

from collections.abc import Mapping

# A reader of one Chinese script reads the other sooner than English.
_NEAREST = {"zh-hans": ("zh-hant",), "zh-hant": ("zh-hans",)}


def words(names: Mapping[str, str], lang: str) -> str:
    """The name in `lang`, else in the other Chinese script, else in English, else the first there is, else ""."""
    wanted = lang.lower().replace("_", "-")
    for choice in (wanted, *_NEAREST.get(wanted, ()), "en"):
        if names.get(choice):
            return names[choice]
    return next((text for text in names.values() if text), "")
