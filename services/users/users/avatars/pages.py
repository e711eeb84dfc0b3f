"""Avatars of people, for every page that shows an avatar."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

from csp.decorators import csp_exempt
from django.http import HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.http import conditional_page

from chassis.web.auth import PageRequest, signed_in
from users.avatars import queries

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# What a browser shows where there is none: nothing, over the initials. 404 would fill its console.
NOTHING = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
# How long a browser shows what it has without asking.
MAX_AGE, MAX_AGE_OF_NOTHING = timedelta(days=1), timedelta(minutes=10)


# More would not fit into an address. avatars.js asks for so many at once.
MAX_ACCOUNTS = 40


@signed_in("GET")
def with_avatar(request: PageRequest) -> HttpResponse:
    """Respond with those of the account ids in `of`, separated by commas, that have an avatar."""
    asked = request.GET.get("of", "").split(",")[:MAX_ACCOUNTS]
    ids = [UUID(text) for text in asked if _UUID.fullmatch(text)]
    return _cached(JsonResponse(queries.with_avatar(ids), safe=False), MAX_AGE_OF_NOTHING)


# An image loads nothing: without the policy its headers are half as long, for each of the many on a page.
@csp_exempt()  # type: ignore[arg-type] # its types know no arguments from the address
@conditional_page
@signed_in("GET")
def avatar(request: PageRequest, account_id: UUID) -> HttpResponse:
    """Respond with the account's avatar, or with an empty image: to everybody who is signed in (ADR 0064)."""
    found = queries.find_avatar(account_id)
    if found is None:
        return _cached(HttpResponse(NOTHING, content_type="image/svg+xml"), MAX_AGE_OF_NOTHING)
    return _cached(HttpResponse(found.content, content_type=found.media_type), MAX_AGE)


def _cached(response: HttpResponse, lifetime: timedelta) -> HttpResponse:
    response["Cache-Control"] = f"private, max-age={int(lifetime.total_seconds())}"
    return response


urlpatterns = [
    path("avatars/", with_avatar, name="with_avatar"),
    path("avatars/<uuid:account_id>/", avatar, name="avatar"),
]
