"""The main job, from the first word to “solved”: what a resident says is read, handed over, answered, rated."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from pictures import boston_office, in_english, live_in_xingfu, photographer
from playwright.sync_api import Browser, expect
from story import (
    DESK,
    PHONE,
    PHONE_NUMBER,
    Pictures,
    Stage,
    answer_task,
    figures_of,
    night_photo,
    open_task,
    open_with_code,
    patched_clock,
    rate,
    row_at_desk,
    say,
)

from gongzhi.apps.actors.public import SYSTEM
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.public import State
from gongzhi.apps.channels.public import ContactView, Notice
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.ledger import public as ledger
from gongzhi.apps.places import public as places
from gongzhi.apps.understanding.public import ModelVersion
from gongzhi.site import installing

ROOT = Path(__file__).resolve().parents[2]
MONDAY_EVENING = datetime(2026, 11, 16, 12, 10, tzinfo=UTC)  # 20:10 in the office
LAMP, LANE = "槐花巷口的路灯坏了三天了，晚上一片黑，老人出门都得摸着走。", "槐花巷口"
SAME_LAMP = "槐花巷的路灯不亮，孩子放学回家看不见路。"
POINT, SAME_POINT = (116.3135, 39.8933), (116.3137, 39.8934)
MENDED = "您好，槐花巷口的路灯已更换光源，今晚已亮。如再不亮，请在本页告诉我们，我们当天再去。"
MENDED_AGAIN = "您好，查明是线路老化。已换新线二十米，连续三晚巡查，灯一直亮着。"
STILL_DARK, WHY_CALL = "昨晚亮了一小时又灭了。", "问清楚是巷口哪一盏灯"


@pytest.fixture(scope="session")
def reading_model(django_db_setup: None, django_db_blocker: Any) -> ModelVersion:
    """A base model trained once from the packs."""
    with django_db_blocker.unblock():
        installing.ensure_base_model()
        return ModelVersion.objects.get(jurisdiction=None, active=True)


@pytest.fixture
def stage(
    reading_model: ModelVersion,
    transactional_db: None,
    live_server: Any,
    browser: Browser,
    launch_browser: Callable[..., Browser],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Stage]:
    """The sub-district of the demonstration with its people, its power list and the trained model; no report yet."""
    clock = patched_clock(monkeypatch, MONDAY_EVENING)
    forget()
    if not ModelVersion.objects.filter(pk=reading_model.pk).exists():  # the last test emptied the tables
        reading_model.save(force_insert=True)
    folder = ROOT / "demo" / "xingfu"
    office = installing.load_territory(folder=folder, by=SYSTEM.ref, at=clock.now(), people=True)
    found = Stage(live_server.url, browser, office, "zh-hans", clock, Pictures("zh-hans"))
    if found.pictures.wanted:
        found.browser = photographer(launch_browser, tmp_path)
        live_in_xingfu(found)
    yield found
    forget()
    assert found.complaints == []


def forget() -> None:
    """Drop what a process keeps of small tables."""
    places.forget_kept()
    dispatch.forget_lines()
    cache.clear()


@pytest.mark.postgres_journey
def test_a_broken_lamp_is_said_read_handed_over_answered_reopened_and_solved(stage: Stage) -> None:
    before = leader_reads(stage)
    first, second = two_residents_speak(stage)
    number = coordinator_decides_and_joins(stage, first, second)
    unit_takes_on_and_answers(stage, number)
    each_reporter_heard(stage, [first, second], MENDED, times=1)
    first_is_not_content(stage, first)
    desk_sees_it_again(stage, number)
    unit_answers_again_and_desk_closes(stage, number)
    each_reporter_heard(stage, [first, second], MENDED_AGAIN, times=2)
    first_is_content(stage, first)
    after = leader_reads(stage)
    gained = {column: after[column] - before[column] for column in after if column != "late"}
    assert gained == {"cases": 1, "open": 0, "answered": 1, "closed": 0, "solved": 1, "reopened": 1}
    the_record_is_whole_until_somebody_touches_it(stage)
    if stage.pictures.wanted:
        in_english(replace(stage, office=boston_office(stage), language="en", pictures=Pictures("en")))


def two_residents_speak(stage: Stage) -> tuple[str, str]:
    """Neither has been here before. One chooses to be reachable and adds a photo, the other says it in a sentence."""
    with stage.window(PHONE) as page:
        page.goto(stage.base)
        expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
        page.get_by_role("link", name=stage.office.name_in("zh-hans")).click()
        first = say(stage, page, LAMP, LANE, POINT, photo=night_photo(), phone=PHONE_NUMBER)
        stage.pictures.take(page, "receipt-phone")
        stage.work()
        page.get_by_role("link", name=stage.says("Open my report")).click()
        expect(page.get_by_text(LAMP)).to_be_visible()
        expect(page.get_by_role("img", name=stage.says("Your photo %(n)s", n=1))).to_be_visible()
    stage.clock.later(minutes=35)
    with stage.window(PHONE) as page:
        page.goto(stage.url(""))
        second = say(stage, page, SAME_LAMP, LANE, SAME_POINT)
    stage.work()
    assert stage.report(first).has_contact and not stage.report(second).has_contact
    return first, second


def coordinator_decides_and_joins(stage: Stage, first: str, second: str) -> str:
    """At the desk: what the program read and why; the unit, its basis, the day; the same lamp twice."""
    t, older, younger = stage.says, stage.case(first).number, stage.case(second).number
    stage.clock.later(hours=11, minutes=50)  # Tuesday, 8:35
    with stage.staff("xietiao", DESK) as desk:
        expect(desk.get_by_role("heading", name=t("Inbox"))).to_be_visible()
        stage.pictures.take(desk, "desk-desk")
        row = row_at_desk(desk, LAMP)
        guess = row.get_by_role("button", name="路灯").first
        expect(guess).to_contain_text("成把握")
        row.locator("a[data-open]").click()
        reading = desk.get_by_role("region", name=t("What it is about"))
        expect(reading).to_contain_text("成把握")
        expect(reading).to_contain_text(f"{t('led by:')} 路灯")
        in_charge = desk.get_by_role("region", name=t("Who handles it, until when"))
        in_charge.get_by_text(t("Why this unit, why this day?")).click()
        stage.pictures.take(desk, "case-desk")
        reading.get_by_role("button", name="路灯").first.click()
        expect(desk.get_by_role("status")).to_contain_text(
            t("Category decided and case handed over by the power list.")
        )
        expect(in_charge).to_contain_text("道路养护所")
        expect(in_charge).to_contain_text("11月19日 周四")  # three working days, the first of them Tuesday
        in_charge.get_by_text(t("Why this unit, why this day?")).click()
        expect(in_charge).to_contain_text("《城市照明管理规定》")
        desk.goto(stage.url("desk/"))
        row_at_desk(desk, SAME_LAMP).locator("a[data-open]").click()
        same = desk.get_by_role("region", name=t("Same matter"))
        expect(same).to_contain_text(LAMP)
        for reason in ("distance", "same place named", "same category"):
            expect(same).to_contain_text(t(reason))
        same.get_by_role("button", name=f"{t('Same: join')} {younger}, {older}").click()
        expect(desk.get_by_role("status")).to_contain_text(
            t("The cases are one now. All reporters will hear of the answer.")
        )
        expect(desk.get_by_role("article").filter(has_text=SAME_LAMP)).to_be_visible()
    stage.work()
    case = stage.case(second)
    assert (case.pk, case.number) == (stage.case(first).pk, older)
    return older


def unit_takes_on_and_answers(stage: Stage, number: str) -> None:
    """The handler of the unit, on a phone: takes it on, asks the reporter back for a reason, answers."""
    t = stage.says
    stage.clock.later(hours=1)
    with stage.staff("shizheng", PHONE) as phone:
        expect(phone.get_by_role("heading", name=t("Today"))).to_be_visible()
        stage.pictures.take(phone, "today-phone")
        open_task(stage, phone, number)
        phone.get_by_role("button", name=t("Take on")).click()
        expect(phone.get_by_role("status")).to_contain_text(
            t("Taken on. The reporter sees that your unit is on it.")
        )
        phone.locator("#contact > summary").click()
        phone.get_by_label(t("What do you need it for?")).fill(WHY_CALL)
        phone.get_by_role("button", name=t("Show the contact")).click()
        expect(phone.get_by_role("link", name=PHONE_NUMBER)).to_be_visible()
        stage.clock.later(hours=8)
        answer_task(stage, phone, MENDED)
    assert ContactView.objects.filter(why=WHY_CALL).count() == 1
    stage.work()


def each_reporter_heard(stage: Stage, codes: list[str], answer: str, times: int) -> None:
    """Everybody who reported it was told of each answer once, and reads it with the own code."""
    for code in codes:
        told = list(Notice.objects.filter(report=stage.report(code)).values_list("about", flat=True))
        assert len(told) == len(set(told)) == times
        with stage.window(PHONE) as page:
            open_with_code(stage, page, code)
            expect(page.get_by_role("region", name=stage.says("The answer"))).to_contain_text(answer)
            expect(page.get_by_text(stage.says_many(
                "%(n)s other person has reported the same; you all hear of the answer.",
                "%(n)s other people have reported the same; you all hear of the answer.", 1,
            ))).to_be_visible()  # fmt: skip


def first_is_not_content(stage: Stage, code: str) -> None:
    """In another browser, by the code: the timeline, the answer, who looked at the contact; then “not solved”."""
    t = stage.says
    stage.clock.later(hours=14)
    with stage.window(PHONE) as page:
        open_with_code(stage, page, code)
        history = page.get_by_role("region", name=t("What has happened"))
        expect(history).to_contain_text(t("Received"))
        for step in ("Handed over to %(unit)s", "%(unit)s has taken it on", "%(unit)s answered"):
            expect(history).to_contain_text(t(step, unit="道路养护所"))
        expect(page.get_by_role("region", name=t("What you said"))).to_contain_text(WHY_CALL)
        expect(page.get_by_text(SAME_LAMP)).to_have_count(0)  # a neighbour's words are the neighbour's
        stage.pictures.take(page, "my-report-phone")
        rate(stage, page, solved=False, satisfaction="2 not satisfied", comment=STILL_DARK)
        expect(page.get_by_role("status")).to_contain_text(
            t("Thank you. It is open again; the unit hears of it and you get a new day here.")
        )
    assert stage.case(code).phase == State.REOPENED
    stage.work()


def desk_sees_it_again(stage: Stage, number: str) -> None:
    """The case is back at the desk with the reporter's own words, and with the unit."""
    with stage.staff("xietiao", DESK) as desk:
        group = desk.get_by_role("region", name=stage.says("Opened again: “not solved”"))
        expect(group).to_contain_text(number)
        expect(group).to_contain_text(STILL_DARK)


