"""The service worker and the manifest of the whole product.

One service routes them, at the root: a worker controls the paths below its own.
"""

from __future__ import annotations

from pathlib import Path

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.urls import path
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

SERVICE_WORKER = Path(__file__).parent / "service-worker.js"


@require_safe
@cache_control(no_cache=True)
def service_worker(request: HttpRequest) -> HttpResponse:
    """Return the service worker, which shows push messages."""
    return HttpResponse(SERVICE_WORKER.read_bytes(), content_type="text/javascript; charset=utf-8")


@require_safe
@vary_on_headers("Accept-Language", "Cookie")
def manifest(request: HttpRequest) -> HttpResponse:
    """Return the web app manifest in the reader's language."""
    icons = [
        {"src": static("look/favicon.svg"), "type": "image/svg+xml", "sizes": "any"},
        {"src": static("look/icon-180.png"), "type": "image/png", "sizes": "180x180"},
    ]
    content = {
        "id": "/",
        "name": _("Seodang"),
        "short_name": _("Seodang"),
        "lang": get_language(),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#fffefb",
        "theme_color": "#fffefb",
        "icons": icons,
    }
    return JsonResponse(content, content_type="application/manifest+json")


urlpatterns = [path("service-worker.js", service_worker), path("manifest.webmanifest", manifest)]
