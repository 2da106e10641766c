"""The proof log: what is written, how it is numbered, and which tampering is found where."""

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from gongzhi.apps.ledger import public as ledger
from gongzhi.apps.ledger import rules
from gongzhi.apps.ledger.models import Tree
from gongzhi.kernel import schedule, worker
from gongzhi_analysis.integrity import merkle
from gongzhi_analysis.reference import merkle as twin

AT = datetime(2026, 9, 28, 8, 0, 0, 120, tzinfo=UTC)
TREE = "xingfu"


def write(count: int, tree: str = TREE, first: int = 0) -> list[ledger.Entry]:
    with transaction.atomic():
        return [
            ledger.record(
                tree=tree,
                kind="cases.moved",
                subject=f"case:{number}",
                by="user:3",
                at=AT + timedelta(seconds=number),
                fields={"state": "dispatched", "unit": number, "urgent": False, "share": 0.5, "area": None},
                texts={"reason": "井盖坏了"},
            )
            for number in range(first, first + count)
        ]


def write_and_number(count: int) -> None:
    write(count)
    ledger.sequence(AT)


def numbered(seq: int) -> ledger.Entry:
    return ledger.Entry.objects.get(tree=TREE, seq=seq)


def change(position: int, **values: object) -> None:
    ledger.Entry.objects.filter(tree=TREE, seq=position).update(**values)


@pytest.mark.django_db
def test_a_leaf_commits_to_values_and_shows_no_text() -> None:
    (entry,) = write(1)
    leaf = json.loads(entry.leaf)
    assert set(leaf) == {"v", "tree", "kind", "at", "subject", "by", "commit"}
    assert (leaf["v"], leaf["at"]) == (1, "2026-09-28T08:00:00.000120Z")
    assert set(leaf["commit"]) == {"state", "unit", "urgent", "share", "area", "reason"}
    assert leaf["commit"]["reason"] == rules.commitment(bytes(entry.salt or b""), "reason", "井盖坏了")
    assert "井盖" not in entry.leaf + json.dumps(entry.fields, ensure_ascii=False)
    assert entry.leaf == rules.canonical(leaf)


@pytest.mark.django_db
def test_equal_values_look_different_under_different_salts() -> None:
    one, two = write(2)
    commits = [json.loads(entry.leaf)["commit"]["state"] for entry in (one, two)]
    assert commits[0] != commits[1]


@pytest.mark.django_db
def test_writing_is_one_insert(django_assert_num_queries: Callable[[int], object]) -> None:
    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        ledger.record(tree=TREE, kind="k", subject="s:1", by="system", at=AT, fields={"a": 1})


@pytest.mark.django_db(transaction=True)
def test_writing_needs_the_transaction_of_the_act() -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        ledger.record(tree=TREE, kind="k", subject="s:1", by="system", at=AT)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields", [{"a": float("nan")}, {"a": "x\0y"}, {"a": [1]}, {"reason": "also among the texts"}], ids=str
)
def test_a_value_without_one_spelling_is_refused(fields: dict[str, rules.Scalar]) -> None:
    with pytest.raises((ValueError, TypeError)):
        ledger.record(
            tree=TREE, kind="k", subject="s:1", by="system", at=AT, fields=fields, texts={"reason": "r"}
        )
    assert not ledger.Entry.objects.exists()


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(),
)


@given(st.dictionaries(st.text(max_size=5), scalars, max_size=4))
def test_canonical_json_is_stable_under_a_round_trip(values: dict[str, rules.Scalar]) -> None:
    once = rules.canonical(values)
    assert rules.canonical(json.loads(once)) == once


@pytest.mark.django_db
@pytest.mark.parametrize(
    "value", [1e20, -0.0, 1e-7, 0.1, 2**53, "é", "\u2028", "𝄞", True, None, 1.0], ids=repr
)
def test_a_value_read_back_from_the_database_still_verifies(value: rules.Scalar) -> None:
    ledger.record(tree=TREE, kind="k", subject="s:1", by="system", at=AT, fields={"value": value})
    ledger.sequence(AT)
    assert ledger.verify(TREE) == ledger.Verdict(TREE, True, 1, root=ledger.verify(TREE).root)