def unit_answers_again_and_desk_closes(stage: Stage, number: str) -> None:
    """The unit has it again and answers better; the coordinator closes the case."""
    t = stage.says
    stage.clock.later(hours=5)
    with stage.staff("shizheng", PHONE) as phone:
        open_task(stage, phone, number)
        phone.get_by_role("button", name=t("Take on")).click()
        answer_task(stage, phone, MENDED_AGAIN)
    stage.work()
    with stage.staff("xietiao", DESK) as desk:
        desk.goto(stage.url(f"desk/cases/{number}/"))
        desk.locator("summary", has_text=t("Close the case")).click()
        desk.get_by_role("button", name=t("Close the case")).click()
        expect(desk.get_by_role("status")).to_contain_text(
            t("The case is closed. The reporter can still say that it is not solved.")
        )
    stage.work()


def first_is_content(stage: Stage, code: str) -> None:
    """Solved, says the reporter: five of five."""
    stage.clock.later(hours=20)
    with stage.window(PHONE) as page:
        open_with_code(stage, page, code)
        rate(stage, page, solved=True, satisfaction="5 very satisfied")
        expect(page.get_by_role("status")).to_contain_text(stage.says("Thank you. It is noted as solved."))
        page.goto(stage.url("near/"))
        stage.pictures.take(page, "near-phone")
    case = stage.case(code)
    assert (case.state, case.reopened_count) == (State.SOLVED, 1)
    assert [(r.solved, r.satisfaction) for r in cases.ratings_of(case)] == [(True, 5), (False, 2)]
    stage.work()


