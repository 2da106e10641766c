"""A category is retired: old cases keep their words, nothing new gets it, its successor learns from it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gongzhi.apps.cases import public as cases
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.places import public as places
from gongzhi.apps.understanding import public as understanding
from gongzhi.apps.understanding import reader, training
from gongzhi.apps.understanding.models import Example
from gongzhi.apps.understanding.public import UnderstandingError, categories
from gongzhi.kernel import worker
from gongzhi.kernel.calendar import Promise
from gongzhi.scenarios import loader
from gongzhi.scenarios.model import PackError, text_hash
from tests.apps.understanding.conftest import write_packs
from tests.cast import MONDAY, Cast, say
from tests.corner.story import NOON, filed, page

POTHOLE, SURFACE = "roads.potholes", "roads.surface"
LANGS = ("zh-hans", "zh-hant", "en")


def _reload(root: Path) -> None:
    loader.set_packs_root(root)
    places.forget_kept()
    reader.forget_models()


@pytest.fixture(autouse=True)
def packs(tmp_path: Path, settings: Any) -> Iterator[Path]:
    """Small packs of this test, with room for models."""
    known = list(loader._root)
    write_packs(tmp_path / "packs")
    settings.PACKS_ROOT, settings.MODELS_ROOT = tmp_path / "packs", tmp_path / "models"
    _reload(tmp_path / "packs")
    yield tmp_path / "packs"
    loader._root[:] = known
    loader.scenario_for.cache_clear()
    reader.forget_models()


def retire(packs: Path, successor: str = SURFACE) -> None:
    """The office's packs say: potholes are retired; what took over, if anything."""
    path = packs / "base" / "categories.toml"
    text = path.read_text()
    old = f'key = "{POTHOLE}"\nparent = "roads"\n'
    assert old in text
    retired = f"{old}retired = true\n" + (f'successor = "{successor}"\n' if successor else "")
    text = text.replace(old, retired)
    if successor == SURFACE:
        text += f'\n[[category]]\nkey = "{SURFACE}"\nparent = "roads"\n'
        for lang in LANGS:
            strings = packs / "base" / "strings" / f"{lang}.toml"
            of = "" if lang == "zh-hans" else f', of = "{text_hash("路面")}"'
            more = f'\n"category.{SURFACE}" = {{ text = "路面"{of} }}\n"category.{SURFACE}.help" = {{ text = "路面"{of} }}\n'
            strings.write_text(strings.read_text() + more)
    path.write_text(text)
    _reload(packs)


def delete(packs: Path) -> None:
    """The category is gone from the packs; its words are kept."""
    path = packs / "base" / "categories.toml"
    path.write_text(path.read_text().replace(f'[[category]]\nkey = "{POTHOLE}"\nparent = "roads"\n', ""))
    kept = (packs / "base" / "examples.jsonl").read_text().splitlines()
    kept = [line for line in kept if json.loads(line)["category"] != POTHOLE]
    (packs / "base" / "examples.jsonl").write_text("\n".join(kept))
    _reload(packs)


def test_an_old_case_keeps_its_words_and_the_search_finds_it(cast: Cast, packs: Path, client_of: Any) -> None:
    case, _report, _code = filed(cast)
    retire(packs)
    desk = client_of(cast.coordinator)
    assert "坑洼路面" in page(desk, f"/river/desk/cases/{case.number}/")
    listed = page(desk, f"/river/desk/cases/?category={POTHOLE}")
    assert case.number in listed and f'<option value="{POTHOLE}" selected>坑洼路面</option>' in listed
    assert dispatch.rule_for(case, NOON).item == cast.pothole_rule


def test_a_category_that_is_gone_keeps_its_words_too(cast: Cast, packs: Path, client_of: Any) -> None:
    case, _report, _code = filed(cast)
    delete(packs)
    desk = client_of(cast.coordinator)
    assert "坑洼路面" in page(desk, f"/river/desk/cases/{case.number}/")
    assert case.number in page(desk, f"/river/desk/cases/?category={POTHOLE}")
    assert "坑洼路面" not in page(desk, "/river/near/")
    strings = packs / "base" / "strings"
    for lang in LANGS:
        lines = (strings / f"{lang}.toml").read_text().splitlines()
        (strings / f"{lang}.toml").write_text("\n".join(li for li in lines if POTHOLE not in li))
    _reload(packs)
    said = page(desk, f"/river/desk/cases/{case.number}/")
    assert "a category no longer in use" in said and POTHOLE not in said


def test_nobody_can_choose_it_any_more(cast: Cast, packs: Path, client_of: Any) -> None:
    case, report, _code = filed(cast)
    retire(packs)
    desk = client_of(cast.coordinator)
    address = f"/river/desk/cases/{case.number}/"
    said = page(desk, address)
    assert f'<option value="{POTHOLE}"' not in said and f'<option value="{SURFACE}"' in said
    assert '<option value="">please choose</option>' in said.split('id="category-choice"')[1][:200]
    assert desk.post(f"{address}category/", {"category": POTHOLE}).status_code == 409
    with pytest.raises(UnderstandingError, match="no longer in use"):
        understanding.decide_category(
            report=report, category=POTHOLE, by=cast.actor(cast.coordinator), at=NOON
        )
    assert desk.post(f"{address}category/", {"category": SURFACE}).status_code == 302
    power = page(client_of(cast.admin), "/river/setup/power/")
    assert f'<option value="{POTHOLE}"' not in power


