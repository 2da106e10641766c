"""How long work takes is known of forms, never of people: no table, field or page could hold it."""

import re

from tests.house.plan import APPS, complain, house_models, lines_of, name_of, python_files, short

TIMES = re.compile(r"minutes|seconds_(open|spent)|duration|time_spent|opened_form|effort", re.IGNORECASE)
PEOPLE = {"User", "Grant", "OpenSession", "Passkey"}
OF_PERSONS = ("by_ref", "by_id", "by_label", "user", "actor", "session")


def _times(model: object) -> list[str]:
    return [f.name for f in model._meta.get_fields() if TIMES.search(f.name) and not f.is_relation]  # type: ignore[attr-defined]


def test_no_table_that_holds_minutes_names_who_worked() -> None:
    found = []
    for model in house_models():
        if not _times(model):
            continue
        for field in model._meta.get_fields():
            target = getattr(field.related_model, "__name__", "") if field.is_relation else ""
            if target in PEOPLE or field.name in OF_PERSONS:
                found.append(f"{name_of(model)} holds {_times(model)} beside {field.name}")
    complain(found, "Minutes are counted by form: take the person out of this table.")


def test_the_count_of_minutes_has_neither_person_nor_moment() -> None:
    (model,) = [m for m in house_models() if m.__name__ == "MinuteCount"]
    names = {f.name for f in model._meta.get_fields()}
    complain(sorted(names - {"id", "form", "band", "answers"}), "A band and a count are all that is kept.")


def test_there_are_tables_with_minutes_for_the_rule_to_look_at() -> None:
    assert {"dispatch.AskForm", "dispatch.Ask", "dispatch.WeekBudget"} <= {
        name_of(m) for m in house_models() if _times(m)
    }


def test_no_page_or_script_measures_how_long_a_form_was_open() -> None:
    measured = re.compile(r"performance\.now|visibilitychange|sendBeacon|time_on_page|opened_at_client")
    scripts = [p for p in (APPS.parent / "site" / "static" / "gongzhi").rglob("*.js") if lines_of(p)]
    files = [*scripts, *python_files("src")]
    found = [short(path) for path in files if measured.search(path.read_text(encoding="utf-8"))]
    complain(found, "Ask people how long it took, if they like to say; never watch how long a page was open.")
