"""What is kept no longer than its label says: each label has its rule, each run its proof."""

import hashlib
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as live
from django.contrib.sessions.models import Session

from gongzhi.apps.actors.models import RateCounter
from gongzhi.apps.actors.public import SYSTEM, take_token
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.public import Case
from gongzhi.apps.channels import public as channels
from gongzhi.apps.channels.models import Contact, ImportRun, Photo, Report
from gongzhi.apps.ledger import public as ledger
from gongzhi.apps.understanding.models import Band
from gongzhi.journeys import retention
from gongzhi.kernel import outbox, schedule, worker
from gongzhi.kernel.models import OutboxJob
from gongzhi.kernel.retention import Kept
from tests.cast import MONDAY, Cast, say

pytestmark = pytest.mark.django_db(transaction=True)
YEAR = timedelta(days=366)


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, settings: Any) -> None:
    settings.DATA_ROOT, settings.MEDIA_ROOT = tmp_path, tmp_path / "media"


def closed_case(cast: Cast, **more: Any) -> tuple[Report, Case]:
    report, _code = say(cast, contact_name="Lin", **more)
    worker.drain()
    case = cases.case_of(report)
    assert case is not None
    cases.answer_case(case=case, text="已修好。", by=SYSTEM, at=MONDAY)
    return report, cases.close_case(case=case, by=SYSTEM, at=MONDAY)


def run(at: datetime) -> dict[str, int]:
    foretold = retention.due_now(at=at)
    done = retention.destroy_due(at=at)
    assert foretold == done, "a dry run says what a run does"
    return done


def row(report: Report) -> Report:
    return Report.objects.get(pk=report.pk)


def test_contacts_go_after_two_years_and_words_after_five(cast: Cast) -> None:
    report, _case = closed_case(cast)
    assert run(MONDAY + 2 * YEAR - timedelta(hours=1))["channels.Contact"] == 0
    assert row(report).has_contact
    done = run(MONDAY + 2 * YEAR + timedelta(hours=1))
    assert (done["channels.Contact"], done["channels.Report"]) == (1, 0)
    assert not Contact.objects.filter(report=report).exists()
    assert row(report).text
    assert run(MONDAY + 5 * YEAR + timedelta(hours=1))["channels.Report"] == 1
    assert (row(report).text, row(report).has_contact) == ("", False)
    assert run(MONDAY + 6 * YEAR)["channels.Report"] == 0


def test_an_open_case_keeps_its_words_and_a_reopened_one_begins_to_count_anew(cast: Cast) -> None:
    opened, _code = say(cast)
    report, case = closed_case(cast)
    cases.rate_case(
        report=report, contacted=None, solved=False, satisfaction=None, by=SYSTEM, at=MONDAY + YEAR
    )
    assert run(MONDAY + 9 * YEAR)["channels.Report"] == 0
    cases.answer_case(case=case, text="又修了。", by=SYSTEM, at=MONDAY + 2 * YEAR)
    cases.close_case(case=case, by=SYSTEM, at=MONDAY + 2 * YEAR)
    assert run(MONDAY + 6 * YEAR)["channels.Report"] == 0
    assert run(MONDAY + 8 * YEAR)["channels.Report"] == 1
    assert row(opened).text


def test_who_looked_at_a_contact_stays_known_for_half_a_year_after_it(cast: Cast) -> None:
    report, _case = closed_case(cast)
    look = MONDAY + 2 * YEAR
    channels.view_contact(report=report, why="to ask", by=SYSTEM, at=look)
    run(look + timedelta(days=1))
    assert Contact.objects.filter(report=report, name="").exists()
    assert run(look + timedelta(days=183))["channels.ContactView"] == 0
    assert run(look + timedelta(days=186))["channels.ContactView"] == 1
    assert not Contact.objects.filter(report=report).exists()


def test_old_imports_go_with_the_file_of_refused_rows(cast: Cast, tmp_path: Path) -> None:
    inside, outside = Path(live.DATA_ROOT) / "refused.csv", tmp_path.parent / "elsewhere.csv"
    for number, file in enumerate((inside, outside)):
        file.write_text("row", encoding="utf-8")
        ImportRun.objects.create(
            jurisdiction=cast.office,
            mapping="m",
            file_name="f",
            sha256=str(number),
            errors_file=str(file),
            started_at=MONDAY,
        )
    assert run(MONDAY + YEAR - timedelta(days=1))["channels.ImportRun"] == 0
    assert run(MONDAY + YEAR + timedelta(days=1))["channels.ImportRun"] == 2
    assert (inside.exists(), outside.exists()) == (False, True), (
        "a file that the operator put elsewhere is theirs"
    )
    outside.unlink()


