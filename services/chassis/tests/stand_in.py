"""What a service would bring: a page, two API views, an event and its handlers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID, uuid4

from django.contrib import messages
from django.db import OperationalError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils import timezone, translation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chassis.account_mirror import handlers as account_mirror
from chassis.errors import DomainError, NotAllowed, NotFound
from chassis.events.models import ProcessedEvent
from chassis.events.publish import Envelope
from chassis.personal_data import handlers as personal_data
from chassis.web.auth import PageRequest, principal_of, signed_in
from chassis.web.rest import ServiceOnly


@dataclass(frozen=True, kw_only=True)
class CohortChanged:
    event_name: ClassVar[str] = "study.cohort_changed.v1"
    cohort_id: UUID
    title: str
    version: int


class NameTaken(DomainError):
    code = "taken"
    title = "%(what)s is taken."


closed: set[UUID] = set()


def is_closed(account_id: UUID) -> bool:
    return account_id in closed


received_events: list[Envelope] = []
troubles: dict[str, Exception] = {}


def note(envelope: Envelope) -> None:
    if envelope["event_id"] in troubles:
        raise troubles[envelope["event_id"]]
    received_events.append(envelope)


deleted: list[UUID] = []
# What `making` and Rows raise after they have written, one error a run.
next_errors: list[Exception] = []
committed: list[UUID] = []


def export_personal_data(account_id: UUID) -> dict[str, Any]:
    return {"account_id": str(account_id)}


def delete_personal_data(*, account_id: UUID, at: datetime) -> None:
    deleted.append(account_id)


SUBSCRIPTIONS = {
    "users.contact_changed.v1": note,
    "users.account_changed.v1": account_mirror.account_changed,
    "users.account_closed.v1": personal_data.account_closed,
    "users.export_requested.v1": personal_data.export_requested,
}


@signed_in("GET", "POST")
def page(request: PageRequest) -> HttpResponse:
    return HttpResponse(
        f"{request.principal.account_id} {translation.get_language()} {request.POST.get('text', '')}"
    )


def refusing(request: HttpRequest, kind: str) -> HttpResponse:
    raise {"missing": NotFound(), "role": NotAllowed(), "taken": NameTaken(what="The name")}[kind]


def bug(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a bug")


def away(request: HttpRequest) -> HttpResponse:
    raise OperationalError(2002, "Can't connect to server on 'db' (115)")


def _make(request: HttpRequest) -> UUID:
    event_id = uuid4()
    ProcessedEvent.objects.create(event_id=event_id, received_at=timezone.now())
    messages.success(request, f"made {event_id}")
    transaction.on_commit(lambda: committed.append(event_id))
    return event_id


def making(request: HttpRequest, how: str) -> HttpResponse:
    """Write a row, then answer in that way."""
    event_id, sent = _make(request), [file.read().decode() for file in request.FILES.getlist("sheet")]
    if next_errors:
        raise next_errors.pop()
    if how == "bug":
        raise RuntimeError("a bug")
    if how == "refused":
        raise NameTaken(what="The name")
    if how == "redirect":
        return HttpResponseRedirect(f"/made/{event_id}/")
    return HttpResponse(f"made {event_id} {sent}", status=201 if how == "shown" else 200)


class Rows(APIView):
    def post(self, request: Request) -> Response:
        event_id, text = _make(request._request), request.data["text"]
        if next_errors:
            raise next_errors.pop()
        return Response({"id": str(event_id), "text": text}, status=201)


class Me(APIView):
    def get(self, request: Request) -> Response:
        return Response({"account_id": str(principal_of(request).account_id)})

    def post(self, request: Request) -> Response:
        raise NameTaken(field="name", what="The name")


class Peers(APIView):
    permission_classes = [ServiceOnly]

    def get(self, request: Request) -> Response:
        return Response({"service": principal_of(request).subject})


urlpatterns: list[Any] = [
    path("page/", page),
    path("refusing/<str:kind>/", refusing),
    path("api/me", Me.as_view()),
    path("api/bug", bug),
    path("away/", away),
    path("api/away", away),
    path("making/<str:how>/", making),
    path("api/rows", Rows.as_view()),
    path("internal/peers", Peers.as_view()),
]

handler400 = "chassis.web.problems.unreadable"
handler404 = "chassis.web.problems.missing"
handler500 = "chassis.web.problems.broken"
