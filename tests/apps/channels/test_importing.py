"""A file of hotline tickets comes in: dry run, mapping, places, refused rows with what to do, never twice."""

import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from gongzhi.apps.actors.public import SYSTEM
from gongzhi.apps.channels.kinds.hotline_file import importing
from gongzhi.apps.channels.kinds.hotline_file import public as hotline_file
from gongzhi.apps.channels.kinds.hotline_file.importing import MappingError
from gongzhi.apps.channels.kinds.hotline_file.tables import TableError
from gongzhi.apps.channels.models import TrackingCode
from gongzhi.apps.channels.public import Contact, ImportRun, Report
from gongzhi.apps.ledger import public as ledger
from gongzhi.kernel.models import OutboxJob
from tests.apps.channels.conftest import HEADINGS, Write, counts, refused, ticket
from tests.cast import MONDAY, Cast, make_office

pytestmark = pytest.mark.django_db


def everything() -> dict[str, int]:
    return {
        model.__name__: model.objects.count()
        for model in (Report, TrackingCode, Contact, ledger.Entry, OutboxJob)
    }


def test_a_dry_run_changes_nothing_and_says_what_would_come_in(
    cast: Cast, bring_in: Any, write: Write
) -> None:
    before = everything()
    run = bring_in(write([ticket("A1"), ticket("A2"), ticket("A3", time="2023-02-29")]), dry_run=True)
    assert everything() == before
    assert (run.dry_run, *counts(run)) == (True, 3, 2, 0, 1)
    assert run.finished_at is not None
    assert ImportRun.objects.get() == run


def test_the_real_run_stores_what_the_file_says_with_its_own_time(
    cast: Cast, bring_in: Any, write: Write
) -> None:
    row = ticket(
        "A1",
        title="大坑",
        place="学校门口",
        lon="120.03",
        lat="30.01",
        kind="投诉",
        category="坑洼路面",
        name="王",
        phone="13800000000",
    )
    run = bring_in(write([row, ticket("A2")]))
    assert counts(run) == (2, 2, 0, 0)
    assert run.errors_file == ""
    one, two = Report.objects.order_by("pk")
    assert (one.channel, one.external_key, one.text, one.title) == (
        "hotline_file",
        "A1",
        "路面有个大坑",
        "大坑",
    )
    assert (one.lon, one.lat, one.area, one.place_words) == (120.03, 30.01, cast.east, "学校门口")
    assert (one.request_type, one.category_hint, one.filed_by) == ("complaint", "roads.potholes", "system")
    assert one.received_at == datetime(2026, 11, 10, 1, 30, tzinfo=UTC)
    assert (one.contact.name, one.contact.phone) == ("王", "13800000000")
    assert (two.has_contact, two.lon, two.area, two.request_type) == (False, None, None, "")
    assert TrackingCode.objects.count() == 2
    assert Contact.objects.count() == 1


def test_the_ledger_says_when_it_came_in_and_when_the_hotline_had_it(
    cast: Cast, bring_in: Any, write: Write
) -> None:
    bring_in(write([ticket("A1")]))
    entry = ledger.Entry.objects.get(kind="channels.report_received")
    assert entry.at == MONDAY
    assert entry.fields == {
        "channel": "hotline_file",
        "photos": 0,
        "received_at": "2026-11-10T01:30:00+00:00",
    }
    ledger.sequence(MONDAY)
    assert ledger.verify(cast.office.code).ok


def test_what_is_here_already_is_not_added_again(cast: Cast, bring_in: Any, write: Write) -> None:
    path = write([ticket("A1"), ticket("A2")])
    bring_in(path)
    after = everything()
    assert counts(bring_in(path)) == (2, 0, 2, 0)
    assert everything() == after
    more = write([ticket("A2", text="改过的话"), ticket("A3")], name="more.csv")
    assert counts(bring_in(more, dry_run=True)) == (2, 1, 1, 0)
    assert counts(bring_in(more)) == (2, 1, 1, 0)
    assert Report.objects.get(external_key="A2").text == "路面有个大坑", "a report is never changed"


