"""Brings a file of tickets in: in batches that are whole or not there, so that a broken import is simply run again."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Final

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from gongzhi.apps.actors.public import Actor
from gongzhi.apps.channels.actions import receive_reports
from gongzhi.apps.channels.kinds.hotline_file import KIND
from gongzhi.apps.channels.kinds.hotline_file.columns import find_columns, folded
from gongzhi.apps.channels.kinds.hotline_file.refusals import RefusalFile
from gongzhi.apps.channels.kinds.hotline_file.rows import ReadRow, RowReader
from gongzhi.apps.channels.kinds.hotline_file.tables import read_rows
from gongzhi.apps.channels.models import ImportRun
from gongzhi.apps.channels.pack import TicketMapping
from gongzhi.apps.channels.queries import known_keys
from gongzhi.apps.channels.rules import MAX_LETTER
from gongzhi.apps.places.public import Jurisdiction
from gongzhi.kernel import clock
from gongzhi.kernel.errors import GongzhiError
from gongzhi.scenarios.loader import scenario_for
from gongzhi.scenarios.model import LANGUAGES

# About half a second of writing: SQLite has one writer, and the site wants its turn.
BATCH: Final = 500
Progress = Callable[[int], object]


class MappingError(GongzhiError):
    """A mapping that no pack of the office has."""


def mappings(jurisdiction: Jurisdiction) -> list[tuple[str, str]]:
    """The column mappings of the office's packs: (key, words in the reader's language)."""
    scenario = scenario_for(tuple(jurisdiction.packs))
    lang = translation.get_language() or jurisdiction.default_language
    keys = [entry.key for entry in scenario.entries("mappings/*.toml")]
    return [(key, scenario.words(f"mapping.{key}", lang)) for key in keys]


def _mapping_named(jurisdiction: Jurisdiction, key: str) -> TicketMapping:
    entries = scenario_for(tuple(jurisdiction.packs)).entries("mappings/*.toml")
    found: TicketMapping | None = next((entry for entry in entries if entry.key == key), None)
    if found is None:
        known = ", ".join(entry.key for entry in entries) or _("none")
        raise MappingError(
            _("There is no mapping “%(key)s”.") % {"key": key},
            hint=_("The office's packs have: %(known)s.") % {"known": known},
        )
    return found


def _category_words(jurisdiction: Jurisdiction) -> Mapping[str, str]:
    """From each key and label of the office's categories to the key. A label that two share is left out."""
    scenario = scenario_for(tuple(jurisdiction.packs))
    words: dict[str, set[str]] = {}
    for entry in scenario.entries("categories.toml"):
        for said in (entry.key, *(scenario.words(f"category.{entry.key}", lang) for lang in LANGUAGES)):
            words.setdefault(folded(said), set()).add(entry.key)
    return {said: next(iter(keys)) for said, keys in words.items() if len(keys) == 1}


def _hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def import_file(
    *,
    path: Path,
    mapping: str,
    jurisdiction: Jurisdiction,
    dry_run: bool,
    errors_to: Path | None,
    by: Actor,
    at: datetime,
    progress: Progress | None = None,
    as_history: bool = False,
) -> ImportRun:
    """Bring in a file of tickets, or only say what would come in (`dry_run`). Returns the run with its counts.

    A ticket is known by its number: what is here already is not added again. Each batch is one transaction, with
    its counts, so a run that was killed leaves whole batches, and running it again adds the rest. Refused rows and
    remarks go to `errors_to`; `progress` is called with the number of rows done.
    `as_history` dates what follows as the tickets are dated.
    Raises TableError or MappingError, and adds nothing, where the file or its headings cannot be read.
    """
    chosen = _mapping_named(jurisdiction, mapping)
    columns, rows = find_columns(read_rows(path), chosen)
    reader = RowReader(
        columns=columns,
        mapping=chosen,
        jurisdiction=jurisdiction,
        categories=_category_words(jurisdiction),
        at=at,
    )
    run = ImportRun.objects.create(
        jurisdiction=jurisdiction,
        mapping=mapping,
        file_name=path.name[-200:],
        sha256=_hash_of(path),
        dry_run=dry_run,
        started_at=at,
        by_ref=by.ref,
    )
    with RefusalFile(errors_to, columns.headings) as refusals:
        for batch in _batches(reader.read(number, cells) for number, cells in rows):
            with transaction.atomic():
                _count(run, batch, _added(run, batch, by, at, as_history))
            for row in batch:
                refusals.add(row)
            if progress is not None:
                progress(run.rows)
        run.errors_file, run.finished_at = refusals.written, clock.now()
    run.save(update_fields=["errors_file", "finished_at"])
    return run


def _batches(rows: Iterator[ReadRow]) -> Iterator[list[ReadRow]]:
    while batch := list(islice(rows, BATCH)):
        yield batch


def _added(run: ImportRun, batch: list[ReadRow], by: Actor, at: datetime, as_history: bool) -> int:
    """Store what is new of a batch, or only count it in a dry run. Returns how many are new."""
    news = [row.new for row in batch if row.new is not None]
    if run.dry_run:
        return len(news) - len(known_keys(run.jurisdiction, KIND, [new.external_key or "" for new in news]))
    received = receive_reports(
        jurisdiction=run.jurisdiction,
        channel=KIND,
        news=news,
        by=by,
        at=at,
        max_text=MAX_LETTER,
        as_history=as_history,
    )
    return sum(one.is_new for one in received)


def _count(run: ImportRun, batch: list[ReadRow], added: int) -> None:
    refused = sum(row.new is None for row in batch)
    run.rows += len(batch)
    run.added += added
    run.refused += refused
    run.known += len(batch) - added - refused
    run.remarks += sum(bool(row.remarks) and row.new is not None for row in batch)
    run.save(update_fields=["rows", "added", "refused", "known", "remarks"])
