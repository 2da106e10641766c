"""What the pictures of the README need besides the journey: an office with a past, and a short pass in English."""

import os
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, expect
from story import DESK, PHONE, PHONE_NUMBER, Stage, answer_task, open_task, open_with_code, say

from gongzhi.apps.actors import public as actors
from gongzhi.apps.actors.public import RESIDENT, SYSTEM, Actor
from gongzhi.apps.channels import public as channels
from gongzhi.apps.channels.public import NewReport
from gongzhi.apps.places.public import Jurisdiction, calendar_of
from gongzhi.kernel import worker
from gongzhi.site import installing
from gongzhi.site.demo import boston
from gongzhi.site.demo.playing import Player
from gongzhi.site.demo.story import Message, read_messages, story

DEMO = Path(__file__).resolve().parents[2] / "demo"
NEW_YEAR = datetime(
    2012, 1, 3, 14, 40, tzinfo=UTC
)  # Tuesday, 9:40 in Boston, just after the half year of the data
FOUR_WEEKS = timedelta(days=27)
YOUNG, SIX_DAYS = timedelta(days=4), timedelta(days=6)
FEW = 6  # of the youngest whose life is not told one in so many, else the desk is overrun
FORM_WORDS = re.compile("Graffiti|Heat")
EVERY = 25  # of the newest 5,000 requests of Boston
SAID_IN_BOSTON = (
    (
        "Rats behind the restaurants on Hanover Street every evening, the bins are never closed.",
        "Hanover Street",
    ),
    ("Two cars without plates have stood on Bowen Street since Thanksgiving.", "Bowen Street"),
    ("Is there a winter schedule for the library on Boylston Street?", ""),
    ("The crossing at Dudley Street turns red before my mother is halfway over.", "Dudley Street"),
)
TRASH = "The trash on Green Street has not been picked up since Friday. The bags are torn open all over the sidewalk."
SAME_TRASH = "Trash bags still on the sidewalk on Green Street, nobody has collected them for days."
CORNER, SAME_CORNER, WHERE = (-71.1098, 42.3117), (-71.1096, 42.3118), "Green Street, near Centre Street"
COLLECTED = (
    "Thank you for telling us. The truck had been turned away by a moving van on Friday. "
    "Our crew collected the bags this afternoon and swept the sidewalk. The next pick-up is this Friday."
)


# Where the machine has no interface font, English would be drawn in a wide one of last resort.
FONTS = """<fontconfig><include ignore_missing="yes">/etc/fonts/fonts.conf</include>
<match><test name="family"><string>DejaVu Sans</string></test>
<edit name="family" mode="prepend" binding="strong"><string>Noto Sans CJK KR</string></edit></match>
<match><test name="family"><string>system-ui</string></test>
<edit name="family" mode="prepend" binding="strong"><string>Noto Sans CJK KR</string></edit></match></fontconfig>"""


def photographer(launch: Callable[..., Browser], folder: Path) -> Browser:
    """A browser with a decent font for English."""
    fonts = folder / "fonts.conf"
    fonts.write_text(FONTS, encoding="utf-8")
    return launch(env={**os.environ, "FONTCONFIG_FILE": str(fonts)})


def desk_of(office: Jurisdiction, username: str, at: datetime) -> Actor:
    """The coordinator as an actor."""
    user = next(g.user for g in actors.grants(office, at) if g.user.username == username)
    return actors.actor_of(user=user, jurisdiction=office, at=at)


def live_in_xingfu(stage: Stage) -> None:
    """The newest messages of the demonstration are said and handled, up to now."""
    office, now = stage.office, stage.clock.now()
    every = read_messages(DEMO / "xingfu" / "messages.jsonl", now, calendar_of(office))
    recent = [m for m in every if now - FOUR_WEEKS < m.at < now]
    chosen = {
        m.id
        for n, m in enumerate(recent)
        if _answered(m, now) or (m.at > now - YOUNG and (m.outcome or n % FEW == 0))
    }
    told = [m for m in recent if m.id in chosen and (m.same_as is None or m.same_as in chosen)]
    player = Player(office, desk_of(office, "xietiao", now), now)
    for happening in story(told, now):
        player.play(happening)
    worker.drain()