def test_numbers_are_compared_as_a_person_reads_them(cast: Cast, bring_in: Any, write: Write) -> None:
    bring_in(write([ticket("ＡＢ－１２"), ticket("'007")]))
    assert set(Report.objects.values_list("external_key", flat=True)) == {"AB-12", "007"}
    assert counts(bring_in(write([ticket(" AB-12 "), ticket("007")]))) == (2, 0, 2, 0)


def test_a_number_that_stands_there_twice_is_refused_and_names_the_first(
    bring_in: Any, write: Write, tmp_path: Path
) -> None:
    run = bring_in(write([ticket("A1", text="第一件事"), ticket("A1", text="另一件事")]))
    assert counts(run) == (2, 1, 0, 1)
    (line,) = refused(tmp_path)
    assert (line["row"], line["column"]) == ("3", "工单编号")
    assert "row 2" in line["what is wrong"]
    assert line["诉求内容"] == "另一件事"


@pytest.mark.parametrize("key", ["2.02403E+17", "2.0240305123456e+18", "2024030512345678.0", "1E20"])
def test_a_number_that_a_spreadsheet_cut_short_is_refused(
    bring_in: Any, write: Write, tmp_path: Path, key: str
) -> None:
    assert counts(bring_in(write([ticket(key)]))) == (1, 0, 0, 1)
    assert "text" in refused(tmp_path)[0]["what to do"]


def test_a_long_number_in_a_workbook_is_refused_rather_than_mixed_up(bring_in: Any, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["工单编号", "来电时间", "诉求内容"])
    sheet.append([20240305123456781, datetime(2026, 11, 10, 9, 30), "一"])  # noqa: DTZ001
    sheet.append([20240305123456782, datetime(2026, 11, 10, 9, 30), "二"])  # noqa: DTZ001
    sheet.append(["20240305123456783", datetime(2026, 11, 10, 9, 30), "三"])  # noqa: DTZ001
    sheet.append([20240305, 46336.4, "四"])
    book.save(tmp_path / "t.xlsx")
    run = bring_in(tmp_path / "t.xlsx")
    assert counts(run) == (4, 2, 0, 2)
    assert set(Report.objects.values_list("external_key", flat=True)) == {"20240305123456783", "20240305"}
    assert Report.objects.get(external_key="20240305").received_at == datetime(
        2026, 11, 10, 1, 36, tzinfo=UTC
    )


BAD_ROWS = {
    "no number": (ticket(""), "工单编号"),
    "no time": (ticket("A1", time=""), "来电时间"),
    "29 February": (ticket("A1", time="2025-02-29 10:00"), "来电时间"),
    "the future": (ticket("A1", time="2027-01-01"), "来电时间"),
    "long ago": (ticket("A1", time="1970-01-01"), "来电时间"),
    "no words": (ticket("A1", text="  "), "诉求内容"),
    "binary": (ticket("A1", text="\x01\x02\x03\x04路"), "诉求内容"),
    "100 kB": (ticket("A1", text="很长的话" * 25_000), "诉求内容"),
    "words for a point": (ticket("A1", lon="学校", lat="门口"), "经度"),
    "impossible point": (ticket("A1", lon="999", lat="999"), "经度"),
    "endless point": (ticket("A1", lon="inf", lat="30"), "经度"),
}


@pytest.mark.parametrize("name", BAD_ROWS)
def test_a_bad_row_is_refused_alone_with_its_column_and_what_to_do(
    bring_in: Any, write: Write, tmp_path: Path, name: str
) -> None:
    bad, column = BAD_ROWS[name]
    run = bring_in(write([ticket("B1"), bad, ticket("B2")]))
    assert counts(run) == (3, 2, 0, 1)
    assert run.errors_file == str((tmp_path / "refused.csv").resolve())
    (line,) = refused(tmp_path)
    assert (line["row"], line["outcome"], line["column"]) == ("3", "refused", column)
    assert line["what is wrong"]
    assert line["what to do"]


