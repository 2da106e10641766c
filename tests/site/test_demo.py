"""The demonstration: its story is in order, its people really work, it never touches a real office."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from gongzhi.apps.actors.public import SYSTEM, User
from gongzhi.apps.cases.models import Answer, Case, Rating
from gongzhi.apps.cases.rules import State
from gongzhi.apps.channels.models import Notice, Report
from gongzhi.apps.ledger import public as ledger
from gongzhi.apps.places import public as places
from gongzhi.apps.places.public import Jurisdiction
from gongzhi.kernel import clock, worker
from gongzhi.kernel.calendar import china
from gongzhi.site import installing
from gongzhi.site.demo import boston, preparing
from gongzhi.site.demo.playing import Player
from gongzhi.site.demo.story import holiday_before, read_messages, story
from tests.cast import make_office

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
DEMO = Path(preparing.FOLDER)
MESSAGES = DEMO / "xingfu" / "messages.jsonl"


@pytest.fixture(autouse=True)
def own_folders(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.MODELS_ROOT = tmp_path / "models"
    places.forget_kept()


def test_the_story_begins_at_the_latest_holiday_whose_lives_are_over() -> None:
    assert holiday_before(date(2026, 11, 25), china()) == date(2026, 10, 1)
    assert holiday_before(date(2026, 11, 5), china()) < date(2026, 10, 1)


def test_everything_in_the_story_comes_in_order_and_before_now() -> None:
    messages = read_messages(MESSAGES, NOW, china())
    told = story(messages, NOW)
    assert [h.at for h in told] == sorted(h.at for h in told)
    assert told[-1].at < NOW
    assert sum(h.kind == "say" for h in told) == len(messages)
    first = {}
    for happening in told:
        first.setdefault(happening.message.id, happening.kind)
    assert set(first.values()) == {"say"}


def test_what_is_new_is_left_for_the_visitor_to_decide() -> None:
    told = story(read_messages(MESSAGES, NOW, china()), NOW)
    decided = {h.message.id for h in told if h.kind == "decide"}
    young = [h.message for h in told if h.kind == "say" and h.at > NOW - timedelta(days=3)]
    left = [m for m in young if m.id not in decided]
    assert len(left) >= 20
    assert not any(m.confirmed for m in left)


def _office(code: str) -> Jurisdiction:
    office = installing.load_territory(folder=DEMO / code, by=SYSTEM.ref, at=NOW, people=True)
    places.forget_kept()
    return office


@pytest.mark.django_db(transaction=True)
def test_the_people_of_the_district_work_through_the_real_actions() -> None:
    office = _office("xingfu")
    messages = [m for m in read_messages(MESSAGES, NOW, china()) if m.at < NOW - timedelta(days=53)]
    # Without a reading model every message waits for a person, and the person decides.
    desk = preparing._coordinator(office, "xietiao", NOW)
    player = Player(office, desk, NOW)
    for happening in story(messages, NOW):
        player.play(happening)
    worker.drain()
    assert player.left_out == []
    assert Report.objects.count() == len(messages) > 40
    states = set(Case.objects.values_list("state", flat=True))
    assert {State.SOLVED, State.CLOSED} <= states
    assert State.NEW not in set(
        Case.objects.exclude(category="other.unclear").filter(waits_for="").values_list("state", flat=True)
    )
    assert Answer.objects.count() > 20
    assert Rating.objects.filter(solved=False).exists()
    # Each answer is told to each reporter of its case once, and nobody hears of it twice.
    pairs = list(Notice.objects.values_list("report_id", "about"))
    assert len(pairs) == len(set(pairs)) >= Answer.objects.count()
    ledger.sequence(clock.now())
    assert ledger.verify("xingfu").ok


@pytest.mark.django_db(transaction=True)
def test_bostons_requests_end_when_and_as_they_really_did() -> None:
    office = _office("boston")
    rows = boston.read_requests(DEMO / "boston", full=False)[-60:]
    done: list[int] = []
    boston.import_requests(jurisdiction=office, rows=rows, by=SYSTEM, at=NOW, progress=done.append)
    assert done[-1] == len(rows) == Report.objects.count()
    boston.handle(lambda n: None)
    boston.end_as_they_did(jurisdiction=office, rows=rows, by=SYSTEM, progress=lambda n: None)
    by_key = {str(row["case_enquiry_id"]): row for row in rows}
    zone = ZoneInfo("America/New_York")
    closed = Case.objects.filter(state=State.CLOSED).prefetch_related("memberships__report")
    assert closed.count() > 20
    for case in closed:
        row = by_key[case.memberships.get().report.external_key or ""]
        assert case.opened_at == row["open_dt"].replace(tzinfo=zone)
        assert case.closed_at == row["closed_dt"].replace(tzinfo=zone)
    placeholder = [
        k for k, row in by_key.items() if (row["longitude"], row["latitude"]) == (-71.0587, 42.3594)
    ]
    assert placeholder
    assert not Report.objects.filter(external_key__in=placeholder, lon__isnull=False).exists()


@pytest.mark.django_db(transaction=True)
def test_a_data_folder_with_a_real_office_is_never_touched() -> None:
    make_office("river", "RV")
    places.forget_kept()
    for act in (preparing.reset, lambda: preparing.prepare(full=False)):
        with pytest.raises(preparing.DemoError, match="river"):
            act()
    assert Jurisdiction.objects.get().code == "river"


@pytest.mark.django_db(transaction=True)
def test_an_interrupted_run_begins_anew_and_a_finished_one_is_reused(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    monkeypatch.setattr(preparing, "_make_xingfu", lambda now: made.append("xingfu"))
    monkeypatch.setattr(preparing, "_make_boston", lambda now, full: made.append(f"boston {full}"))
    make_office("xingfu", "XF", demo=True)  # what a killed run left
    places.forget_kept()
    preparing.prepare(full=False)
    assert not Jurisdiction.objects.exists()
    assert made == ["xingfu", "boston False"]
    preparing.prepare(full=False)
    assert len(made) == 2
    preparing.prepare(full=True)
    assert made[2:] == ["boston True"]
    preparing.prepare(full=True)
    assert len(made) == 3


@pytest.mark.django_db(transaction=True)
def test_demo_accounts_share_one_hash_and_are_closed_by_init() -> None:
    _office("boston")
    assert User.objects.filter(is_demo=True).count() > 5
    assert len(set(User.objects.filter(is_demo=True).values_list("password", flat=True))) == 1
    assert User.objects.first().check_password(installing.DEMO_PASSWORD)  # type: ignore[union-attr]
    assert installing.remove_demo_accounts() > 5
    assert not any(user.check_password(installing.DEMO_PASSWORD) for user in User.objects.all())
