"""A report arrives: stored once however often it is sent, opened by its code only, its contact seen on record only."""

from functools import partial
from typing import Any

import pytest

from gongzhi.apps.actors.public import RESIDENT, SYSTEM
from gongzhi.apps.channels import public as channels
from gongzhi.apps.channels.models import TrackingCode
from gongzhi.apps.channels.public import (
    Contact,
    ContactView,
    NewReport,
    ReceivedReport,
    Report,
    ReportError,
    ReportReceived,
)
from gongzhi.apps.ledger import public as ledger
from gongzhi.kernel import events, ids
from gongzhi.kernel.models import OutboxJob
from tests.cast import MONDAY, Cast, make_cast, make_office, say
from tests.crowd import at_once, errors_of


def receive(cast: Cast, **values: Any) -> ReceivedReport:
    new = NewReport(**({"text": "路灯坏了"} | values))
    return channels.receive_report(jurisdiction=cast.office, channel="web", new=new, by=RESIDENT, at=MONDAY)


def told() -> list[int]:
    """The reports that the house was told of, once a subscriber."""
    return sorted(job.payload["report_id"] for job in OutboxJob.objects.all())


@pytest.mark.django_db
def test_a_report_is_kept_as_it_was_said(cast: Cast) -> None:
    received = receive(
        cast,
        title="  路灯 ",
        text=" 路灯\r\n坏了\x07 ",
        place_words="学校门口",
        lon=120.03,
        lat=30.01,
        contact_phone="138",
        request_type="complaint",
    )
    report = Report.objects.get()
    assert received.is_new
    assert (report.title, report.text, report.place_words) == ("路灯", "路灯\n坏了", "学校门口")
    assert (report.area, report.received_at, report.channel, report.has_contact) == (
        cast.east,
        MONDAY,
        "web",
        True,
    )
    assert report.contact.phone == "138"
    assert (
        ledger.Entry.objects.filter(kind="channels.report_received", subject=f"report:{report.pk}").count()
        == 1
    )
    assert "路灯" not in str(ledger.Entry.objects.values_list("leaf", "fields"))


@pytest.mark.django_db
def test_a_point_outside_every_area_takes_the_area_that_was_named(cast: Cast) -> None:
    assert receive(cast, lon=121.0, lat=31.0, area_id=cast.west.pk).report.area == cast.west
    assert receive(cast, lon=120.03, lat=30.01, area_id=cast.west.pk).report.area == cast.east
    assert receive(cast, area_id=cast.west.pk).report.area == cast.west
    assert receive(cast).report.area is None


@pytest.mark.django_db
def test_words_that_cannot_be_taken_leave_nothing_behind(cast: Cast) -> None:
    for text in ("", "  ", "a\x00b", "x" * 100_000):
        with pytest.raises(ReportError):
            receive(cast, text=text)
    assert not Report.objects.exists()
    assert not OutboxJob.objects.exists()


@pytest.mark.django_db
def test_the_same_form_twice_is_one_report_and_the_code_is_not_told_again(cast: Cast) -> None:
    first = receive(cast, form_key="f1", contact_phone="138")
    second = receive(cast, form_key="f1", text="改过的话")
    assert (second.report, second.code, second.is_new) == (first.report, None, False)
    assert (Report.objects.count(), TrackingCode.objects.count(), Contact.objects.count()) == (1, 1, 1)
    assert told() == [first.report.pk] * len(events.subscribers_of(ReportReceived))


@pytest.mark.django_db
def test_reports_without_a_key_are_never_taken_for_each_other(cast: Cast) -> None:
    assert receive(cast).report != receive(cast).report
    assert receive(cast, form_key="").report != receive(cast, form_key="").report


@pytest.mark.django_db
def test_many_at_once_are_as_many_one_by_one(cast: Cast) -> None:
    news = [NewReport(text=f"路灯{i}", external_key=f"K{i % 3}", contact_name="王") for i in range(5)]
    known = channels.receive_report(
        jurisdiction=cast.office, channel="hotline_file", new=news[1], by=SYSTEM, at=MONDAY
    )
    found = channels.receive_reports(
        jurisdiction=cast.office, channel="hotline_file", news=news, by=SYSTEM, at=MONDAY
    )
    assert [one.is_new for one in found] == [True, False, True, False, False]
    assert found[1].report == found[4].report == known.report
    assert found[3].report == found[0].report
    assert list(Report.objects.order_by("pk").values_list("external_key", flat=True)) == ["K1", "K0", "K2"]
    assert TrackingCode.objects.count() == Contact.objects.count() == 3
    assert all(
        one.code is None or channels.report_by_code(cast.office, one.code) == one.report for one in found
    )


