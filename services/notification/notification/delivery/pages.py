"""Page: failed deliveries, for owners of the installation."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _

from chassis.web.auth import PageRequest, signed_in
from notification.delivery import access, actions, queries, tasks

app_name = "delivery"


@signed_in("GET")
def failures(request: PageRequest) -> HttpResponse:
    """List failed deliveries, newest first."""
    access.require_owner(request.principal)
    page = queries.failures(cursor=request.GET.get("cursor"))
    return render(request, "delivery/failures.html", {"page": page})


@signed_in("POST")
def retry(request: PageRequest, delivery_id: UUID) -> HttpResponse:
    """Retry a failed delivery."""
    delivery = access.failure_for_owner(delivery_id, principal=request.principal)

    actions.retry_delivery(delivery=delivery, at=timezone.now())
    tasks.enqueue_send_on_commit([delivery.id])

    messages.success(request, _("It will be sent again."))
    return redirect("delivery:failures")


urlpatterns = [
    path("failures/", failures, name="failures"),
    path("failures/<uuid:delivery_id>/retry/", retry, name="retry"),
]