def test_jobs_counters_sessions_and_the_index_go_in_their_time(cast: Cast) -> None:
    say(cast)
    worker.drain()
    OutboxJob.objects.update(created_at=MONDAY)
    take_token("somebody", limit=5, window_seconds=60, at=MONDAY)
    Session.objects.create(session_key="a" * 32, session_data="", expire_date=MONDAY)
    Session.objects.create(session_key="b" * 32, session_data="", expire_date=MONDAY + YEAR)
    bands, jobs = Band.objects.count(), OutboxJob.objects.filter(state="done").count()
    done = run(MONDAY + timedelta(days=61))
    assert done["kernel.OutboxJob"] == jobs > 0
    assert done["understanding.Band"] == bands > 0
    assert (done["actors.RateCounter"], done["sessions.Session"]) == (1, 1)
    assert not RateCounter.objects.exists()
    assert [s.session_key for s in Session.objects.all()] == ["b" * 32]


def test_the_proof_says_how_many_and_which_without_naming_them(cast: Cast) -> None:
    reports = [closed_case(cast, text=f"第{n}个坑还在那里没人修。")[0] for n in range(2)]
    run(MONDAY + 2 * YEAR + timedelta(hours=1))
    (proof,) = ledger.entries_about("retention:channels.Contact")
    keys = sorted(f"report:{report.pk}" for report in reports)
    assert proof.tree == cast.office.code
    assert proof.fields["count"] == 2
    assert proof.fields["ids_sha256"] == hashlib.sha256("\n".join(keys).encode()).hexdigest()
    assert proof.fields["kept"] == "2 years after the case is closed"
    ledger.sequence(MONDAY)
    assert ledger.verify(cast.office.code).ok


def test_many_go_in_small_transactions_each_with_its_proof(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    for number in range(5):
        Session.objects.create(session_key=f"{number:032d}", session_data="", expire_date=MONDAY)
    assert run(MONDAY + timedelta(days=1))["sessions.Session"] == 5
    counts = [e.fields["count"] for e in ledger.entries_about("retention:sessions.Session")]
    assert counts == [2, 2, 1]


def test_a_photo_file_that_a_crash_left_behind_goes_after_a_day(cast: Cast) -> None:
    lost = Path(live.MEDIA_ROOT) / "photos" / "ab" / "lost.jpg"
    lost.parent.mkdir(parents=True)
    lost.write_bytes(b"x")
    held = lost.with_name("held.jpg")
    held.write_bytes(b"x")
    report, _code = say(cast)
    Photo.objects.create(report=report, file="photos/ab/held.jpg", sha256="0" * 64, width=1, height=1)
    now = MONDAY + timedelta(hours=2)
    for file in (lost, held):
        os.utime(file, (now.timestamp(), now.timestamp()))
    channels.remove_lost_photos(at=now)
    assert lost.exists(), "its report may just be on its way"
    channels.remove_lost_photos(at=now + timedelta(days=2))
    assert (lost.exists(), held.exists()) == (False, True)


def test_every_label_that_is_a_rule_is_followed() -> None:
    labels = {rule.label: rule.kept for rule in retention.RULES}
    for model in apps.get_models():
        kept = getattr(model, "RETENTION", "")
        if isinstance(kept, Kept):
            name = f"{model.__module__.split('.')[2]}.{model.__name__}"
            assert labels.get(name) is kept, f"{name} says {kept!r}; add its rule to journeys/retention.py"


def test_the_words_of_the_labels_and_their_days_agree() -> None:
    days = {
        "2 years": 732,
        "5 years": 1830,
        "6 months": 184,
        "1 year": 366,
        "60 days": 60,
        "30 days": 30,
        "one day": 1,
    }
    for rule in retention.RULES:
        said = [n for words, n in days.items() if words in rule.kept]
        assert (said or [0]) == [rule.kept.days], rule.label
    assert outbox.KEEP_DONE == timedelta(days=30)


def test_it_happens_every_night() -> None:
    assert "gongzhi.journeys.retention.destroy_at_night" in schedule._ticks