def test_all_that_is_wrong_with_a_row_is_told_at_once(bring_in: Any, write: Write, tmp_path: Path) -> None:
    bring_in(write([ticket("", time="gestern", text="", lon="x", lat="y")]))
    (line,) = refused(tmp_path)
    assert line["column"].split("\n") == ["工单编号", "来电时间", "诉求内容", "经度"]
    assert len(line["what is wrong"].split("\n")) == 4


def test_refused_rows_are_told_in_the_readers_language(bring_in: Any, write: Write, tmp_path: Path) -> None:
    path = write([ticket("")])
    with translation.override("zh-hans"):
        bring_in(path)
    text = (tmp_path / "refused.csv").read_text(encoding="utf-8-sig")
    assert text.splitlines()[0].endswith(",".join(HEADINGS))
    assert "refused" not in text
    assert "工单编号" in text.splitlines()[1]


def test_the_file_of_refused_rows_runs_no_formula_and_is_for_its_owner_only(
    bring_in: Any, write: Write, tmp_path: Path
) -> None:
    bring_in(write([ticket("", text='=HYPERLINK("http://x","y")', name="@SUM(A1)", phone="+86 138")]))
    (line,) = refused(tmp_path)
    assert line["诉求内容"] == '\'=HYPERLINK("http://x","y")'
    assert (line["姓名"], line["电话"]) == ("'@SUM(A1)", "'+86 138")
    assert stat.S_IMODE((tmp_path / "refused.csv").stat().st_mode) == 0o600


def test_the_mended_file_of_refused_rows_can_be_brought_in_as_it_is(
    bring_in: Any, write: Write, tmp_path: Path
) -> None:
    bring_in(write([ticket("A1"), ticket("A2", time="2025-02-29", text="=路灯", phone="+86 138")]))
    mended = (tmp_path / "refused.csv").read_text(encoding="utf-8-sig").replace("2025-02-29", "2025-02-28")
    path = tmp_path / "mended.csv"
    path.write_text(mended, encoding="utf-8-sig")
    assert counts(bring_in(path)) == (1, 1, 0, 0)
    report = Report.objects.get(external_key="A2")
    assert (report.text, report.contact.phone) == ("=路灯", "+86 138")
    assert not (tmp_path / "refused.csv").exists(), "nothing is refused any more"


def test_a_title_is_the_words_where_there_are_no_others(bring_in: Any, write: Write) -> None:
    bring_in(write([ticket("A1", text="", title="路灯不亮")]))
    assert Report.objects.get().text == "路灯不亮"


def test_a_letter_longer_than_a_form_takes_comes_in_whole(bring_in: Any, write: Write) -> None:
    letter = "尊敬的领导您好。" * 1_000
    assert counts(bring_in(write([ticket("A1", text=letter)]))) == (1, 1, 0, 0)
    assert Report.objects.get().text == letter


def test_the_mapping_says_which_columns_make_the_text(bring_in: Any, write: Write) -> None:
    path = write([["7", "2026-11-10", "正文", "标题"]], headings=["No.", "Date", "BODY", "Subject"])
    assert counts(bring_in(path, mapping="letters")) == (1, 1, 0, 0)
    assert Report.objects.get().text == "标题\n正文"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_every_encoding_gives_the_same_reports(bring_in: Any, write: Write, encoding: str) -> None:
    bring_in(write([ticket("A1", text="𠮷祥路的井盖没了")], encoding=encoding))
    assert Report.objects.get().text == "𠮷祥路的井盖没了"


def test_a_mapping_that_nobody_has_is_refused_and_the_known_ones_are_named(
    bring_in: Any, write: Write
) -> None:
    with pytest.raises(MappingError) as error:
        bring_in(write([ticket("A1")]), mapping="other")
    assert "hotline" in error.value.what_to_do()
    assert not ImportRun.objects.exists()


