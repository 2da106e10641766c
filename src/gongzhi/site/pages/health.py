"""What machines ask: whether this process answers, whether it can serve, how it goes."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from gongzhi.site.access import open_page
from gongzhi.site.watching.figures import CONTENT_TYPE, figures
from gongzhi.site.watching.readiness import readiness


@open_page
@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers. It asks nothing of the database."""
    return JsonResponse({"status": "ok"})


@open_page
@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when database, tables and reading model are well, else 503 with a word for each that is not."""
    found = readiness()
    status = "failing" if found.failing else "ready"
    answer = {"status": status, "failing": found.failing, "queue_lag_seconds": found.queue_lag_seconds}
    return JsonResponse(answer, status=503 if found.failing else 200)


@open_page
@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures for Prometheus, for who knows the key; without a key in the settings there is no such page."""
    if not settings.METRICS_KEY:
        raise Http404
    if not constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {settings.METRICS_KEY}"):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"}, content_type="text/plain")
    return HttpResponse(figures(), content_type=CONTENT_TYPE)