def leader_reads(stage: Stage) -> dict[str, int]:
    """The leader’s line about roads and what belongs to them."""
    with stage.staff("lingdao", DESK) as page:
        page.goto(stage.url("figures/"))
        page.get_by_label(stage.says("Cases opened from")).fill("2026-10-19")
        page.get_by_role("button", name=stage.says("Show")).click()
        expect(page.get_by_label(stage.says("Cases opened from"))).to_have_value("2026-10-19")
        stage.pictures.take(page, "figures-desk", top=page.locator("figure, .empty").first)
        return figures_of(page, "道路设施")


def the_record_is_whole_until_somebody_touches_it(stage: Stage) -> None:
    """`gongzhi ledger verify` finds nothing; after one row was changed past the house it names that row."""
    tree = stage.office.code
    ledger.sequence(stage.clock.now())
    verdict = ledger.verify(tree)
    assert verdict.ok and verdict.entries > 10 and verdict.waiting == 0
    looks = ledger.Entry.objects.filter(tree=tree, kind="channels.contact_viewed")
    touched = looks.get().seq
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {ledger.Entry._meta.db_table} SET subject = 'report:0' WHERE tree = %s AND seq = %s",
            [tree, touched],
        )
    changed = ledger.verify(tree)
    assert not changed.ok and changed.first_bad_seq == touched
