"""What understanding reads out of a pack: categories, danger words, labelled examples, worked cases."""

import re
from typing import Literal

from pydantic import field_validator, model_validator

from gongzhi.scenarios.model import Entry, Link, Section, register_section

Lang = Literal["zh-hans", "zh-hant", "en"]


class CategoryEntry(Entry):
    """One node of the category tree."""

    key: str
    parent: str | None = None
    kind: str = "matter"
    sensitive: bool = False
    duplicate_radius_m: int = 300
    predicted: bool = True  # False: only people choose it
    retired: bool = False  # old cases keep it; nothing new gets it
    successor: str | None = None  # of a retired one: what is chosen instead

    @model_validator(mode="after")
    def only_the_retired_have_successors(self) -> "CategoryEntry":
        """A successor stands at a retired category only."""
        if self.successor and not self.retired:
            raise ValueError("successor is for a category with retired = true")
        return self


class HazardEntry(Entry):
    """A danger: which words name it, which words around them say that there is none."""

    key: str
    emergency: str
    patterns: list[str]
    not_when: list[str] = []
    level: Literal["life", "urgent"] = "life"
    cases: list[str] = []

    @field_validator("patterns", "not_when")
    @classmethod
    def must_compile(cls, value: list[str]) -> list[str]:
        """Each pattern is a regular expression."""
        for pattern in value:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"“{pattern}” is no regular expression: {error}") from error
        return value


class LabelledExample(Entry):
    """A sentence written for us with its category."""

    text: str
    category: str
    lang: Lang


class PackCase(Entry):
    """“Who says this, means that, and it goes there”: test, demonstration and manual in one."""

    says: str
    category: str
    goes_to: str
    lang: Lang = "zh-hans"
    hazard: str = ""


_category = Link("category", "category")
register_section(
    Section(
        "categories.toml",
        "category",
        CategoryEntry,
        links=(Link("parent", "category", is_tree=True), Link("successor", "category", is_tree=True)),
        words=lambda entry: (f"category.{entry.key}", f"category.{entry.key}.help"),
    )
)
register_section(
    Section(
        "hazards.toml",
        "hazard",
        HazardEntry,
        words=lambda entry: (f"hazard.{entry.key}", f"hazard.{entry.key}.label"),
    )
)
register_section(Section("examples.jsonl", "example", LabelledExample, links=(_category,), unique="text"))
register_section(
    Section("cases.toml", "case", PackCase, links=(_category, Link("hazard", "hazard")), unique="says")
)
