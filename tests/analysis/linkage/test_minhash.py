"""The duplicate index: alike texts meet in a band, unlike ones do not; the same on every machine."""

import random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gongzhi_analysis.linkage.minhash import (
    BANDS,
    Unions,
    bands,
    jaccard,
    near_duplicate_groups,
    shingles,
)
from gongzhi_analysis.reference import linkage as slow

WORDS = st.text(alphabet="路灯坏了垃圾没人清公园东门小区", max_size=40)


@given(WORDS, WORDS)
def test_the_similarity_equals_the_slow_twin(a: str, b: str) -> None:
    assert jaccard(shingles(a), shingles(b)) == slow.jaccard(slow.shingles(a), slow.shingles(b))


@given(WORDS)
def test_equal_texts_share_all_bands(text: str) -> None:
    assert bands(text) == bands(text)
    assert len(bands(text)) == (BANDS if text else 0)
    assert all(0 <= band < 2**63 for band in bands(text))


def test_punctuation_width_and_numbers_do_not_hide_a_duplicate() -> None:
    assert bands("３号楼，路灯坏了！") == bands("5号楼路灯坏了")


def test_bands_are_the_same_on_every_machine() -> None:
    assert bands("小区门口的路灯坏了")[:2] == [3356356899141388248, 2496383096783282180]


def test_alike_texts_nearly_always_meet_and_unlike_ones_nearly_never() -> None:
    draw = random.Random(3)
    letters = [chr(0x4E00 + i) for i in range(2_000)]
    met = strangers = 0
    for _ in range(200):
        text = draw.choices(letters, k=60)
        changed = list(text)
        for _ in range(4):
            changed[draw.randrange(60)] = draw.choice(letters)
        other = draw.choices(letters, k=60)
        met += bool(set(bands("".join(text))) & set(bands("".join(changed))))
        strangers += bool(set(bands("".join(text))) & set(bands("".join(other))))
    assert met >= 196
    assert strangers <= 1


@given(st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=30))
def test_unions_equal_the_slow_twin(pairs: list[tuple[int, int]]) -> None:
    unions = Unions(20)
    for a, b in pairs:
        unions.join(a, b)
    assert [unions.root(i) for i in range(20)] == slow.connected(20, pairs)


@settings(max_examples=50)
@given(st.lists(st.text(alphabet="路灯坏了垃圾", min_size=1, max_size=12), min_size=1, max_size=12))
def test_near_duplicate_groups_never_join_what_the_slow_twin_keeps_apart(texts: list[str]) -> None:
    fast, wanted = near_duplicate_groups(texts), slow.near_duplicate_groups(texts, 0.7)
    for i in range(len(texts)):
        for j in range(len(texts)):
            if fast[i] == fast[j]:
                assert wanted[i] == wanted[j]
            if texts[i] == texts[j]:
                assert fast[i] == fast[j]


def test_texts_without_a_letter_are_near_duplicates_of_nothing() -> None:
    assert len(set(near_duplicate_groups(["", "……", "！！", "路灯"]))) == 4
    assert np.array_equal(shingles(""), np.zeros(0, dtype=np.uint64))