@pytest.mark.django_db
def test_one_bad_text_among_many_stores_none(cast: Cast) -> None:
    news = [NewReport(text="路灯"), NewReport(text=" ")]
    with pytest.raises(ReportError):
        channels.receive_reports(jurisdiction=cast.office, channel="web", news=news, by=SYSTEM, at=MONDAY)
    assert not Report.objects.exists()


@pytest.mark.django_db
def test_a_code_opens_its_report_however_it_is_typed(cast: Cast) -> None:
    report, code = say(cast)
    looks_alike = code.replace("0", "o").replace("1", "l").lower()
    for typed in (code, code.lower(), code.replace("-", " "), looks_alike, f"  {code}\n", _wide(code)):
        assert channels.report_by_code(cast.office, typed) == report


def _wide(code: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) for c in code)


@pytest.mark.django_db
def test_a_wrong_code_opens_nothing(cast: Cast) -> None:
    _report, code = say(cast)
    other = make_office("lake", "LK")
    almost = ids.normalise_code(code)[:-1] + ("2" if not code.endswith("2") else "3")
    for typed in (
        "",
        " ",
        "-",
        "0000000000000",
        almost,
        code[:-1],
        code + "0",
        "路灯",
        "%",
        "' OR 1=1 --",
        "\x00",
    ):
        assert channels.report_by_code(cast.office, typed) is None
    assert channels.report_by_code(other, code) is None, "a code belongs to its office"


@pytest.mark.django_db
def test_no_row_with_the_hash_of_no_code_can_be_opened_by_typing_nothing(cast: Cast) -> None:
    received = receive(cast, code=ids.new_tracking_code())
    assert received.code is not None
    assert all(bytes(row.code_hash) != ids.code_hash("", b"") for row in TrackingCode.objects.all())
    assert channels.report_by_code(cast.office, "") is None


@pytest.mark.django_db
def test_codes_are_kept_as_hashes_only(cast: Cast) -> None:
    _report, code = say(cast)
    kept = TrackingCode.objects.get()
    assert len(bytes(kept.code_hash)) == 32
    assert ids.normalise_code(code).encode() not in bytes(kept.code_hash)


@pytest.mark.django_db
def test_every_look_at_a_contact_is_written_down(cast: Cast) -> None:
    report = receive(
        cast, contact_name="王", contact_phone="+86 138-0000-1111", contact_email="a@example.org"
    ).report
    handler = cast.actor(cast.handler)
    contact = channels.view_contact(report=report, why="约定上门时间", by=handler, at=MONDAY)
    assert contact is not None
    assert (contact.name, contact.phone, contact.email) == ("王", "+86 138-0000-1111", "a@example.org")
    view = ContactView.objects.get()
    assert (view.by_ref, view.by_label, view.why, view.at) == (
        handler.ref,
        "roads_handler",
        "约定上门时间",
        MONDAY,
    )
    entry = ledger.Entry.objects.get(kind="channels.contact_viewed")
    assert (entry.by, entry.subject) == (handler.ref, f"report:{report.pk}")
    assert "0000-1111" not in entry.leaf


@pytest.mark.django_db
def test_a_report_without_contact_has_none_to_look_at(cast: Cast) -> None:
    assert channels.view_contact(report=receive(cast).report, why="?", by=SYSTEM, at=MONDAY) is None
    assert not ContactView.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_many_times_at_the_same_moment_is_one_report() -> None:
    cast = make_cast()
    found = at_once([partial(receive, cast, form_key="once", contact_phone="138")] * 8)
    assert errors_of(found) == []
    received = [one for one in found if isinstance(one, ReceivedReport)]
    assert len({one.report.pk for one in received}) == 1
    assert sum(one.is_new for one in received) == 1
    assert (Report.objects.count(), TrackingCode.objects.count(), Contact.objects.count()) == (1, 1, 1)
    assert told() == [received[0].report.pk] * len(events.subscribers_of(ReportReceived))


@pytest.mark.django_db(transaction=True)
def test_batches_that_overlap_and_come_at_the_same_moment_store_each_report_once() -> None:
    cast = make_cast()

    def bring(start: int) -> list[ReceivedReport]:
        news = [NewReport(text=f"路灯{i}", external_key=f"K{i}") for i in range(start, start + 20)]
        return channels.receive_reports(
            jurisdiction=cast.office, channel="hotline_file", news=news, by=SYSTEM, at=MONDAY
        )

    found = at_once([partial(bring, start) for start in (0, 10, 5, 0, 15, 20)])
    assert errors_of(found) == []
    received = [one for many in found if isinstance(many, list) for one in many]
    assert sum(one.is_new for one in received) == Report.objects.count() == 40
    assert told() == sorted(
        list(Report.objects.values_list("pk", flat=True)) * len(events.subscribers_of(ReportReceived))
    )
