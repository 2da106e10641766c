"""Who plays in the journey and how: browsers of residents and staff, what they do there, the pictures taken of it.

Interface words are looked up in the catalogues by their English original, so that a better translation breaks no
test; what people say is written here.
"""

import io
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.utils.translation import gettext, ngettext, override
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.public import Case
from gongzhi.apps.channels.public import Report, report_by_code
from gongzhi.apps.places.public import Jurisdiction
from gongzhi.kernel import clock, worker
from gongzhi.site.installing import DEMO_PASSWORD

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
LOCALES = {"zh-hans": "zh-CN", "zh-hant": "zh-TW", "en": "en-US"}
# Every picture in the window is there.
SHOWN = "[...document.images].every(i => i.complete || i.getBoundingClientRect().top > innerHeight)"
CODE = re.compile(r"[0-9A-Z]{5}-[0-9A-Z]{4}-[0-9A-Z]{4}")
PHONE_NUMBER = "138 0000 0000"  # nobody's


class StoryClock:
    """The house's clock while the story is told: it stands until somebody moves it."""

    def __init__(self, now: datetime) -> None:
        self.at = now

    def now(self) -> datetime:
        """This moment of the story."""
        return self.at

    def later(self, **span: float) -> None:
        """Let time pass: `hours=2`, `minutes=20`."""
        self.at += timedelta(**span)


class Pictures:
    """Takes pictures for the README where GONGZHI_PICTURES names a folder; else does nothing."""

    COLOURS = 128

    def __init__(self, language: str) -> None:
        self.folder = os.environ.get("GONGZHI_PICTURES", "")
        self.language = language

    @property
    def wanted(self) -> bool:
        """Whether pictures are made at all."""
        return bool(self.folder)

    def take(self, page: Page, name: str, *, top: Locator | None = None) -> None:
        """Save what the window shows, with `top` at its upper edge, in few colours."""
        if not self.wanted:
            return
        if top is not None:
            top.evaluate(
                "e => window.scrollTo({top: e.getBoundingClientRect().top + scrollY - 10, behavior: 'instant'})"
            )
        page.wait_for_function(SHOWN)
        Path(self.folder).mkdir(parents=True, exist_ok=True)
        shot = Image.open(io.BytesIO(page.screenshot(animations="disabled", caret="hide")))
        few = shot.convert("RGB").quantize(self.COLOURS, dither=Image.Dither.NONE)
        few.save(Path(self.folder) / f"{self.language.split('-')[0]}-{name}.png", optimize=True)


@dataclass
class Stage:
    """Where the story is played: the running site, its office, the language, the clock, all browsers that were open."""

    base: str
    browser: Browser
    office: Jurisdiction
    language: str
    clock: StoryClock
    pictures: Pictures
    complaints: list[str] = field(default_factory=list)

    def says(self, msgid: str, **values: Any) -> str:
        """What the interface says for this English original."""
        with override(self.language):
            found = gettext(msgid)
        assert self.language == "en" or found != msgid, f"not in the catalogue: {msgid}"
        return found % values if values else found

    def says_many(self, one: str, many: str, n: int) -> str:
        """What the interface says for a number of things."""
        with override(self.language):
            return ngettext(one, many, n) % {"n": n}

    def url(self, path: str) -> str:
        """The address of a page of the office."""
        return f"{self.base}/{self.office.code}/{path}"

    @contextmanager
    def window(self, size: Any) -> Iterator[Page]:
        """A browser of somebody's own, in the story's language; what is wrong with its pages is noted."""
        context = self.browser.new_context(
            viewport=size,
            locale=LOCALES[self.language],
            device_scale_factor=2 if self.pictures.wanted and size is PHONE else 1,
        )
        self._listen(context)
        yield context.new_page()
        context.close()

    def _listen(self, context: BrowserContext) -> None:
        context.on("weberror", lambda e: self.complaints.append(str(e.error)))
        context.on(
            "console",
            lambda m: self.complaints.append(m.text) if "Content Security Policy" in m.text else None,
        )

    @contextmanager
    def staff(self, username: str, size: Any) -> Iterator[Page]:
        """Somebody of the staff, signed in through the form; signs out in the end."""
        with self.window(size) as page:
            page.goto(f"{self.base}/sign-in/")
            page.get_by_role("textbox", name=self.says("User name")).fill(username)
            page.get_by_role("textbox", name=self.says("Password")).fill(DEMO_PASSWORD)
            page.get_by_role("button", name=self.says("Sign in"), exact=True).click()
            yield page
            page.get_by_role("button", name=self.says("Sign out")).click()
            expect(page.get_by_role("link", name=self.says("Staff sign-in"))).to_be_visible()

    def work(self) -> None:
        """The worker carries out all that waits."""
        worker.drain()

    def report(self, code: str) -> Report:
        """The report of a code."""
        found = report_by_code(self.office, code)
        assert found is not None
        return found

    def case(self, code: str) -> Case:
        """The case that a code's report is in now."""
        found = cases.case_of(self.report(code))
        assert found is not None
        return found


