"""A report is read on arrival: category with doubt and reasons, dangers, places; a person decides; it is learned."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gongzhi.apps.actors.public import SYSTEM
from gongzhi.apps.ledger.models import Entry
from gongzhi.apps.places import public as places
from gongzhi.apps.understanding import public as understanding
from gongzhi.apps.understanding.models import Band, Example, ModelVersion, Reading
from gongzhi.apps.understanding.public import UnderstandingError
from tests.cast import MONDAY, Cast, say


def read(cast: Cast, text: str, **more: object) -> Reading:
    report, _ = say(cast, text, **more)
    return understanding.read_report(report=report, at=MONDAY)


def test_a_clear_report_gets_its_category_with_probability_top_three_and_words(
    cast: Cast, base_model: ModelVersion
) -> None:
    reading = read(cast, "幼儿园门口的路灯坏了，晚上很黑。")
    assert reading.category == "roads.streetlight"
    assert 0.5 < reading.probability <= 1
    assert len(reading.top3) == 3
    assert reading.top3[0]["category"] == "roads.streetlight"
    assert any("路灯" in word["word"] for word in reading.words)
    assert all(word["word"] in "幼儿园门口的路灯坏了，晚上很黑。" for word in reading.words)
    assert reading.model_version == base_model.version


def test_what_fits_nothing_goes_to_a_person(cast: Cast, base_model: ModelVersion) -> None:
    assert read(cast, "qzxv wkjh").abstained
    assert read(cast, "……！！").abstained


def test_without_any_model_nothing_is_lost_and_a_person_decides(cast: Cast) -> None:
    reading = read(cast, "路灯坏了，晚上很黑。")
    assert (reading.category, reading.abstained, reading.model_version) == ("other.unclear", True, "none")


def test_a_broken_model_folder_stops_no_report(cast: Cast, base_model: ModelVersion) -> None:
    ModelVersion.objects.update(folder="gone")
    assert read(cast, "路灯坏了，晚上很黑。").abstained


def test_the_channels_own_category_counts_where_the_office_knows_it(
    cast: Cast, base_model: ModelVersion
) -> None:
    known = read(cast, "请来看看这个问题。", category_hint="sanitation.garbage")
    assert (known.category, known.abstained) == ("sanitation.garbage", False)
    unknown = read(cast, "幼儿园门口的路灯坏了，晚上很黑。", category_hint="nowhere.known")
    assert unknown.category == "roads.streetlight"


def test_danger_is_noted_in_the_reading(cast: Cast, base_model: ModelVersion) -> None:
    assert read(cast, "楼道里电动车起火了！").hazards == ["fire"]


def test_named_places_are_linked_and_unsure_ones_are_not_taken_for_sure(
    cast: Cast, base_model: ModelVersion
) -> None:
    places.save_place(
        jurisdiction=cast.office, code="xinghua", kind="estate", lon=120.01, lat=30.01, area=cast.west,
        names={"zh-hans": "杏花里小区", "zh-hant": "杏花里小區"}, aliases=["杏花里"], by=SYSTEM.ref, at=MONDAY,
    )  # fmt: skip
    exact = read(cast, "杏花里小区的路灯坏了。", place_words="").places[0]
    assert (exact["text"], exact["score"], exact["lon"]) == ("杏花里小区", 1.0, 120.01)
    assert read(cast, "杏花里小區的路燈壞了。", place_words="").places[0]["place_id"] == exact["place_id"]
    typo = read(cast, "杏华里小区的路灯坏了。", place_words="").places[0]
    assert typo["place_id"] == exact["place_id"]
    assert typo["score"] < 0.9
    assert read(cast, "百合苑小区的路灯坏了。", place_words="").places[0]["place_id"] is None


def test_reading_again_is_a_new_row_and_the_index_stays_single(cast: Cast, base_model: ModelVersion) -> None:
    report, _ = say(cast, "幼儿园门口的路灯坏了，晚上很黑。")
    understanding.read_report(report=report, at=MONDAY)
    bands = Band.objects.count()
    later = understanding.read_report(report=report, at=MONDAY)
    assert Reading.objects.filter(report=report).count() == 2
    assert Band.objects.count() == bands > 0
    assert understanding.reading_of([report.pk]) == {report.pk: later}


def test_reading_a_report_asks_the_database_a_fixed_few_times(cast: Cast, base_model: ModelVersion) -> None:
    read(cast, "第一次读的时候会把模型和地名读进来。")
    report, _ = say(cast, "公园东门的垃圾堆没人清。")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        understanding.read_report(report=report, at=MONDAY)
    assert len(asked) <= 8


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\x00\x01",
        "好" * 100_000,
        "🙂🙂🙂",
        "a" * 50_000,
        "\ud800".encode("utf-8", "replace").decode(),
    ],
)
def test_odd_texts_are_read_without_a_crash(cast: Cast, base_model: ModelVersion, text: str) -> None:
    report, _ = say(cast, "先收下")
    report.text = text
    assert understanding.read_report(report=report, at=MONDAY).category


def test_a_persons_decision_becomes_an_example_and_leaves_a_trace(
    cast: Cast, base_model: ModelVersion
) -> None:
    report, _ = say(cast, "这里很脏。")
    by = cast.actor(cast.coordinator)
    understanding.decide_category(
        report=report, category="sanitation.garbage", by=by, at=MONDAY, reason="看了照片"
    )
    understanding.decide_category(report=report, category="roads.potholes", by=by, at=MONDAY)
    assert Example.objects.get(report=report).category == "roads.potholes"
    assert not any("脏" in str(value) for value in Example.objects.values_list().get())
    assert (
        Entry.objects.filter(kind="understanding.category_decided", subject=f"report:{report.pk}").count()
        == 2
    )
    understanding.decide_category(report=report, category="other.unclear", by=by, at=MONDAY)
    assert not Example.objects.filter(report=report).exists()


def test_an_unknown_category_is_refused(cast: Cast) -> None:
    report, _ = say(cast)
    with pytest.raises(UnderstandingError):
        understanding.decide_category(report=report, category="no.such", by=SYSTEM, at=MONDAY)
    assert not Example.objects.exists()


def test_the_tree_names_categories_in_words_and_groups_the_leaves(cast: Cast) -> None:
    tree = understanding.categories(cast.office)
    assert "roads.potholes" in tree
    assert "roads" in tree
    assert "nowhere" not in tree
    assert tree.label("roads.potholes", "en") == "坑洼路面"
    assert tree.label("nowhere", "en") not in {"", "nowhere"}  # never a raw code
    assert "roads" not in tree.leaves()
    assert ("道路", [("roads.potholes", "坑洼路面"), ("roads.streetlight", "路灯")]) in tree.grouped(
        "zh-hans"
    )
