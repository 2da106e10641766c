"""What every table says of itself: whose data, for how long, for which office; and which way its links point."""

from typing import Any

from tests.house.plan import app_levels, app_of, complain, house_models, name_of

# Tables without a jurisdiction of their own or of a row they belong to, each with its reason.
NO_JURISDICTION = {
    "places.Jurisdiction": "it is the jurisdiction",
    "actors.User": "a person may work for several offices; each Grant names one",
    "actors.Passkey": "opens an account; see User",
    "actors.CodeApp": "opens an account; see User",
    "actors.RecoveryCode": "opens an account; see User",
    "actors.OpenSession": "an account is signed in everywhere at once; see User",
    "actors.OneTimeSecret": "a challenge is given before anybody is known; a link opens an account",
    "actors.RateCounter": "counts uses of hashed keys, before anybody is known",
    "kernel.WorkerPulse": "a worker works for all offices",
    "ledger.Entry": "`tree` holds the code of the jurisdiction; the ledger stands below it and cannot link to it",
    "ledger.Tree": "its `code` is that of the jurisdiction",
    "ledger.Checkpoint": "as Entry: `tree`",
}
MAY_HOLD_PERSONS = {"actors", "channels"}


def test_links_between_tables_point_the_way_imports_do() -> None:
    levels, found = app_levels(), []
    for model in house_models():
        for field in model._meta.get_fields():
            target = field.related_model if not field.auto_created else None
            if target is None or not target.__module__.startswith("gongzhi.apps."):
                continue
            here, there = app_of(model), app_of(target)
            if here != there and levels.get(there, 99) >= levels.get(here, -1):
                found.append(f"{name_of(model)}.{field.name} points up to {name_of(target)}")
    complain(
        found,
        "Turn the link round: a table may point only to apps that stand below its own in .importlinter.",
    )


def test_every_table_says_whose_data_it_holds_and_how_long() -> None:
    found = []
    for model in house_models():
        for word in ("PRIVACY", "RETENTION"):
            if not str(model.__dict__.get(word, "")).strip():
                found.append(f"{name_of(model)} has no {word}")
        if not str(model.__dict__.get("PRIVACY", "none")).startswith(("none", "personal: ")):
            found.append(f"{name_of(model)}.PRIVACY starts neither with “none” nor with “personal: ”")
    complain(
        found,
        "Say in the class PRIVACY = 'none' or 'personal: what, and what for', and RETENTION = how long it is kept.",
    )


def test_personal_data_lives_in_two_apps_only() -> None:
    found = [
        name_of(model)
        for model in house_models()
        if str(getattr(model, "PRIVACY", "")).startswith("personal") and app_of(model) not in MAY_HOLD_PERSONS
    ]
    complain(
        found, "Keep what is personal in actors or channels and link to it, so that one place can erase it."
    )


def _has_jurisdiction(model: Any, seen: tuple[Any, ...] = ()) -> bool:
    """Whether a row names its jurisdiction, or must belong to a row that does."""
    if model in seen:
        return False
    for field in model._meta.concrete_fields:
        if field.name == "jurisdiction":
            return True
        parent = field.related_model
        if parent is not None and not field.null and name_of(parent) not in NO_JURISDICTION:
            if _has_jurisdiction(parent, (*seen, model)):
                return True
    return False


def test_every_row_belongs_to_a_jurisdiction() -> None:
    found = [
        f"{name_of(model)} names no jurisdiction"
        for model in house_models()
        if name_of(model) not in NO_JURISDICTION and not _has_jurisdiction(model)
    ]
    complain(
        found,
        "Add jurisdiction = ForeignKey(Jurisdiction), or a required link to a row that has one. "
        "An exception is written into this test with its reason.",
    )


def test_no_exception_outlives_its_reason() -> None:
    models = {name_of(m): m for m in house_models()}
    found = [f"{n} does not exist" for n in NO_JURISDICTION if n not in models]
    found += [f"{n} has a jurisdiction now" for n in NO_JURISDICTION if n in models and _names_one(models[n])]
    complain(found, "Take the line out of NO_JURISDICTION.")


def _names_one(model: Any) -> bool:
    return any(field.name == "jurisdiction" for field in model._meta.concrete_fields)
