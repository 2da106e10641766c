"""Private photos: shown to the reporter who is signed in by code, and to staff who may see the case."""

from django.http import FileResponse, Http404

from gongzhi.apps.cases import public as cases
from gongzhi.apps.channels.public import Photo, photo_by_id
from gongzhi.site.access import PageRequest, public_page

REPORT_SESSION_KEY = "gz_report"


def _may_see(request: PageRequest, photo: Photo) -> bool:
    if request.session.get(REPORT_SESSION_KEY) == photo.report_id:
        return True
    if request.actor.kind != "user":
        return False
    case = cases.case_of(photo.report)
    visible = cases.visible_cases(visible_to=request.actor, jurisdiction=request.jurisdiction)
    return case is not None and visible.filter(pk=case.pk).exists()


@public_page
def photo(request: PageRequest, photo_id: int) -> FileResponse:
    """A photo, if this visitor may see its report; otherwise it is as if it were not there."""
    found = photo_by_id(request.jurisdiction, photo_id, visible_to=request.actor)
    if found is None or not _may_see(request, found):
        raise Http404(str(photo_id))
    response = FileResponse(found.file.open("rb"), content_type="image/jpeg")
    response["Cache-Control"] = "private, max-age=600"
    return response