def _answered(message: Message, now: datetime) -> bool:
    """Whether the message's life is told to an answer that has been given by now."""
    given = [message.at + timedelta(hours=s["after_h"]) for s in message.outcome if s["do"] == "answer"]
    return any(at < now for at in given)


def _fits(row: dict[str, Any], now: datetime) -> bool:
    """Left out: what was late for long, where the city wrote down no place, and what is always the same two words.

    So few requests would not tell the program that the words are a form's and say nothing about sameness.
    """
    lon, lat = row["longitude"] or 0.0, row["latitude"] or 0.0
    known = abs(lon + 71.0587) + abs(lat - 42.3594) > 2e-4 and not FORM_WORDS.search(row["type"])
    ended = row["closed_dt"] is not None and row["closed_dt"] < now
    return known and (ended or row["open_dt"] > now - SIX_DAYS)


def boston_office(stage: Stage) -> Jurisdiction:
    """Boston with some of its real requests, and a few words that residents might write."""
    stage.clock.at = NEW_YEAR
    now = stage.clock.now()
    office = installing.load_territory(folder=DEMO / "boston", by=SYSTEM.ref, at=now, people=True)
    desk = desk_of(office, "boston_coordinator", now)
    rows = [
        row
        for row in boston.read_requests(DEMO / "boston", full=False)
        if _fits(row, now.replace(tzinfo=None))
    ][::EVERY]
    boston.import_requests(jurisdiction=office, rows=rows, by=desk, at=now, progress=lambda n: None)
    worker.drain()
    ended = [row for row in rows if row["closed_dt"] and row["closed_dt"] < now.replace(tzinfo=None)]
    boston.end_as_they_did(jurisdiction=office, rows=ended, by=desk, progress=lambda n: None)
    for text, place in SAID_IN_BOSTON:
        new = NewReport(text=text, place_words=place)
        channels.receive_report(jurisdiction=office, channel="web", new=new, by=RESIDENT, at=now)
        stage.clock.later(minutes=11)
    worker.drain()
    return office


def in_english(stage: Stage) -> None:
    """Trash left lying in Boston, as far as the answer; a picture of each page."""
    t, take = stage.says, stage.pictures.take
    with stage.window(PHONE) as page:
        page.goto(stage.url(""))
        code = say(stage, page, TRASH, WHERE, CORNER, phone=PHONE_NUMBER)
        take(page, "receipt-phone")
    stage.clock.later(minutes=25)
    twin = NewReport(text=SAME_TRASH, place_words=WHERE, lon=SAME_CORNER[0], lat=SAME_CORNER[1])
    channels.receive_report(
        jurisdiction=stage.office, channel="web", new=twin, by=RESIDENT, at=stage.clock.now()
    )
    stage.work()
    number = stage.case(code).number
    with stage.staff("boston_coordinator", DESK) as desk:
        take(desk, "desk-desk")
        desk.goto(stage.url(f"desk/cases/{number}/"))
        desk.get_by_text(t("Why this unit, why this day?")).click()
        take(desk, "case-desk")
        desk.get_by_role("region", name=t("What it is about")).get_by_role("button").first.click()
        expect(desk.get_by_role("status")).to_be_visible()
        desk.goto(stage.url("desk/"))
        desk.locator("[data-row]").filter(has_text=SAME_TRASH[:40]).locator("a[data-open]").click()
        desk.get_by_role("button", name=t("Same: join")).first.click()
        expect(desk.get_by_role("status")).to_be_visible()
    stage.work()
    stage.clock.later(hours=1)
    with stage.staff("boston_pwd", PHONE) as phone:
        take(phone, "today-phone")
        open_task(stage, phone, number)
        phone.get_by_role("button", name=t("Take on")).click()
        stage.clock.later(hours=6)
        answer_task(stage, phone, COLLECTED)
    stage.work()
    with stage.window(PHONE) as page:
        open_with_code(stage, page, code)
        take(page, "my-report-phone")
        page.goto(stage.url("near/"))
        take(page, "near-phone")
    with stage.staff("boston_leader", DESK) as page:
        page.goto(stage.url("figures/"))
        take(page, "figures-desk", top=page.get_by_role("figure"))
