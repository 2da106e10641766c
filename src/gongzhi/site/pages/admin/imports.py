"""A file of hotline tickets comes in: first a dry run, then for real; refused rows come back as a file."""

import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from gongzhi.apps.channels.kinds.hotline_file import public as hotline_file
from gongzhi.apps.channels.public import ImportRun
from gongzhi.apps.places.public import Jurisdiction
from gongzhi.kernel import clock
from gongzhi.kernel.errors import GongzhiError
from gongzhi.scenarios.loader import scenario_for
from gongzhi.site.access import PageRequest, needs

MAX_FILE: Final = 50 * 1024 * 1024
SUFFIXES: Final = frozenset({".csv", ".xlsx", ".tsv", ".txt"})
REFUSED: Final = "refused.csv"
RUNS_SHOWN: Final = 20
# A file holds what people said and their numbers: one that nobody brings in does not stay.
KEPT: Final = timedelta(days=7)
COLUMNS: Final = {
    "external_key": gettext_lazy("number of the ticket"),
    "received_at": gettext_lazy("when it was received"),
    "text": gettext_lazy("what was said"),
    "title": gettext_lazy("title"),
    "place_words": gettext_lazy("place in words"),
    "lon": gettext_lazy("longitude"),
    "lat": gettext_lazy("latitude"),
    "request_type": gettext_lazy("kind of request"),
    "category_hint": gettext_lazy("category"),
    "contact_name": gettext_lazy("name"),
    "contact_phone": gettext_lazy("phone"),
}
NEEDED: Final = frozenset({"external_key", "received_at", "text"})


class UploadError(GongzhiError):
    """A file that cannot be imported."""


@dataclass(frozen=True)
class Column:
    """What a mapping reads: in words, whether it must be there, under which headings it is looked for."""

    words: str
    needed: bool
    headings: list[str]


def _waiting_folder() -> Path:
    folder = Path(settings.DATA_ROOT).resolve() / "imports"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _safe_name(upload: "UploadedFile[Any]", suffix: str) -> str:
    """The file's own name as far as it can stand in a folder: people look for it in the history."""
    stem = Path(upload.name or "").stem[:80]
    try:
        return f"{get_valid_filename(stem)}{suffix}"
    except SuspiciousFileOperation:
        return f"file{suffix}"


def _forget_old() -> None:
    """Remove files that nobody brought in for a week."""
    before = (clock.now() - KEPT).timestamp()
    for path in _waiting_folder().glob("*/*"):
        if path.name != REFUSED and path.stat().st_mtime < before:
            path.unlink(missing_ok=True)


def _keep_upload(upload: "UploadedFile[Any] | None") -> Path:
    """Put the file where the real run finds it again: its own name in a folder named by its hash."""
    if upload is None:
        raise UploadError(_("Please choose a file."), hint=_("A CSV or XLSX file from the hotline."))
    suffix = Path(upload.name or "").suffix.lower()
    if suffix not in SUFFIXES:
        raise UploadError(_("This kind of file cannot be read."), hint=_("Save the table as CSV or XLSX."))
    if (upload.size or 0) > MAX_FILE:
        raise UploadError(_("The file is larger than 50 MB."), hint=_("Split it, or use the command line."))
    _forget_old()
    digest = hashlib.sha256()
    with tempfile.NamedTemporaryFile(dir=_waiting_folder(), delete=False) as out:
        for chunk in upload.chunks():
            digest.update(chunk)
            out.write(chunk)
    folder = _waiting_folder() / digest.hexdigest()
    folder.mkdir(exist_ok=True)
    return Path(out.name).rename(folder / _safe_name(upload, suffix))


def _run(request: PageRequest, path: Path, mapping: str, dry_run: bool) -> ImportRun:
    return hotline_file.import_file(
        path=path,
        mapping=mapping,
        jurisdiction=request.jurisdiction,
        dry_run=dry_run,
        errors_to=path.parent / REFUSED,
        by=request.actor,
        at=clock.now(),
    )