def test_the_mappings_are_offered_in_the_readers_words(cast: Cast) -> None:
    assert hotline_file.mappings(cast.office) == [("hotline", "热线工单"), ("letters", "来信")]


def test_a_file_without_the_needed_columns_leaves_nothing_behind(bring_in: Any, write: Write) -> None:
    with pytest.raises(TableError):
        bring_in(write([["A1", "text"]], headings=["工单编号", "诉求内容"]))
    assert not ImportRun.objects.exists()
    assert not Report.objects.exists()


def test_a_file_with_headings_only_brings_nothing(bring_in: Any, write: Write) -> None:
    assert counts(bring_in(write([]))) == (0, 0, 0, 0)


def test_the_same_number_in_another_office_is_another_ticket(cast: Cast, bring_in: Any, write: Write) -> None:
    other = make_office("lake", "LK", min_lon=100.0, max_lon=100.1)
    path = write([ticket("A1", lon="120.03", lat="30.01")])
    bring_in(path)
    run = hotline_file.import_file(
        path=path, mapping="hotline", jurisdiction=other, dry_run=False, errors_to=None, by=SYSTEM, at=MONDAY
    )
    assert (*counts(run), run.remarks, run.errors_file) == (1, 1, 0, 0, 1, "")
    assert Report.objects.count() == 2


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(importing, "BATCH", 10)
    yield 10


def _statements(bring_in: Any, path: Path, *, dry_run: bool) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        bring_in(path, dry_run=dry_run)
    return sum("SAVEPOINT" not in q["sql"] for q in seen.captured_queries)


@pytest.mark.parametrize("dry_run", [True, False])
def test_the_number_of_statements_grows_with_the_batches_not_with_the_rows(
    bring_in: Any, write: Write, small_batches: int, dry_run: bool
) -> None:
    def rows(n: int, kind: str) -> list[list[str]]:
        return [ticket(f"{kind}{i}", lon="120.03", lat="30.01", name="王") for i in range(n)]

    bring_in(write(rows(1, "Z")))  # what the process keeps of small tables is read now
    few = _statements(bring_in, write(rows(2, "A")), dry_run=dry_run)
    one = _statements(bring_in, write(rows(10, "B")), dry_run=dry_run)
    three = _statements(bring_in, write(rows(30, "C")), dry_run=dry_run)
    assert one == few
    # A batch: what is known; then reports, codes, contacts, ledger, outbox; then the run's counts.
    assert three - one == 2 * (2 if dry_run else 7)


def test_progress_is_told_after_each_batch(cast: Cast, write: Write, small_batches: int) -> None:
    told: list[int] = []
    hotline_file.import_file(
        path=write([ticket(f"A{i}") for i in range(25)]),
        mapping="hotline",
        jurisdiction=cast.office,
        dry_run=True,
        errors_to=None,
        by=SYSTEM,
        at=MONDAY,
        progress=told.append,
    )
    assert told == [10, 20, 25]


def test_every_report_is_announced_once(bring_in: Any, write: Write) -> None:
    path = write([ticket("A1"), ticket("A2"), ticket("A1")])
    bring_in(path)
    bring_in(path)
    told = [job.payload["report_id"] for job in OutboxJob.objects.all()]
    assert sorted(told) == sorted(Report.objects.values_list("pk", flat=True))


def test_times_are_read_in_the_offices_zone(cast: Cast, write: Write, tmp_path: Path) -> None:
    boston = make_office("boston", "BO", zone="America/New_York")
    hotline_file.import_file(
        path=write([ticket("A1", time="2026-11-01 01:30")]),
        mapping="hotline",
        jurisdiction=boston,
        dry_run=False,
        errors_to=None,
        by=SYSTEM,
        at=MONDAY + timedelta(days=1),
    )
    assert Report.objects.get().received_at == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
