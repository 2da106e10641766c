"""A file of hotline tickets comes in: first a dry run, then for real; refused rows come back as a file."""

import hashlib
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from gongzhi.apps.channels.kinds.hotline_file import public as hotline_file
from gongzhi.apps.channels.public import ImportRun
from gongzhi.kernel import clock
from gongzhi.kernel.errors import GongzhiError
from gongzhi.site.access import PageRequest, needs

MAX_FILE = 50 * 1024 * 1024
SUFFIXES = {".csv", ".xlsx", ".tsv", ".txt"}


class UploadError(GongzhiError):
    """A file that cannot be imported."""


def _waiting_folder() -> Path:
    folder = Path(settings.DATA_ROOT) / "imports"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _keep_upload(upload: "UploadedFile[Any] | None") -> Path:
    """Put the file where the real run finds it again, under its hash."""
    if upload is None:
        raise UploadError(_("Please choose a file."), hint=_("A CSV or XLSX file from the hotline."))
    suffix = Path(upload.name or "").suffix.lower()
    if suffix not in SUFFIXES:
        raise UploadError(_("This kind of file cannot be read."), hint=_("Save the table as CSV or XLSX."))
    if (upload.size or 0) > MAX_FILE:
        raise UploadError(_("The file is larger than 50 MB."), hint=_("Split it, or use the command line."))
    digest = hashlib.sha256()
    with tempfile.NamedTemporaryFile(dir=_waiting_folder(), delete=False) as out:
        for chunk in upload.chunks():
            digest.update(chunk)
            out.write(chunk)
    return Path(out.name).rename(_waiting_folder() / f"{digest.hexdigest()}{suffix}")


def _run(request: PageRequest, path: Path, mapping: str, dry_run: bool) -> ImportRun:
    return hotline_file.import_file(
        path=path,
        mapping=mapping,
        jurisdiction=request.jurisdiction,
        dry_run=dry_run,
        errors_to=path.with_suffix(".refused.csv"),
        by=request.actor,
        at=clock.now(),
    )


@needs("import_file")
def setup_imports(request: PageRequest) -> HttpResponse:
    """Choose a file, see what would come in, bring it in."""
    j = request.jurisdiction
    context = {
        "mappings": hotline_file.mappings(j),
        "runs": ImportRun.objects.filter(jurisdiction=j).order_by("-pk")[:20],
    }
    if request.method != "POST":
        return render(request, "admin/imports.html", context)
    mapping = request.POST.get("mapping", "")
    try:
        if request.POST.get("apply"):
            known = ImportRun.objects.filter(jurisdiction=j, pk=request.POST["apply"], dry_run=True).first()
            path = _file_of(known)
            done = _run(request, path, known.mapping if known else mapping, dry_run=False)
            messages.success(request, _("%(n)d reports were brought in.") % {"n": done.added})
            return redirect("setup_imports", j=j.code)
        run = _run(request, _keep_upload(request.FILES.get("file")), mapping, dry_run=True)
    except GongzhiError as error:
        shown = context | {"error": error, "error_hint": error.what_to_do(), "chosen": mapping}
        return render(request, "admin/imports.html", shown, status=400)
    return render(request, "admin/imports.html", context | {"run": run, "chosen": mapping})


def _file_of(run: ImportRun | None) -> Path:
    if run is not None:
        for suffix in SUFFIXES:
            path = _waiting_folder() / f"{run.sha256}{suffix}"
            if path.exists():
                return path
    raise UploadError(_("The file is no longer here."), hint=_("Please choose it again."))


@needs("import_file")
def import_errors(request: PageRequest, run_id: int) -> HttpResponse | FileResponse:
    """The refused rows of a run and why each was refused."""
    run = (
        ImportRun.objects.filter(jurisdiction=request.jurisdiction, pk=run_id).exclude(errors_file="").first()
    )
    path = Path(run.errors_file) if run is not None else None
    if path is None or not path.exists() or path.parent != _waiting_folder():
        raise Http404(str(run_id))
    return FileResponse(
        path.open("rb"), as_attachment=True, filename="refused_rows.csv", content_type="text/csv"
    )
