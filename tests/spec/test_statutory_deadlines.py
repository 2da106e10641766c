"""Times that laws and standards give, counted over National Day 2026: each line is a fact with its source and a day.

The days were counted by hand on the State Council's calendar of 2026: off from 1 to 7 October; Saturday 10 October is
worked. What starts is received on Monday 28 September at 10:00, unless a line says otherwise.
"""

import csv
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gongzhi.apps.dispatch.clocks.rules import Extended, due_with
from gongzhi.kernel.calendar import Promise, china, due_at

CN = china()
MONDAY = "2026-09-28 10:00"
# domain, key in the list of deadlines, amount, unit, due, source
LAWS = [
    ("hotline", "ay_handle", 5, "workday", "2026-10-10 17:30", "安阳市政务服务条例(2021) 第50条"),
    ("hotline", "ay_return", 24, "hour", "2026-09-29 10:00", "安阳市政务服务条例(2021) 第50条"),
    ("hotline", "ay_bad_rating", 1, "workday", "2026-09-29 17:30", "安阳市政务服务条例(2021) 第52条"),
    ("hotline", "ay_online_check", 1, "workday", "2026-09-29 17:30", "安阳市政务服务条例(2021) 第42条"),
    ("hotline", "jn_handle", 5, "workday", "2026-10-10 17:30", "济南市12345市民服务热线条例(2018)"),
    ("hotline", "wf_handle", 5, "workday", "2026-10-10 17:30", "潍坊市12345政务服务便民热线条例(2021)"),
    ("hotline", "mailbox", 24, "hour", "2026-09-29 10:00", "GB/T 33358-2016"),
    ("petition", "register", 15, "day", "2026-10-13 17:30", "信访工作条例(2022) 第22条"),
    ("petition", "notice", 15, "day", "2026-10-13 17:30", "信访工作条例(2022) 第23条"),
    ("petition", "decide", 60, "day", "2026-11-27 17:30", "信访工作条例(2022) 第34条"),
    ("petition", "review", 30, "day", "2026-10-28 17:30", "信访工作条例(2022) 第35条"),
    ("petition", "rereview", 30, "day", "2026-10-28 17:30", "信访工作条例(2022) 第36条"),
    ("disclosure", "proactive", 20, "workday", "2026-10-30 17:30", "政府信息公开条例(2019) 第26条"),
    ("disclosure", "clarify", 7, "workday", "2026-10-13 17:30", "政府信息公开条例(2019) 第30条"),
    ("disclosure", "third_party", 15, "workday", "2026-10-23 17:30", "政府信息公开条例(2019) 第32条"),
    ("disclosure", "answer", 20, "workday", "2026-10-30 17:30", "政府信息公开条例(2019) 第33条"),
    ("licence", "once", 5, "workday", "2026-10-10 17:30", "行政许可法 第32条"),
    ("licence", "decide", 20, "workday", "2026-10-30 17:30", "行政许可法 第42条"),
    ("licence", "joint", 45, "workday", "2026-12-04 17:30", "行政许可法 第42条"),
    ("licence", "deliver", 10, "workday", "2026-10-16 17:30", "行政许可法 第44条"),
    ("decision", "comment", 30, "day", "2026-10-28 17:30", "重大行政决策程序暂行条例(2019) 第15条"),
    ("decision", "legality", 7, "workday", "2026-10-13 17:30", "重大行政决策程序暂行条例(2019) 第26条"),
    ("mediation", "confirm", 30, "day", "2026-10-28 17:30", "人民调解法 第33条"),
    ("health", "report_A", 2, "hour", "2026-09-28 12:00", "传染病防治法(2025) 第45条"),
    ("health", "report_BC", 24, "hour", "2026-09-29 10:00", "传染病防治法(2025) 第45条"),
    ("health", "cdc_verify", 2, "hour", "2026-09-28 12:00", "传染病防治法(2025) 第49条"),
    ("heating", "test", 24, "hour", "2026-09-29 10:00", "山东省供热条例(2021) 第21条"),
    ("heating", "answer", 3, "day", "2026-10-08 17:30", "山东省供热条例(2021) 第28条"),
    ("heating", "leak", 1, "hour", "2026-09-28 11:00", "滨州市供热条例(2016) 第39条"),
    ("heating", "cold_first10", 5, "hour", "2026-09-28 15:00", "滨州市供热条例(2016) 第39条"),
    ("heating", "cold", 2, "hour", "2026-09-28 12:00", "滨州市供热条例(2016) 第39条"),
    ("owners", "assembly_application", 30, "day", "2026-10-28 17:30", "北京市物业管理条例(2024) 第31条"),
    ("owners", "decision_post", 3, "day", "2026-10-08 17:30", "北京市物业管理条例(2024)"),
    ("owners", "file", 5, "workday", "2026-10-10 17:30", "北京市物业管理条例(2024) 第43条"),
    ("community", "rc_handover", 10, "day", "2026-10-08 17:30", "城市居民委员会组织法(2025) 第25条"),
    ("sharing", "gp_check", 2, "workday", "2026-09-30 17:30", "高平市 2024"),
    ("sharing", "gp_answer", 5, "workday", "2026-10-10 17:30", "高平市 2024"),
]
# Urban management, one city's manual: office hours run only while the office works.
URBAN = [
    ("stop an illegal building", 4, "workhour", MONDAY, "2026-09-28 14:00"),
    ("stop an illegal building", 4, "workhour", "2026-09-30 16:00", "2026-10-08 11:30"),
    ("road cleaning", 2, "workhour", "2026-09-30 16:00", "2026-10-08 09:30"),
    ("road cleaning", 2, "workhour", "2026-10-03 08:00", "2026-10-08 11:00"),
    ("road cleaning", 2, "workhour", "2026-09-28 07:00", "2026-09-28 11:00"),
    ("dirty road", 5, "workhour", "2026-10-10 15:00", "2026-10-12 11:30"),
    ("penalty for an illegal building", 7, "workday", "2026-09-30 16:00", "2026-10-15 17:30"),
    ("demolition", 20, "workday", "2026-09-30 16:00", "2026-11-03 17:30"),
    ("spoil heap", 2, "workday", "2026-09-30 16:00", "2026-10-09 17:30"),
]