def test_a_hint_from_a_channel_means_the_successor(cast: Cast, packs: Path) -> None:
    retire(packs)
    report, _code = say(cast, category_hint=POTHOLE, at=NOON)
    reading = understanding.read_report(report=report, at=NOON)
    assert (reading.category, reading.abstained) == (SURFACE, False)


def test_a_hint_without_a_successor_is_nobody_s(cast: Cast, packs: Path) -> None:
    retire(packs, successor="")
    report, _code = say(cast, category_hint=POTHOLE, at=NOON)
    reading = understanding.read_report(report=report, at=NOON)
    assert (reading.category, reading.abstained) == ("other.unclear", True)


def test_a_model_that_learned_it_says_the_successor(cast: Cast, packs: Path) -> None:
    assert training.retrain(jurisdiction=None, at=MONDAY, force=True) is not None
    reader.forget_models()
    report, _code = say(cast, "马路坑洼不平，路面有个大坑", at=NOON)
    assert understanding.read_report(report=report, at=NOON).category == POTHOLE
    retire(packs)
    reading = understanding.read_report(report=report, at=NOON)
    assert reading.category == SURFACE and reading.words
    assert POTHOLE not in {g["category"] for g in reading.top3}
    retire_again = packs / "base" / "categories.toml"
    retire_again.write_text(retire_again.read_text().replace(f'successor = "{SURFACE}"\n', ""))
    _reload(packs)
    reading = understanding.read_report(report=report, at=NOON)
    assert reading.category not in {POTHOLE, SURFACE}


def test_examples_of_it_teach_the_successor(cast: Cast, packs: Path) -> None:
    report, _code = say(cast, "路面塌了", at=NOON)
    Example.objects.create(
        jurisdiction=cast.office, report=report, category=POTHOLE, source="person", confirmed_at=NOON
    )
    retire(packs)
    lesson = training._lesson(cast.office)
    assert POTHOLE not in lesson.labels
    assert (
        lesson.labels.count(SURFACE) == 24 + 1 + 1
    )  # the pack's sentences, its own name, the confirmed report
    model = training.train_model(jurisdiction=cast.office, at=NOON)
    assert model.metrics["own_messages"] == 1
    text = packs / "base" / "categories.toml"
    text.write_text(text.read_text().replace(f'successor = "{SURFACE}"\n', ""))
    _reload(packs)
    assert not {POTHOLE, SURFACE} & set(training._lesson(cast.office).labels[:-1]) - {SURFACE}
    assert POTHOLE not in training._lesson(cast.office).labels


def test_its_lines_of_the_power_list_are_shown_as_dead(cast: Cast, packs: Path, client_of: Any) -> None:
    dispatch.save_power_item(
        jurisdiction=cast.office, code="roads-all", category="roads", lead_unit=cast.estate_unit, basis="某条",
        promise=Promise(amount=5, unit="workday"), by="x", at=MONDAY,
    )  # fmt: skip
    retire(packs)
    admin = client_of(cast.admin)
    power = page(admin, "/river/setup/power/")
    assert "1 line needs a decision" in power
    assert "Its category is no longer in use; instead there is “路面”." in power
    assert "names an area, a category or a unit that is no longer there" in page(admin, "/river/setup/")
    assert "坑洼路面 → 路面" in page(admin, "/river/setup/packs/")
    # The line can still be changed without losing what it was about.
    assert f'<option value="{POTHOLE}" selected>' in page(admin, "/river/setup/power/?edit=roads-1")
    report, _code = say(cast, category_hint=POTHOLE, at=NOON)
    worker.drain()
    case = cases.case_of(report)
    assert case is not None and (case.category, case.lead_unit) == (SURFACE, cast.estate_unit)


def test_figures_name_old_groups_in_words(cast: Cast, packs: Path, client_of: Any) -> None:
    filed(cast)
    retire(packs)
    assert "道路" in page(client_of(cast.leader), "/river/figures/?by=category")


def test_a_successor_must_exist_and_lead_to_an_end(packs: Path, cast: Cast) -> None:
    with pytest.raises(PackError, match="names no category"):
        retire(packs, successor="roads.nowhere")
        categories(cast.office)
    path = packs / "base" / "categories.toml"
    path.write_text(path.read_text().replace("roads.nowhere", POTHOLE))
    _reload(packs)
    with pytest.raises(PackError, match="leads back to itself"):
        categories(cast.office)
    path.write_text(path.read_text().replace("retired = true\n", ""))
    _reload(packs)
    with pytest.raises(PackError, match="retired = true"):
        categories(cast.office)