@pytest.mark.django_db
def test_numbers_chain_and_root() -> None:
    write(5)
    write(2, tree="boston")
    assert ledger.sequence(AT) == 7
    assert ledger.sequence(AT) == 0
    write(4, first=5)
    assert ledger.sequence(AT) == 4
    entries = list(ledger.Entry.objects.filter(tree=TREE).order_by("seq"))
    assert [entry.seq for entry in entries] == list(range(9))
    newest = ledger.latest_checkpoint(TREE)
    assert newest is not None
    assert (newest.size, newest.root) == (9, twin.root([entry.leaf.encode() for entry in entries]).hex())
    assert ledger.trees() == ["boston", TREE]
    assert ledger.verify(TREE) == ledger.Verdict(TREE, True, 9, root=newest.root)
    assert ledger.verify("boston").ok


@pytest.mark.django_db
def test_an_entry_can_be_proven_to_others() -> None:
    write_and_number(6)
    entry = numbered(3)
    proof = ledger.inclusion_of(entry)
    assert proof is not None
    newest, steps = proof
    path = [bytes.fromhex(step) for step in steps]
    assert merkle.check_inclusion(bytes(entry.leaf_hash), 3, newest.size, path, bytes.fromhex(newest.root))
    (waiting,) = write(1, first=6)
    assert ledger.inclusion_of(waiting) is None
    assert ledger.verify(TREE).waiting == 1


