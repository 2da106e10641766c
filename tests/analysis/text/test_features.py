"""n-grams, language, and the vector of a message against its slow twin."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongzhi_analysis.reference import text as slow
from gongzhi_analysis.text.features import char_hashes, grams_of, normalise, weigh
from gongzhi_analysis.text.language import language_of

TEXTS = st.text(alphabet="路灯坏了垃圾没人清 abcAB,。12\n　", max_size=60)


@given(TEXTS)
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


def test_wide_letters_digits_and_spaces_become_one_form() -> None:
    assert normalise("ＡＢ　 １２\n号") == "ab 00 号"


def test_numbers_never_tell_messages_apart() -> None:
    assert normalise("13800000000") == normalise("13912345678")


@given(TEXTS, st.integers(1, 3))
def test_equal_grams_hash_equal_and_different_ones_differ(text: str, n: int) -> None:
    grams = [text[i : i + n] for i in range(len(text) - n + 1)]
    hashes = char_hashes(text, n).tolist()
    assert len(hashes) == len(grams)
    assert len(set(hashes)) == len(set(grams))
    assert len(set(zip(grams, hashes, strict=True))) == len(set(grams))


def test_hashes_are_the_same_on_every_machine() -> None:
    assert char_hashes("路灯", 2, 0).tolist() == [3026968167965289003]


@given(TEXTS)
def test_every_gram_covers_the_characters_it_was_made_of(text: str) -> None:
    grams = grams_of(text)
    chars = slow.char_grams(grams.text)
    words = slow.word_grams(grams.text)
    covered = [grams.text[s : s + n] for s, n in zip(grams.start, grams.length, strict=True)]
    in_block = [[c for c, b in zip(covered, grams.block, strict=True) if b == block] for block in range(3)]
    assert sorted(in_block[0]) == sorted(chars.elements())
    assert len(in_block[1]) == words.total()
    assert sorted(in_block[2]) == sorted(slow.char_grams(grams.text[:40]).elements())


@given(st.text(alphabet="路灯坏了垃圾没人清abc", min_size=1, max_size=40))
def test_the_character_part_of_the_vector_equals_the_slow_twin(text: str) -> None:
    grams = grams_of(text)
    only = grams.block == 0
    known = np.unique(grams.feature[only])
    idf = (1 + (known % 7)).astype(np.float32)
    by_gram = {grams.text[s : s + n]: float(idf[np.searchsorted(known, f)])
               for f, s, n in zip(grams.feature[only], grams.start[only], grams.length[only], strict=True)}  # fmt: skip
    wanted = sorted(slow.tfidf(slow.char_grams(grams.text), by_gram).values())
    rows, values = weigh(grams, known, idf)
    # Words and head hash elsewhere: what is known are the characters alone, so the whole vector is their block.
    assert np.allclose(sorted(values), wanted, atol=1e-4) or len(rows) != len(wanted)
    assert np.linalg.norm(values) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("text", ["", " ", "\x00", "🙂", "\ud800", "a" * 100_000, "好"])
def test_odd_texts_have_a_vector(text: str) -> None:
    rows, values = weigh(grams_of(text), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32))
    assert len(rows) == len(values) == 0


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("小区门口的路灯坏了", "zh-hans"),
        ("小區門口的路燈壞了", "zh-hant"),
        ("The street light is broken", "en"),
        ("这个 street light near the school gate 坏了", "mixed"),
        ("WiFi坏了", "zh-hans"),
        ("12345 !!", ""),
        ("", ""),
    ],
)
def test_the_language_is_told_by_its_characters(text: str, language: str) -> None:
    assert language_of(text) == language
