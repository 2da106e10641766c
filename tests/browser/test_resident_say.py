"""Say something: on a phone, with and without JavaScript, with all that can go wrong."""

import io
import re
from typing import Any

import pytest
from cast import Cast
from django.test import Client
from PIL import Image
from playwright.sync_api import Page, expect

from gongzhi.apps.channels.public import Contact, Photo, Report, report_by_code
from gongzhi.apps.places.public import Jurisdiction
from gongzhi.site.pages.resident.say import emergency_number

POTHOLE = "学校门口的路面有个大坑，下雨天电动车摔倒两次了。"
CODE = re.compile(r"[0-9A-Z]{5}-[0-9A-Z]{4}-[0-9A-Z]{4}")


def picture(width: int = 40, height: int = 30) -> bytes:
    """A small JPEG."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(out, "JPEG")
    return out.getvalue()


def fields(client: Client, **more: Any) -> dict[str, Any]:
    """What the form sends, with a token of a freshly shown form."""
    page = client.get("/river/say/").content.decode()
    token = re.search(r'name="form_token" value="([^"]+)"', page)
    assert token is not None
    return {"form_token": token[1], "text": POTHOLE, "place_words": "", "area": "", **more}


def test_a_report_is_filed_on_a_phone(cast: Cast, live_server: Any, page: Page) -> None:
    page.goto(f"{live_server.url}/river/")
    page.get_by_role("main").get_by_role("link", name="Say something").click()
    page.get_by_label("What is it about?").fill(POTHOLE)
    page.get_by_label("Where is it?").fill("学校门口")
    page.get_by_text("Show it on the map").click()
    page.locator("[data-map-pick]").click(position={"x": 200, "y": 100})
    expect(page.get_by_text("Place chosen on the map.")).to_be_visible()
    page.get_by_role("button", name="Send").click()

    expect(page.get_by_role("heading", name="We have your report")).to_be_visible()
    code = page.locator(".code").inner_text()
    assert CODE.fullmatch(code)
    assert code not in page.url
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    report = report_by_code(cast.office, code)
    assert report is not None and report.text == POTHOLE and report.place_words == "学校门口"
    assert report.lon is not None and 120.0 <= report.lon <= 120.04
    assert report.area is not None

    page.get_by_role("link", name="Open my report").click()
    expect(page.get_by_text(POTHOLE)).to_be_visible()


def test_a_report_is_filed_without_javascript(
    cast: Cast, live_server: Any, page_without_script: Page
) -> None:
    page = page_without_script
    page.goto(f"{live_server.url}/river/say/")
    page.get_by_label("What is it about?").fill(POTHOLE)
    page.get_by_label("In which part?").select_option(label="East")
    page.locator("#id_photos").set_input_files(
        {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture()}
    )
    page.get_by_text("Shall we be able to reach you?").click()
    page.get_by_label("Phone").fill("138 0000 0000")
    page.get_by_role("button", name="Send").click()
    code = page.locator(".code").inner_text()
    report = report_by_code(cast.office, code)
    assert report is not None and report.area == cast.east
    assert Photo.objects.filter(report=report).count() == 1
    assert Contact.objects.get(report=report).phone == "138 0000 0000"


def test_danger_words_are_answered_while_typing_and_on_the_receipt(
    cast: Cast, live_server: Any, page: Page
) -> None:
    page.goto(f"{live_server.url}/river/say/")
    page.get_by_label("What is it about?").press_sequentially("楼道里有很浓的煤气味，燃气泄漏了")
    expect(page.get_by_role("alert", name="Danger")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("Call 11"))).to_be_visible()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="We have your report")).to_be_visible()
    expect(page.get_by_role("alert", name="Danger")).to_be_visible()


@pytest.mark.parametrize(
    ("numbers", "wanted", "call"),
    [
        ({"fire": "119", "medical": "120"}, "fire", "119"),
        ({"fire": "119", "medical": "120"}, "120", "120"),
        ({"police": "911", "fire": "911"}, "119", "911"),
        ({"all": "112", "police": "110"}, "119", "112"),
        ({}, "119", "119"),
        ({}, "fire", ""),
    ],
)
def test_the_number_to_call_is_the_one_that_works_here(
    numbers: dict[str, str], wanted: str, call: str
) -> None:
    assert emergency_number(Jurisdiction(emergency=numbers), wanted) == call


def test_an_empty_form_names_the_field_and_keeps_the_rest(cast: Cast, live_server: Any, page: Page) -> None:
    page.goto(f"{live_server.url}/river/say/")
    page.get_by_label("Where is it?").fill("幸福路 12 号")
    page.get_by_role("button", name="Send").click()
    summary = page.locator("#errors")
    expect(summary).to_be_focused()
    summary.get_by_role("link").first.click()
    expect(page.get_by_label("What is it about?")).to_be_focused()
    expect(page.get_by_label("Where is it?")).to_have_value("幸福路 12 号")
    assert Report.objects.count() == 0


def test_the_same_form_sent_twice_is_one_report_with_one_code(cast: Cast) -> None:
    client = Client()
    sent = fields(client)
    codes = []
    for _ in range(2):
        assert client.post("/river/say/", sent).status_code == 302
        found = CODE.search(client.get("/river/say/done/").content.decode())
        assert found is not None
        codes.append(found[0])
    assert codes[0] == codes[1]
    assert Report.objects.count() == 1
    assert report_by_code(cast.office, codes[0]) is not None
    other = Client()
    other.post("/river/say/", fields(other))
    found = CODE.search(other.get("/river/say/done/").content.decode())
    assert found is not None and found[0] != codes[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "One sentence is enough."),
        ("字" * 5_001, "longer than 5000 characters"),
        ("long words " * 10_000, "longer than 5000 characters"),
        ("PK\x03\x04\x00\x00\x00\x08", "content of a file"),
        ("\x01\x02\x03\x04words", "content of a file"),
    ],
)
def test_words_that_cannot_be_taken_are_kept_and_explained(cast: Cast, text: str, said: str) -> None:
    client = Client(headers={"accept-language": "en"})
    answer = client.post("/river/say/", fields(client, text=text, place_words="门口"))
    page = answer.content.decode()
    assert answer.status_code == 400
    assert said in page and 'value="门口"' in page
    assert text.strip("\x00")[:100] in page
    assert Report.objects.count() == 0


def test_swapped_coordinates_are_turned_and_offered(cast: Cast) -> None:
    client = Client(headers={"accept-language": "en"})
    answer = client.post("/river/say/", fields(client, lon="30.01", lat="120.03"))
    page = answer.content.decode()
    assert answer.status_code == 400 and "the wrong way round" in page
    assert 'name="lon" value="120.03"' in page and 'name="lat" value="30.01"' in page


@pytest.mark.parametrize(("lon", "lat"), [("2.35", "48.85"), ("nan", "30"), ("120.03", ""), ("x", "y")])
def test_a_point_elsewhere_is_refused(cast: Cast, lon: str, lat: str) -> None:
    client = Client(headers={"accept-language": "en"})
    answer = client.post("/river/say/", fields(client, lon=lon, lat=lat))
    assert answer.status_code == 400
    assert POTHOLE in answer.content.decode()
    assert Report.objects.count() == 0


def test_a_photo_that_is_too_large_is_left_out_and_the_words_are_kept(cast: Cast) -> None:
    client = Client(headers={"accept-language": "en"})
    large = io.BytesIO(b"\xff\xd8" + bytes(50 * 1024 * 1024))
    large.name = "large.jpg"
    answer = client.post("/river/say/", fields(client, photos=large))
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "A photo was too large" in page and POTHOLE in page


def test_a_photo_that_is_too_large_is_named_before_it_is_sent(
    cast: Cast, live_server: Any, page: Page, settings: Any
) -> None:
    settings.PHOTO_MAX_BYTES = 2 * 1024 * 1024
    page.goto(f"{live_server.url}/river/say/")
    page.get_by_label("What is it about?").fill(POTHOLE)
    large = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": bytes(3 * 1024 * 1024)}
    page.locator("#id_photos").set_input_files(large)
    expect(page.get_by_text("at most 2 MB each", exact=False).last).to_be_visible()
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#id_photos")).to_be_focused()
    assert page.url.endswith("/say/") and Report.objects.count() == 0
    page.locator("#id_photos").set_input_files([])
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="We have your report")).to_be_visible()


def test_far_too_much_is_refused_before_it_is_read(cast: Cast, settings: Any) -> None:
    settings.REQUEST_MAX_BYTES = 10_000
    client = Client(headers={"accept-language": "en"})
    large = io.BytesIO(b"0" * 30_000)
    large.name = "photo.jpg"
    answer = client.post("/river/say/", fields(client, photos=large))
    assert answer.status_code == 413
    assert "too much at once" in answer.content.decode()


def test_a_script_named_photo_is_not_taken(cast: Cast) -> None:
    client = Client(headers={"accept-language": "en"})
    script = io.BytesIO(b"#!/bin/sh\necho hello\n")
    script.name = "photo.jpg"
    answer = client.post("/river/say/", fields(client, photos=script))
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "not a photo that can be opened" in page
    assert "choose them again" in page
    assert Report.objects.count() == 0


def test_four_photos_are_one_too_many(cast: Cast) -> None:
    client = Client(headers={"accept-language": "en"})
    files = []
    for n in range(4):
        file = io.BytesIO(picture(20 + n))
        file.name = f"{n}.jpg"
        files.append(file)
    answer = client.post("/river/say/", fields(client, photos=files))
    assert answer.status_code == 400
    assert "at most" in answer.content.decode()


def test_only_the_reporter_sees_the_photo(cast: Cast) -> None:
    client = Client()
    photo = io.BytesIO(picture())
    photo.name = "a.jpg"
    client.post("/river/say/", fields(client, photos=photo))
    stored = Photo.objects.get()
    assert client.get(f"/river/photos/{stored.pk}.jpg").status_code == 200
    assert Client().get(f"/river/photos/{stored.pk}.jpg").status_code == 404


def test_the_form_needs_its_token_against_forgery(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post("/river/say/", {"text": POTHOLE}).status_code == 403
    assert Report.objects.count() == 0


def test_the_receipt_is_only_in_the_browser_that_filed(cast: Cast) -> None:
    client = Client()
    client.post("/river/say/", fields(client))
    assert client.get("/river/say/done/").status_code == 200
    assert Client().get("/river/say/done/").headers["Location"] == "/river/say/"
