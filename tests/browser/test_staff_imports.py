"""Import: a dry run first, then for real; a second time nothing is new; refused rows come back as a file."""

import csv
import io
import os
from pathlib import Path
from typing import Any

import pytest
from cast import MONDAY, Cast
from page_checks import check_page
from playwright.sync_api import Page, expect
from staff import client_of, sign_in

from gongzhi.apps.channels.public import ImportRun, Report
from gongzhi.scenarios.loader import scenario_for


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> Path:
    """Uploads wait in a folder of the test."""
    settings.DATA_ROOT = tmp_path
    return tmp_path / "imports"


def tickets(cast: Cast, *rows: tuple[str, str, str]) -> bytes:
    """A file as the first mapping of the office's packs wants it: number, time, words."""
    mapping = scenario_for(tuple(cast.office.packs)).entries("mappings/*.toml")[0]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([mapping.external_key[0], mapping.received_at[0], mapping.text[0]])
    writer.writerows(rows)
    return out.getvalue().encode()


GOOD = (("RX-1", "2026-11-10 08:30", "路灯不亮了"), ("RX-2", "2026-11-10 09:00", "小区门口堆满垃圾"))
BAD = ("", "2026-11-11 10:00", "没有编号的一行")


def choose(page: Page, base: str, content: bytes, name: str = "热线 11月.csv") -> None:
    """Choose the file and look at the dry run."""
    page.goto(f"{base}/river/setup/imports/")
    page.get_by_label("File of tickets").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": content}
    )
    if page.get_by_label("Where it comes from").input_value() == "":
        page.get_by_label("Where it comes from").select_option(index=1)
    page.get_by_role("button", name="See what would come in").click()
    expect(page.get_by_role("heading", name="What would come in")).to_be_visible()


def test_a_file_comes_in_after_a_dry_run_and_only_once(
    cast: Cast, live_server: Any, page: Page, own_folder: Path
) -> None:
    sign_in(page, live_server.url, cast.admin)
    content = tickets(cast, *GOOD, BAD)
    choose(page, live_server.url, content)
    result = page.get_by_role("region", name="What would come in")
    expect(result).to_contain_text("Nothing has been brought in yet.")
    assert Report.objects.count() == 0
    with page.expect_download() as download:
        result.get_by_role("link", name="Download the refused rows").click()
    refused = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert "没有编号的一行" in refused and "路灯" not in refused

    result.get_by_role("button", name="Bring in 2 reports").click()
    expect(page.get_by_text("2 reports were brought in.")).to_be_visible()
    assert {r.external_key for r in Report.objects.all()} == {"RX-1", "RX-2"}
    history = page.get_by_role("region", name="Earlier imports")
    expect(history.get_by_role("row", name="brought in")).to_contain_text("热线_11月.csv")
    assert [path.name for path in own_folder.glob("*/*")] == ["refused.csv"]  # the words do not stay about

    choose(page, live_server.url, tickets(cast, *GOOD))
    expect(page.get_by_text("All of them are here already.")).to_be_visible()
    expect(page.get_by_role("button", name="Bring in")).to_have_count(0)
    assert Report.objects.count() == 2


def test_a_file_that_cannot_be_read_is_refused_with_words(cast: Cast) -> None:
    client = client_of(cast.admin)
    key = scenario_for(tuple(cast.office.packs)).entries("mappings/*.toml")[0].key
    for name, content, said in (
        (None, b"", "Please choose a file."),
        ("a.exe", b"MZ", "This kind of file cannot be read."),
        ("a.csv", b"", ""),
        ("a.csv", "甲,乙\n1,2\n".encode(), ""),
        ("a.xlsx", b"no workbook", ""),
    ):
        file = io.BytesIO(content)
        file.name = name or ""
        answer = client.post("/river/setup/imports/", {"mapping": key} | ({"file": file} if name else {}))
        assert answer.status_code == 400, name
        assert said in answer.content.decode() and 'role="alert"' in answer.content.decode()
    unsaid = client.post("/river/setup/imports/", {"mapping": ""})
    assert unsaid.status_code == 400 and "Please choose where the file comes from." in unsaid.content.decode()
    assert client.post("/river/setup/imports/", {"apply": "x"}).status_code == 400
    assert ImportRun.objects.count() == 0


def test_a_dry_run_is_brought_in_while_its_file_is_there(cast: Cast, own_folder: Path) -> None:
    client = client_of(cast.admin)
    key = scenario_for(tuple(cast.office.packs)).entries("mappings/*.toml")[0].key

    def upload(content: bytes) -> ImportRun:
        file = io.BytesIO(content)
        file.name = "a.csv"
        assert client.post("/river/setup/imports/", {"mapping": key, "file": file}).status_code == 200
        return ImportRun.objects.latest("pk")

    first = upload(tickets(cast, GOOD[0]))
    assert client.post("/river/setup/imports/", {"apply": first.pk}).status_code == 302
    again = client.post("/river/setup/imports/", {"apply": first.pk})
    assert again.status_code == 400 and "The file is no longer here." in again.content.decode()
    forgotten = upload(tickets(cast, GOOD[1]))
    os.utime(own_folder / forgotten.sha256 / "a.csv", (0, 0))
    upload(tickets(cast, *GOOD))
    assert not (own_folder / forgotten.sha256 / "a.csv").exists()
    assert client.post("/river/setup/imports/", {"apply": forgotten.pk}).status_code == 400
    assert Report.objects.count() == 1


def test_refused_rows_are_shown_to_the_office_only(cast: Cast, own_folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "refused.csv"
    elsewhere.write_text("secret")
    run = ImportRun.objects.create(
        jurisdiction=cast.office, mapping="x", file_name="x", sha256="0", errors_file=str(elsewhere),
        started_at=MONDAY, by_ref="system",
    )  # fmt: skip
    path = f"/river/setup/imports/{run.pk}/refused.csv"
    assert client_of(cast.admin).get(path).status_code == 404
    assert client_of(cast.handler).get(path).status_code == 403


def test_the_result_can_be_used_by_everybody(cast: Cast, live_server: Any, page: Page) -> None:
    sign_in(page, live_server.url, cast.admin)
    choose(page, live_server.url, tickets(cast, *GOOD, BAD))
    check_page(page)
