"""The heads of the ledger outside the database: what a restored log has to say of the one before."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from gongzhi.apps.ledger import public as ledger
from gongzhi.journeys import heads, record
from gongzhi.journeys.heads import Head, Return
from tests.cast import MONDAY

ROOTS = {size: f"root of {size}" for size in range(200)}


def of_the_same(size: int) -> str | None:
    return ROOTS[size] if size <= 100 else None


def test_a_log_that_is_as_far_as_every_known_head_has_lost_nothing() -> None:
    known = [Head("t", 40, ROOTS[40]), Head("t", 100, ROOTS[100])]
    assert heads.returned("t", 100, ROOTS[100], known, of_the_same) == Return("t", 100, ROOTS[100], 1)
    assert heads.returned("t", 100, ROOTS[100], [], of_the_same) == Return("t", 100, ROOTS[100], 1)


def test_a_shorter_log_names_the_range_that_is_lost_and_its_root() -> None:
    known = [Head("t", 40, ROOTS[40]), Head("t", 100, ROOTS[100]), Head("t", 150, "lost root")]
    assert heads.returned("t", 100, ROOTS[100], known, of_the_same) == Return(
        "t", 100, ROOTS[100], 1, lost_from=100, lost_size=150, lost_root="lost root"
    )


def test_a_log_that_took_another_way_names_where_the_ways_part() -> None:
    known = [Head("t", 40, ROOTS[40]), Head("t", 60, "another root", 1), Head("t", 80, "yet another", 1)]
    found = heads.returned("t", 100, ROOTS[100], known, of_the_same)
    assert (found.lost_from, found.lost_size, found.lost_root, found.epoch) == (40, 80, "yet another", 2)


def test_a_tree_that_the_back_up_does_not_know_is_lost_from_its_beginning() -> None:
    found = heads.returned(
        "t", 0, ROOTS[0], [Head("t", 7, "x")], lambda size: ROOTS[0] if size == 0 else None
    )
    assert (found.lost_from, found.lost_size) == (0, 7)


@pytest.mark.django_db(transaction=True)
def test_the_heads_are_kept_as_they_grow_and_never_twice(tmp_path: Path, settings: Any) -> None:
    settings.DATA_ROOT = tmp_path
    for number in range(3):
        with transaction.atomic():
            ledger.record(tree="t", kind="k", subject=f"s:{number}", by="system", at=MONDAY)
        record.number_entries(at=MONDAY + timedelta(minutes=number))
        record.number_entries(at=MONDAY + timedelta(minutes=number))
    lines = [json.loads(line) for line in heads.heads_file().read_text().splitlines()]
    assert [(line["tree"], line["size"], line["epoch"]) for line in lines] == [("t", n, 0) for n in (1, 2, 3)]
    newest = ledger.latest_checkpoint("t")
    assert newest is not None
    assert heads.known_heads(heads.heads_file())["t"][-1] == Head("t", 3, newest.root)
    heads.forget_seen()
    assert heads.keep_heads(at=MONDAY) == 0
    heads.keep_heads(at=MONDAY, epochs={"t": 1})
    assert heads.known_heads(heads.heads_file())["t"][-1].epoch == 1