@pytest.mark.django_db
@pytest.mark.parametrize("seq", [0, 3, 6])
@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"fields": {"state": "closed"}}, "the field state was changed"),
        ({"fields": {"never": "said"}}, "the field never was changed"),
        ({"kind": "cases.closed"}, "kind was changed"),
        ({"subject": "case:99"}, "subject was changed"),
        ({"by": "user:4"}, "by was changed"),
        ({"at": AT + timedelta(days=1)}, "at was changed"),
        ({"leaf": "{}"}, "the leaf was changed"),
        ({"salt": bytes(32)}, "the field area was changed"),
        ({"salt": None}, "fields without salt"),
        ({"chain": bytes(32)}, "the entry is not the one that stood here"),
        ({"leaf_hash": bytes(32)}, "the leaf was changed"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_changed_entry_is_named(seq: int, values: dict[str, object], reason: str) -> None:
    write_and_number(7)
    change(seq, **values)
    verdict = ledger.verify(TREE)
    assert (verdict.ok, verdict.first_bad_seq, verdict.reason) == (False, seq, reason)


@pytest.mark.django_db
@pytest.mark.parametrize("seq", [0, 3, 6])
def test_a_removed_entry_is_named(seq: int) -> None:
    write_and_number(7)
    ledger.Entry.objects.filter(tree=TREE, seq=seq).delete()
    verdict = ledger.verify(TREE)
    assert (verdict.ok, verdict.first_bad_seq, verdict.reason) == (False, seq, "the entry is gone")


@pytest.mark.django_db
def test_closing_the_gap_of_a_removed_entry_does_not_help() -> None:
    write_and_number(7)
    ledger.Entry.objects.filter(tree=TREE, seq=2).delete()
    for seq in range(3, 7):
        change(seq, seq=seq - 1)
    assert ledger.verify(TREE).first_bad_seq == 2


@pytest.mark.django_db
@pytest.mark.parametrize(("one", "two"), [(0, 6), (2, 3), (1, 5)])
def test_two_swapped_entries_are_found_at_the_first(one: int, two: int) -> None:
    write_and_number(7)
    change(one, seq=99)
    change(two, seq=one)
    change(99, seq=two)
    verdict = ledger.verify(TREE)
    assert (verdict.ok, verdict.first_bad_seq) == (False, one)


@pytest.mark.django_db
def test_rewriting_hashes_and_chain_is_found_by_the_checkpoint() -> None:
    write_and_number(3)
    write(4, first=3)
    ledger.sequence(AT)
    entry = numbered(5)
    leaf = entry.leaf.replace("user:3", "user:4")
    change(5, leaf=leaf, by="user:4", leaf_hash=merkle.leaf_hash(leaf.encode()))
    chain = bytes(numbered(4).chain or b"")
    for seq in (5, 6):
        chain = rules.next_chain(chain, bytes(numbered(seq).leaf_hash))
        change(seq, chain=chain)
    verdict = ledger.verify(TREE)
    assert (verdict.ok, verdict.first_bad_seq) == (False, 3)  # the first entry after the last good checkpoint
    assert "3 to 6" in verdict.reason


@pytest.mark.django_db
def test_a_forged_checkpoint_and_a_smuggled_entry_are_found() -> None:
    write_and_number(3)
    (extra,) = write(1, first=3)
    ledger.Entry.objects.filter(pk=extra.pk).update(seq=3)
    assert ledger.verify(TREE).first_bad_seq == 3
    ledger.Entry.objects.filter(pk=extra.pk).update(seq=None)
    ledger.Checkpoint.objects.update(root="00" * 32)
    assert ledger.verify(TREE).first_bad_seq == 0
    ledger.Checkpoint.objects.all().delete()
    assert ledger.verify(TREE).first_bad_seq == 0


@pytest.mark.django_db
def test_nothing_is_added_after_a_missing_last_entry() -> None:
    write_and_number(3)
    ledger.Entry.objects.filter(tree=TREE, seq=2).delete()
    write(1, first=3)
    with pytest.raises(ledger.LedgerError):
        ledger.sequence(AT)


@pytest.mark.django_db
def test_erasing_a_salt_keeps_the_log_valid() -> None:
    write_and_number(4)
    before = numbered(2)
    assert ledger.erase_salt("case:2", by="user:1", at=AT) == 1
    after = numbered(2)
    assert (after.salt, after.fields, after.leaf) == (None, {}, before.leaf)
    assert ledger.verify(TREE).ok
    ledger.sequence(AT)
    assert ledger.verify(TREE).ok
    assert [entry.kind for entry in ledger.entries_about("case:2")] == ["cases.moved", "ledger.salt_erased"]


@pytest.mark.django_db
def test_an_entry_is_never_saved_again_or_deleted() -> None:
    (entry,) = write(1)
    with pytest.raises(ledger.LedgerError):
        entry.save()
    with pytest.raises(ledger.LedgerError):
        entry.delete()


@pytest.mark.django_db
def test_the_schedule_numbers_new_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = {name: tick for name, tick in schedule._ticks.items() if ".ledger." in name}
    monkeypatch.setattr(schedule, "_ticks", mine)
    schedule.enqueue_due(AT)  # the first look only notes that the task is known
    write(2)
    later = AT + timedelta(minutes=2)
    schedule.enqueue_due(later)
    assert worker.drain(now=later) == 1
    assert ledger.verify(TREE).entries == 2


def in_threads(*jobs: Callable[[], object]) -> None:
    failed: list[BaseException] = []

    def run(job: Callable[[], object]) -> None:
        try:
            job()
        except BaseException as error:  # noqa: BLE001
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed, failed


@pytest.mark.django_db(transaction=True)
def test_two_sequencers_and_two_writers_at_once() -> None:
    write(30)
    start = threading.Barrier(4)

    def number() -> None:
        start.wait()
        for _ in range(5):
            ledger.sequence(AT)

    def scribble(first: int) -> None:
        start.wait()
        for number in range(first, first + 10):
            write(1, first=number)

    in_threads(number, number, lambda: scribble(100), lambda: scribble(200))
    ledger.sequence(AT)
    assert set(ledger.Entry.objects.values_list("seq", flat=True)) == set(range(50))
    assert ledger.verify(TREE).ok


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    not connection.features.has_select_for_update, reason="SQLite has one writer at a time anyway"
)
def test_a_writer_does_not_wait_for_a_sequencer() -> None:
    write_and_number(1)
    with transaction.atomic():
        Tree.objects.select_for_update().get(code=TREE)  # a sequencer in the middle of its batch
        in_threads(lambda: write(1, first=1))
    assert ledger.sequence(AT) == 1
