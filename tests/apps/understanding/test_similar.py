"""The same matter said by several people is found, with reasons; another place or another office is not."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from gongzhi.apps.actors.public import RESIDENT
from gongzhi.apps.channels import public as channels
from gongzhi.apps.channels.public import NewReport, Report
from gongzhi.apps.understanding import public as understanding
from gongzhi.apps.understanding.models import Band
from tests.cast import MONDAY, Cast, make_office, say

DAY = timedelta(days=1)
POTHOLE = "学校门口的路面有个大坑，下雨天电动车摔倒两次了。"


def told(cast: Cast, text: str, *, days_ago: float = 0, **more: object) -> Report:
    at = MONDAY - days_ago * DAY
    report, _ = say(cast, text, at=at, category_hint="roads.potholes", **more)
    understanding.read_report(report=report, at=at)
    return report


def alike(report: Report) -> list[int]:
    found = understanding.similar_reports(report=report, category="roads.potholes", at=MONDAY)
    return [s.report_id for s in found]


def test_the_same_matter_in_nearly_the_same_words_is_found_with_reasons(cast: Cast) -> None:
    first = told(cast, POTHOLE, days_ago=2)
    second = told(cast, "学校门口的路面有个大坑，下雨天电动车又摔倒了！")
    found = understanding.similar_reports(report=second, category="roads.potholes", at=MONDAY)
    assert [s.report_id for s in found] == [first.pk]
    assert found[0].score > 0.6
    assert {reason["key"] for reason in found[0].reasons} >= {"text_similarity", "distance_m", "hours_apart"}


def test_near_by_and_of_the_same_kind_is_found_in_other_words_too(cast: Cast) -> None:
    first = told(cast, "路上塌了一块，差点翻车", days_ago=1, lon=120.0300, lat=30.0100)
    second = told(cast, "柏油坑洼不平请尽快修补", lon=120.0305, lat=30.0102)
    assert alike(second) == [first.pk]


def test_a_report_is_never_like_itself_nor_like_one_of_another_office_or_of_long_ago(cast: Cast) -> None:
    told(cast, POTHOLE, days_ago=80)
    other = make_office("other", "OT")
    received = channels.receive_report(
        jurisdiction=other,
        channel="web",
        new=NewReport(text=POTHOLE, lon=120.03, lat=30.01),
        by=RESIDENT,
        at=MONDAY,
    )
    understanding.read_report(report=received.report, at=MONDAY)
    assert alike(told(cast, POTHOLE)) == []


def test_at_most_five_are_shown_and_the_questions_do_not_grow_with_the_candidates(cast: Cast) -> None:
    counts = []
    for amount in (1, 12):
        for number in range(amount):
            told(cast, f"{POTHOLE}第{number}次说", days_ago=1)
        newest = told(cast, POTHOLE)
        with CaptureQueriesContext(connection) as asked:
            found = alike(newest)
        counts.append(len(asked))
    assert len(found) == 5
    assert counts[0] == counts[1] <= 4


def test_words_that_hold_nothing_are_kept_out_of_the_index(cast: Cast) -> None:
    report = told(cast, "坏了", lon=None, lat=None)
    assert not Band.objects.filter(report=report).exists()
    assert alike(report) == []


def test_old_bands_are_forgotten(cast: Cast) -> None:
    old, new = told(cast, POTHOLE, days_ago=61), told(cast, POTHOLE)
    assert understanding.drop_old_bands(at=MONDAY) > 0
    assert set(Band.objects.values_list("report_id", flat=True)) == {new.pk}
    assert old.pk != new.pk


def test_the_words_of_a_form_make_no_matter_the_same(cast: Cast) -> None:
    title = "Request for Pothole Repair by the City"
    for number in range(30):
        told(cast, title, days_ago=5, lon=120.001 + number / 2000, lat=30.001)
    near = told(cast, title, days_ago=1, lon=120.0350, lat=30.0180)
    newest = told(cast, title, lon=120.0351, lat=30.0181)
    found = understanding.similar_reports(report=newest, category="roads.potholes", at=MONDAY)
    # Only what lies near is shown, as a hint: too weak to hold the case back from its unit.
    assert [s.report_id for s in found] == [near.pk]
    assert found[0].score < 0.6
    assert "text_similarity" not in {reason["key"] for reason in found[0].reasons}


def test_the_same_words_far_away_never_hold_a_case_back(cast: Cast) -> None:
    there = told(cast, POTHOLE, days_ago=1, lon=120.001, lat=30.001)
    here = told(cast, POTHOLE, lon=120.039, lat=30.019)
    found = understanding.similar_reports(report=here, category="roads.potholes", at=MONDAY)
    assert [(s.report_id, s.score) for s in found] == [(there.pk, 0.5)]


def test_words_said_of_several_other_places_are_a_forms(cast: Cast) -> None:
    for number in range(3):
        told(cast, "Please pick up the dead animal", days_ago=2, lon=120.001 + number / 100, lat=30.001)
    first = told(cast, "Please pick up the dead animal", days_ago=1, lon=120.0390, lat=30.0190)
    second = told(cast, "Please pick up the dead animal", lon=120.0391, lat=30.0191)
    found = understanding.similar_reports(report=second, category="roads.potholes", at=MONDAY)
    assert [s.report_id for s in found] == [first.pk]
    assert found[0].score < 0.6
