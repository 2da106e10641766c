"""Points and words in a file of tickets: put right where that is certain, left out where it is not."""

from pathlib import Path
from typing import Any

import pytest

from gongzhi.apps.channels.public import Report
from tests.apps.channels.conftest import Write, counts, refused, ticket
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_exchanged_coordinates_are_put_right_and_remarked_on(
    cast: Cast, bring_in: Any, write: Write, tmp_path: Path
) -> None:
    run = bring_in(write([ticket("A1", lon="30.01", lat="120.03"), ticket("A2", lon="120.03", lat="30.01")]))
    assert (*counts(run), run.remarks) == (2, 2, 0, 0, 1)
    assert {(r.lon, r.lat, r.area_id) for r in Report.objects.all()} == {(120.03, 30.01, cast.east.pk)}
    (line,) = refused(tmp_path)
    assert (line["row"], line["column"]) == ("2", "经度")
    assert "exchanged" in line["what is wrong"]
    assert line["outcome"] != "refused"


@pytest.mark.parametrize(("lon", "lat"), [("116.4", "39.9"), ("-71.06", "42.36"), ("0", "0")])
def test_a_point_in_another_city_is_left_out_and_the_report_comes_in(
    bring_in: Any, write: Write, tmp_path: Path, lon: str, lat: str
) -> None:
    run = bring_in(write([ticket("A1", lon=lon, lat=lat)]))
    assert (*counts(run), run.remarks) == (1, 1, 0, 0, 1)
    report = Report.objects.get()
    assert (report.lon, report.lat, report.area) == (None, None, None)
    assert "outside" in refused(tmp_path)[0]["what is wrong"]


def test_half_a_point_is_no_point(bring_in: Any, write: Write, tmp_path: Path) -> None:
    run = bring_in(
        write([ticket("A1", lon="120.03"), ticket("A2", lat="30.01"), ticket("A3", lon="无", lat="-")])
    )
    assert (*counts(run), run.remarks) == (3, 3, 0, 0, 2)
    assert [line["column"] for line in refused(tmp_path)] == ["纬度", "经度"]
    assert not Report.objects.exclude(lon=None).exists()


def test_the_point_that_means_unknown_is_no_point(bring_in: Any, write: Write) -> None:
    run = bring_in(
        write([ticket("A1", lon="120.02", lat="30.01"), ticket("A2", lon="30.0100", lat="120.0200")])
    )
    assert (*counts(run), run.remarks) == (2, 2, 0, 0, 0)
    assert not Report.objects.exclude(lon=None).exists()


@pytest.mark.parametrize(
    ("lon", "lat"), [("１２０．０３", "３０．０１"), ("120.03°", " 30.01 "), ("120,03", "30,01")]
)
def test_figures_are_read_however_they_are_written(
    cast: Cast, bring_in: Any, write: Write, lon: str, lat: str
) -> None:
    bring_in(write([ticket("A1", lon=lon, lat=lat)]))
    assert Report.objects.get().area == cast.east


def test_categories_count_by_key_or_label_and_an_unknown_word_is_remarked_on_once(
    bring_in: Any, write: Write, tmp_path: Path
) -> None:
    rows = [
        ticket("A1", category="roads.manhole"),
        ticket("A2", category="井盖"),
        ticket("A3", category="别的说法", kind="怪话"),
        ticket("A4", category="别的说法", kind="咨询"),
    ]
    run = bring_in(write(rows))
    assert (*counts(run), run.remarks) == (4, 4, 0, 0, 1)
    hints = dict(Report.objects.values_list("external_key", "category_hint"))
    assert hints == {"A1": "roads.manhole", "A2": "roads.manhole", "A3": "", "A4": ""}
    (line,) = refused(tmp_path)
    assert line["column"].split("\n") == ["诉求类型", "分类"]
    assert "别的说法" in line["what is wrong"]