def night_photo() -> dict[str, Any]:
    """A photo of a dark lane with a lamp that gives no light, drawn here."""
    picture = Image.new("RGB", (960, 720))
    draw = ImageDraw.Draw(picture)
    for y in range(720):
        draw.line((0, y, 960, y), fill=(14 + y // 40, 18 + y // 36, 34 + y // 24))
    draw.rectangle((0, 250, 300, 560), fill=(24, 28, 42))
    draw.rectangle((640, 180, 960, 560), fill=(20, 24, 38))
    for x, y in ((60, 300), (180, 380), (720, 260), (860, 420)):
        draw.rectangle((x, y, x + 44, y + 56), fill=(196, 158, 88))
    draw.polygon(((0, 720), (380, 540), (580, 540), (960, 720)), fill=(38, 41, 50))
    draw.line((470, 600, 470, 170), fill=(9, 10, 14), width=16)
    draw.line((470, 176, 590, 150), fill=(9, 10, 14), width=12)
    draw.ellipse((560, 138, 640, 172), fill=(58, 62, 70))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=88)
    return {"name": "lamp.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def tap_map(page: Page, lon: float, lat: float) -> None:
    """Tap the point on the map of the form."""
    tapped = page.locator("[data-map-pick]")
    edge = [
        float(tapped.get_attribute(f"data-{name}") or "")
        for name in ("min-lon", "min-lat", "max-lon", "max-lat")
    ]
    tapped.scroll_into_view_if_needed()
    box = tapped.bounding_box()
    assert box is not None
    x = (lon - edge[0]) / (edge[2] - edge[0]) * box["width"]
    y = (edge[3] - lat) / (edge[3] - edge[1]) * box["height"]
    tapped.click(position={"x": x, "y": y})


def say(
    stage: Stage,
    page: Page,
    text: str,
    place: str,
    point: tuple[float, float],
    *,
    photo: dict[str, Any] | None = None,
    phone: str = "",
) -> str:
    """Fill in the form and send it. Returns the code of the receipt."""
    t = stage.says
    page.get_by_role("main").get_by_role("link", name=t("Say something")).click()
    page.get_by_label(t("What is it about?")).fill(text)
    page.get_by_label(t("Where is it?")).fill(place)
    if phone:
        page.get_by_role("heading", level=1).click()  # no field is framed in the picture
        stage.pictures.take(page, "say-phone")
        page.locator("summary", has_text=t("Shall we be able to reach you? (optional)")).click()
        page.get_by_label(t("Phone")).fill(phone)
    if photo:
        page.locator("#id_photos").set_input_files(photo)
    page.locator("summary", has_text=t("Show it on the map")).click()
    tap_map(page, *point)
    expect(page.get_by_text(t("Place chosen on the map."))).to_be_visible()
    page.get_by_role("button", name=t("Send")).click()
    expect(page.get_by_role("heading", name=t("We have your report"))).to_be_visible()
    expect(page.get_by_role("img", name=t("QR code that opens your report on another phone"))).to_be_visible()
    code = page.locator(".code").inner_text()
    assert CODE.fullmatch(code) and code not in page.url
    return code


def open_with_code(stage: Stage, page: Page, code: str) -> None:
    """Type the code on “My report”."""
    page.goto(stage.url(""))
    page.get_by_role("main").get_by_role("link", name=stage.says("My report")).click()
    page.get_by_label(stage.says("Tracking code")).fill(code.lower().replace("-", " "))
    page.get_by_role("button", name=stage.says("Open my report")).click()
    expect(page.get_by_role("heading", name=stage.says("What has happened"))).to_be_visible()


def rate(stage: Stage, page: Page, *, solved: bool, satisfaction: str, comment: str = "") -> None:
    """Say what one thinks of the answer."""
    t = stage.says
    page.get_by_role("group", name=t("Is it solved?")).get_by_label(
        t("Yes" if solved else "No"), exact=True
    ).check()
    page.get_by_role("group", name=t("How satisfied are you with the handling?")).get_by_label(
        t(satisfaction)
    ).check()
    page.get_by_label(t("What would you like to say about it?")).fill(comment)
    page.get_by_role("region", name=t("What do you say?")).get_by_role("button", name=t("Send")).click()


def row_at_desk(page: Page, words: str) -> Locator:
    """The line of the inbox with these words."""
    found = page.locator("[data-row]").filter(has_text=words)
    expect(found).to_have_count(1)
    return found


def open_task(stage: Stage, page: Page, number: str) -> None:
    """Open the case from the list of today."""
    page.goto(stage.url("today/"))
    page.locator(".tasks a.item").filter(has_text=number).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(number)


def answer_task(stage: Stage, page: Page, text: str) -> None:
    """Give the answer on the task's page."""
    page.get_by_label(stage.says("Answer to the reporters")).fill(text)
    page.get_by_role("button", name=stage.says("Give the answer")).click()
    expect(page.get_by_role("status")).to_contain_text(
        stage.says("The answer was given. Every reporter of this case hears of it.")
    )


def figures_of(page: Page, name: str) -> dict[str, int]:
    """The counts of one line of the table of figures, zero where there is no such line."""
    columns = ("cases", "open", "late", "answered", "closed", "solved", "reopened")
    row = page.locator("table.figures tbody tr").filter(
        has=page.get_by_role("rowheader", name=name, exact=True)
    )
    if not row.count():
        return dict.fromkeys(columns, 0)
    cells = row.locator("td:not(.bar-cell)").all_inner_texts()
    return {column: int(cell) for column, cell in zip(columns, cells, strict=False)}


def patched_clock(monkeypatch: Any, now: datetime) -> StoryClock:
    """The house's clock, replaced by one that stands."""
    found = StoryClock(now)
    monkeypatch.setattr(clock, "now", found.now)
    return found
