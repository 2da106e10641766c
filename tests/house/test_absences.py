"""What the product must not be able to do, because nothing in it could hold it: watch, rank or score a person."""

import re

import pytest

from tests.house.addresses import addresses
from tests.house.plan import complain, house_models, name_of
from tools import catalogues

# Single words, as they stand in the name of a field or an address.
WORDS = frozenset(
    "attendance biometric clockin clockout credit face facial faces fingerprint gait grade grades honour"
    " leaderboard league medal merit points punch ranking rank ranks score scores stars voiceprint whereabouts"
    " belief ethnicity religion suspicion suspect".split()
)
# The same, as people would read it.
SAID = re.compile(
    r"\b(attendance|biometrics?|clock(ed|ing|s)?[ -](in|out)|face (recognition|scan)|facial|fingerprints?"
    r"|leader ?board|league table|merit points|rank(ed|ing|ings|s)?|scor(e|ed|es|ing)|whereabouts)\b"
    r"|打卡|考勤|人脸|人臉|排名|排行|积分|積分|得分",
    re.IGNORECASE,
)
# Names that have one of the words and say nothing of a person, each with what they say.
ALLOWED = {
    "cases.Suggestion.score": "how alike two cases are",
    "dispatch.PowerItem.rank": "which of two lines of the power list is asked first",
}


def _parts(name: str) -> set[str]:
    return set(re.split(r"[^a-z]+", name.lower()))


def test_no_table_can_hold_a_score_a_rank_or_a_face() -> None:
    found = []
    for model in house_models():
        for field in model._meta.get_fields():
            name = f"{name_of(model)}.{field.name}"
            if WORDS & _parts(field.name) and name not in ALLOWED:
                found.append(name)
        if WORDS & _parts(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", model.__name__)):
            found.append(name_of(model))
    complain(
        found, "Matters, places and services are measured, never people: find out what is needed without it."
    )


def test_no_exception_outlives_its_reason() -> None:
    fields = {f"{name_of(m)}.{f.name}" for m in house_models() for f in m._meta.get_fields()}
    complain([name for name in ALLOWED if name not in fields], "Take the line out of ALLOWED.")


def test_no_address_leads_to_a_score_a_rank_or_a_face() -> None:
    found = [f"{a.pattern} ({a.name})" for a in addresses() if WORDS & _parts(f"{a.pattern} {a.name}")]
    complain(found, "There is no such page: people are not ranked, scored or watched.")


def test_no_sentence_of_the_interface_speaks_of_it() -> None:
    said = [str(message.id) for message in catalogues.extracted() if message.id]
    for language in catalogues.LANGUAGES:
        said += [str(message.string) for message in catalogues.read(language) if message.id]
    complain(
        [text for text in said if SAID.search(text)], "The interface promises nothing that must not exist."
    )


@pytest.mark.parametrize(
    ("text", "speaks"),
    [
        ("Clock in at the door", True),
        ("The unit gave a reason; the clock runs on.", False),
        ("Ranking of the grid workers", True),
        ("社区干部排名", True),
        ("Your tracking code", False),
    ],
)
def test_the_rule_hears_what_it_should(text: str, speaks: bool) -> None:
    assert bool(SAID.search(text)) is speaks