def _dry_run(request: PageRequest, mapping: str) -> ImportRun:
    """Say what would come in of the file that was sent."""
    if not mapping:
        raise UploadError(
            _("Please choose where the file comes from."),
            hint=_("Each source names its columns in its own way."),
        )
    return _run(request, _keep_upload(request.FILES.get("file")), mapping, dry_run=True)


def _bring_in(request: PageRequest) -> ImportRun:
    """The real run after its dry run. The file goes once it is in; a run that breaks off leaves it for another."""
    wanted = request.POST.get("apply", "")
    rows = ImportRun.objects.filter(jurisdiction=request.jurisdiction, dry_run=True)
    known = rows.filter(pk=int(wanted)).first() if wanted.isdecimal() else None
    path = _waiting_folder() / known.sha256 / known.file_name if known is not None else None
    if known is None or path is None or not path.is_file():
        raise UploadError(_("The file is no longer here."), hint=_("Please choose it again."))
    done = _run(request, path, known.mapping, dry_run=False)
    path.unlink(missing_ok=True)
    return done


@needs("import_file")
def setup_imports(request: PageRequest) -> HttpResponse:
    """Choose a file, see what would come in, bring it in."""
    mapping = request.POST.get("mapping", "")
    shown: dict[str, Any] = {"chosen": mapping} if mapping else {}
    if request.method == "POST":
        try:
            if request.POST.get("apply"):
                messages.success(request, _brought_in(_bring_in(request)))
                return redirect("setup_imports", j=request.jurisdiction.code)
            run = _dry_run(request, mapping)
            shown |= {"run": run, "run_file": _has_file(run)}
        except GongzhiError as error:
            shown |= {"error": error, "error_hint": error.what_to_do()}
    context = _page(request.jurisdiction) | shown
    return render(request, "admin/imports.html", context, status=400 if "error" in shown else 200)


def _brought_in(run: ImportRun) -> str:
    words = ngettext("%(n)d report was brought in.", "%(n)d reports were brought in.", run.added)
    return words % {"n": run.added}


def _page(jurisdiction: Jurisdiction) -> dict[str, Any]:
    """What the page shows whatever was asked: the mappings with their columns, the latest runs."""
    names = dict(hotline_file.mappings(jurisdiction))
    runs = list(ImportRun.objects.filter(jurisdiction=jurisdiction).order_by("-pk")[:RUNS_SHOWN])
    return {
        "chosen": runs[0].mapping if runs else "",
        "mappings": list(names.items()),
        "columns": [(names.get(key, key), found) for key, found in _columns(jurisdiction)],
        "runs": [(run, names.get(run.mapping, run.mapping), _has_file(run)) for run in runs],
    }


def _columns(jurisdiction: Jurisdiction) -> Iterator[tuple[str, list[Column]]]:
    for entry in scenario_for(tuple(jurisdiction.packs)).entries("mappings/*.toml"):
        yield (
            entry.key,
            [
                Column(str(words), name in NEEDED, headings)
                for name, words in COLUMNS.items()
                if (headings := list(getattr(entry, name)))
            ],
        )


def _file_of_refused(run: ImportRun) -> Path | None:
    """The refused rows of a run, where they lie in the folder of imports and nowhere else."""
    path = Path(run.errors_file)
    inside = run.errors_file and path.name == REFUSED and path.parent.parent == _waiting_folder()
    return path if inside and path.is_file() else None


def _has_file(run: ImportRun) -> bool:
    return _file_of_refused(run) is not None


@needs("import_file")
def import_errors(request: PageRequest, run_id: int) -> HttpResponse | FileResponse:
    """The refused rows of a run and why each was refused."""
    run = ImportRun.objects.filter(jurisdiction=request.jurisdiction, pk=run_id).first()
    path = _file_of_refused(run) if run is not None else None
    if path is None:
        raise Http404(str(run_id))
    return FileResponse(
        path.open("rb"), as_attachment=True, filename="refused_rows.csv", content_type="text/csv"
    )