def local(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")


@pytest.mark.parametrize(("domain", "key", "amount", "unit", "due", "source"), LAWS)
def test_what_the_law_gives_is_due_on_that_day(
    domain: str, key: str, amount: int, unit: Any, due: str, source: str
) -> None:
    assert due_at(local(MONDAY), Promise(amount, unit), CN) == local(due), (domain, key, source)


@pytest.mark.parametrize(("what", "amount", "unit", "received", "due"), URBAN)
def test_what_an_urban_manual_gives_is_due_then(
    what: str, amount: int, unit: Any, received: str, due: str
) -> None:
    assert due_at(local(received), Promise(amount, unit), CN) == local(due), what


def test_a_pause_over_national_day_pushes_the_end_by_the_office_hours_it_covers() -> None:
    # An expert opinion (administrative licensing law, art. 45) from Wednesday 30 September, noon, to Thursday
    # 8 October, noon: 5.5 h and 3 h of office time, one day of 8.5 h. The holidays between count nothing.
    pause = (local("2026-09-30 12:00"), local("2026-10-08 12:00"))
    for _domain, key, amount, unit, due, _source in LAWS:
        if unit == "workday" and amount >= 5:
            before = due_at(local(MONDAY), Promise(amount, unit), CN)
            assert before == local(due), key
            after = due_at(local(MONDAY), Promise(amount, unit), CN, [pause])
            assert after == due_at(before, Promise(1, "workday"), CN), key
    assert due_at(local(MONDAY), Promise(5, "workday"), CN, [pause]) == local("2026-10-12 17:30")


def test_a_pause_that_lies_within_the_holidays_moves_nothing() -> None:
    pause = (local("2026-09-30 17:30"), local("2026-10-08 09:00"))
    assert due_at(local(MONDAY), Promise(5, "workday"), CN, [pause]) == local("2026-10-10 17:30")
    # Clock hours run through holidays, so a pause holds them up in full.
    held = due_at(local("2026-09-30 16:00"), Promise(24, "hour"), CN, [pause])
    assert held - local("2026-10-01 16:00") == pause[1] - pause[0]


@pytest.mark.parametrize(
    ("amount", "unit", "more", "more_unit", "due"),
    [
        # handle and reply: five working days, with approval five more (Anyang 2021, art. 50)
        (5, "workday", 5, "workday", "2026-10-16 17:30"),
        # petition: sixty days, thirty more (2022, art. 34); day ninety is Sunday 27 December
        (60, "day", 30, "day", "2026-12-28 17:30"),
        # request for information: twenty working days, twenty more (2019, art. 33)
        (20, "workday", 20, "workday", "2026-11-27 17:30"),
        # licence: twenty working days, ten days more (art. 42); day ten is Monday 9 November
        (20, "workday", 10, "day", "2026-11-09 17:30"),
    ],
)
def test_an_extension_is_counted_from_the_day_that_it_extends(
    amount: int, unit: Any, more: int, more_unit: Any, due: str
) -> None:
    first = due_at(local(MONDAY), Promise(amount, unit), CN)
    longer = due_at(first, Promise(more, more_unit), CN)
    assert longer == local(due)
    given = Extended(longer, first - timedelta(days=1))
    assert due_with(local(MONDAY), Promise(amount, unit), CN, [], given) == local(due)


def test_the_figures_are_those_of_the_list_of_standards(shared_data: Path) -> None:
    with (shared_data.parent / "standards" / "deadlines.csv").open(encoding="utf-8") as file:
        known = {(r["domain"], r["key"]): (r["value"], r["unit"]) for r in csv.DictReader(file)}
    assert [known[domain, key] for domain, key, *_rest in LAWS] == [
        (str(amount), unit) for _d, _k, amount, unit, _due, _s in LAWS
    ]
