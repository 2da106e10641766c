"""Times in a file of tickets: without zone, in Chinese, as spreadsheet serials, days that do not exist."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongzhi.apps.channels.kinds.hotline_file.moments import MomentError, read_moment

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)


def read(cell: str, zone: ZoneInfo = SHANGHAI, formats: tuple[str, ...] = ()) -> datetime:
    return read_moment(cell, formats=formats, zone=zone, at=NOW)


def local(*parts: int, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime(*parts, tzinfo=zone)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        ("2024-03-05 10:20:30", (2024, 3, 5, 10, 20, 30)),
        ("2024-03-05T10:20", (2024, 3, 5, 10, 20)),
        ("2024/3/5 9:05", (2024, 3, 5, 9, 5)),
        ("2024.3.5", (2024, 3, 5)),
        (" 2024-03-05 ", (2024, 3, 5)),
        ("2024-03-05 10:20:30.250000", (2024, 3, 5, 10, 20, 30, 250_000)),
        ("20240305", (2024, 3, 5)),
        ("20240305102030", (2024, 3, 5, 10, 20, 30)),
        ("20240305 1020", (2024, 3, 5, 10, 20)),
        ("2024年3月5日", (2024, 3, 5)),
        ("2024年03月05日 10时20分30秒", (2024, 3, 5, 10, 20, 30)),
        ("2024年3月5日10:20", (2024, 3, 5, 10, 20)),
        ("2024年3月5日下午3点半", (2024, 3, 5, 15, 30)),
        ("2024年3月5日 星期二 上午9时", (2024, 3, 5, 9)),
        ("2024年3月5日(周二) 晚上8点05分", (2024, 3, 5, 20, 5)),
        ("2024年3月5日晚上12点", (2024, 3, 6)),
        ("2024年3月5日中午12点", (2024, 3, 5, 12)),
        ("2024年3月5日凌晨12点10分", (2024, 3, 5, 0, 10)),
        ("2024年12月1号", (2024, 12, 1)),
        ("２０２４－０３－０５　１０：２０", (2024, 3, 5, 10, 20)),
        ("二〇二四年三月五日", (2024, 3, 5)),
        ("二零二四年十一月三十日下午三点二十分", (2024, 11, 30, 15, 20)),
        ("2024-03-05 24:00", (2024, 3, 6)),
        ("2024-03-05 3:05 PM", (2024, 3, 5, 15, 5)),
        ("2024-03-05 12:05 AM", (2024, 3, 5, 0, 5)),
        ("45356", (2024, 3, 5)),
        ("45356.5", (2024, 3, 5, 12)),
        ("45356.43090277778", (2024, 3, 5, 10, 20, 30)),
        ("2024-02-29", (2024, 2, 29)),
    ],
)
def test_a_time_without_zone_is_the_offices(cell: str, meant: tuple[int, ...]) -> None:
    assert read(cell) == local(*meant)
    assert read(cell, zone=NEW_YORK) == local(*meant, zone=NEW_YORK)


@pytest.mark.parametrize(
    "cell", ["2024-03-05T02:20:30Z", "2024-03-05 10:20:30+08:00", "2024-03-05T10:20:30+0800"]
)
def test_a_zone_that_is_written_counts(cell: str) -> None:
    for zone in (SHANGHAI, NEW_YORK):
        assert read(cell, zone=zone) == datetime(2024, 3, 5, 2, 20, 30, tzinfo=UTC)


def test_the_mappings_own_form_is_tried_first() -> None:
    with pytest.raises(MomentError, match="cannot be read"):
        read("05/03/2024 10:20")  # nobody can tell whether it is March or May
    assert read("05/03/2024 10:20", formats=("%d/%m/%Y %H:%M",)) == local(2024, 3, 5, 10, 20)
    assert read("05/03/2024 10:20", formats=("%d.%m.%Y", "%m/%d/%Y %H:%M")) == local(2024, 5, 3, 10, 20)
    assert read("2024-03-05", formats=("%d/%m/%Y",)) == local(2024, 3, 5), "other forms are still read"


@pytest.mark.parametrize(
    "cell",
    [
        "2023-02-29",
        "2100年2月29日",
        "2023/2/29 10:00",
        "20230229",
        "2024-13-01",
        "2024-04-31",
        "2024-3-5 25:10",
    ],
)
def test_a_day_or_hour_that_does_not_exist_is_refused(cell: str) -> None:
    with pytest.raises(MomentError, match="does not exist") as refused:
        read(cell)
    assert refused.value.what_to_do()


def test_a_day_that_does_not_exist_is_refused_in_the_mappings_own_form_too() -> None:
    with pytest.raises(MomentError):
        read("29/02/2023 10:00", formats=("%d/%m/%Y %H:%M",))


@pytest.mark.parametrize(
    "cell", ["昨天", "2024", "3月5日", "10:20", "13800000000", "2024-03", "=NOW()", "-1", "nan"]
)
def test_what_is_no_moment_is_refused(cell: str) -> None:
    with pytest.raises(MomentError):
        read(cell)


def test_the_hour_that_repeats_takes_the_first() -> None:
    # On 2 November 2025 the clocks of New York went from 2:00 summer time back to 1:00.
    assert read("2025-11-02 01:30", zone=NEW_YORK) == datetime(2025, 11, 2, 5, 30, tzinfo=UTC)
    # Shanghai had summer time until 1991: on 15 September the hour from 1 to 2 came twice.
    first = local(1991, 9, 15, 1, 30)
    assert first.utcoffset() == timedelta(hours=9)
    assert read("1991-09-15 01:30") == first.astimezone(UTC)


def test_the_hour_that_summer_time_leaves_out_is_the_one_after_it() -> None:
    assert read("2025-03-09 02:30", zone=NEW_YORK) == datetime(2025, 3, 9, 7, 30, tzinfo=UTC)


def test_the_future_and_the_time_before_1990_are_refused() -> None:
    with pytest.raises(MomentError, match="future"):
        read("2026-11-18")
    assert read("2026-11-17 08:59") == local(2026, 11, 17, 8, 59), "clocks may differ by a day"
    for cell in ("1989-12-31", "1900-01-01", "0001-01-01", "32000"):
        with pytest.raises(MomentError, match="1990"):
            read(cell)


@given(st.text(max_size=30) | st.from_regex(r"\d{1,4}[-/年.]\d{1,2}[-/月.]\d{1,2}.{0,12}", fullmatch=True))
def test_any_cell_is_read_or_refused_never_a_crash(cell: str) -> None:
    try:
        moment = read(cell)
    except MomentError:
        return
    assert datetime(1990, 1, 1, tzinfo=UTC) <= moment <= NOW + timedelta(days=1)


@given(st.datetimes(datetime(1992, 1, 1), datetime(2026, 11, 15)), st.sampled_from([SHANGHAI, NEW_YORK]))  # noqa: DTZ001
def test_a_serial_and_the_written_form_mean_the_same(moment: datetime, zone: ZoneInfo) -> None:
    moment = moment.replace(microsecond=0)
    days = (moment - datetime(1899, 12, 30)) / timedelta(days=1)  # noqa: DTZ001
    assert read(repr(days), zone=zone) == read(moment.isoformat(" "), zone=zone)
