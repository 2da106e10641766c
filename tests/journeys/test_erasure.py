"""A person's words go everywhere at once, the case and the log stay whole, and the journal knows of it first."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as live

from gongzhi.apps.actors.public import RESIDENT, SYSTEM, Actor
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.models import Rating, Step
from gongzhi.apps.channels import public as channels
from gongzhi.apps.channels.models import Contact, ContactView, Photo, Report
from gongzhi.apps.channels.photos import CleanPhoto
from gongzhi.apps.ledger import public as ledger
from gongzhi.apps.understanding.models import Band, Example, Reading
from gongzhi.journeys import erasure
from gongzhi.kernel import journal, worker
from tests.cast import MONDAY, Cast, say

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = "学校门口的路面有个大坑，王阿姨家的电动车摔倒两次了。"
LATER = MONDAY + timedelta(days=1)


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, settings: Any) -> None:
    settings.DATA_ROOT, settings.MEDIA_ROOT = tmp_path, tmp_path / "media"


def photo(content: bytes = b"a picture", name: str = "ab" * 32) -> CleanPhoto:
    return CleanPhoto(content, name, 1, 1)


def told(cast: Cast, **more: Any) -> tuple[Report, str]:
    """A report with everything that a person can leave behind."""
    values = {"contact_name": "Lin", "contact_phone": "555-0100", "photos": (photo(),)} | more
    report, code = say(cast, WORDS, **values)
    worker.drain()
    return report, code


def erase(report: Report, at: Any = LATER) -> bool:
    return erasure.erase_report(report=report, by=SYSTEM, at=at, why="she asked")


def test_nothing_of_what_was_said_is_left(cast: Cast) -> None:
    report, code = told(cast)
    author = Actor("resident", report.pk, RESIDENT.label)
    case = cases.case_of(report)
    assert case is not None
    cases.add_note(case=case, text="我是三号楼的林", kind="added", by=author, at=MONDAY)
    cases.answer_case(case=case, text="已修好。", by=SYSTEM, at=MONDAY)
    cases.rate_case(
        report=report, contacted=True, solved=True, satisfaction=5, comment="谢谢小李", by=author, at=MONDAY
    )
    Example.objects.create(
        jurisdiction=cast.office,
        report=report,
        category="roads.potholes",
        source="person",
        confirmed_at=MONDAY,
    )
    channels.view_contact(report=report, why="to ask", by=SYSTEM, at=MONDAY)
    steps = Step.objects.filter(case=case).count()
    assert Band.objects.filter(report=report).exists()

    assert erase(report)
    row = Report.objects.get(pk=report.pk)
    assert (row.title, row.text, row.place_words, row.lon, row.lat) == ("", "", "", None, None)
    assert (row.has_contact, row.erased_at) == (False, LATER)
    contact = Contact.objects.get(report=report)
    assert (contact.name, contact.phone, contact.email) == ("", "", "")
    assert ContactView.objects.filter(contact=contact).exists(), "who looked stays known for its time"
    assert not Photo.objects.filter(report=report).exists()
    assert not list((Path(live.MEDIA_ROOT) / "photos").rglob("*.jpg"))
    assert not Band.objects.filter(report=report).exists()
    assert not Example.objects.filter(report=report).exists()
    assert [(r.words, r.places) for r in Reading.objects.filter(report=report)] == [([], [])]
    assert not Step.objects.filter(by_ref=author.ref).exclude(text="").exists()
    assert not Rating.objects.exclude(comment="").exists()
    assert Step.objects.filter(case=case).count() == steps
    assert channels.report_by_code(cast.office, code) == row, "the code opens what says that it was erased"


def test_the_log_stays_whole_and_can_no_longer_be_opened(cast: Cast) -> None:
    report, _code = told(cast)
    ledger.sequence(MONDAY)
    erase(report)
    ledger.sequence(LATER)
    assert ledger.verify(cast.office.code).ok
    about = ledger.entries_about(f"report:{report.pk}")
    assert not about.filter(kind="channels.report_received").exclude(salt=None).exists()
    (entry,) = about.filter(kind="channels.report_erased")
    assert (entry.fields["photos"], entry.fields["contact"]) == (1, True)


def test_the_journal_holds_ids_and_days_and_nothing_of_the_person(cast: Cast) -> None:
    report, code = told(cast)
    erase(report)
    (line,) = journal.read(erasure.journal_file())
    assert (line["kind"], line["office"], line["report"]) == ("report", cast.office.code, report.pk)
    assert line["at"] == LATER.isoformat()
    said = json.dumps(line, ensure_ascii=False)
    assert not [word for word in (WORDS, "Lin", "555", code, "she asked") if word in said]
    assert erasure.journal_file().stat().st_mode & 0o777 == 0o600


def test_erasing_twice_is_erasing_once(cast: Cast) -> None:
    report, _code = told(cast)
    assert [erase(report), erase(report)] == [True, False]
    assert len(journal.read(erasure.journal_file())) == 1


def test_what_cannot_be_written_into_the_journal_is_not_erased(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: Any) -> None:
        raise OSError("no space left on device")

    report, _code = told(cast)
    monkeypatch.setattr(journal, "append", full)
    with pytest.raises(OSError, match="no space"):
        erase(report)
    assert Report.objects.get(pk=report.pk).text == WORDS
    assert list((Path(live.MEDIA_ROOT) / "photos").rglob("*.jpg")), "the photo waits for the transaction"


def test_a_photo_that_another_report_has_too_stays(cast: Cast) -> None:
    first, _code = told(cast)
    second, _code = told(cast)
    erase(first)
    (kept,) = Photo.objects.filter(report=second)
    assert kept.file.storage.exists(kept.file.name or "")
    erase(second)
    assert not kept.file.storage.exists(kept.file.name or "")


def test_a_second_import_does_not_bring_erased_words_back(cast: Cast) -> None:
    report, _code = told(cast, external_key="HOT-1")
    erase(report)
    again, _ = say_again(cast)
    assert (again.pk, again.text) == (report.pk, "")


def say_again(cast: Cast) -> tuple[Report, str | None]:
    new = channels.NewReport(text=WORDS, external_key="HOT-1")
    received = channels.receive_report(jurisdiction=cast.office, channel="web", new=new, by=SYSTEM, at=LATER)
    return received.report, received.code


def test_the_journal_is_replayed_on_what_came_back(cast: Cast) -> None:
    report, _code = told(cast)
    other, _code = told(cast)
    erase(report)
    Report.objects.filter(pk=report.pk).update(text=WORDS, erased_at=None)  # as an older back-up has it
    found = erasure.replay(at=LATER)
    assert (found.again, found.already, found.absent) == (1, 0, 0)
    assert Report.objects.get(pk=report.pk).text == ""
    assert Report.objects.get(pk=other.pk).text == WORDS
    assert erasure.replay(at=LATER).already == 1


def test_another_report_that_got_the_same_number_is_left_alone(cast: Cast) -> None:
    report, _code = told(cast)
    line = {
        "kind": "report",
        "erasure": "e",
        "office": cast.office.code,
        "report": report.pk,
        "mark": "00" * 32,
    }
    journal.append(erasure.journal_file(), [line | {"at": MONDAY.isoformat()}])
    found = erasure.replay(at=LATER)
    assert (found.again, found.absent) == (0, 1)
    assert Report.objects.get(pk=report.pk).text == WORDS
