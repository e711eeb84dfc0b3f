"""The webhook endpoint, and the page where operators set it up."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from chassis.errors import DomainError
from chassis.web.auth import PageRequest, signed_in
from chassis.web.forms import render_confirmation
from chassis.web.problems import problem_response
from study.cohorts.access import membership_for_operator
from study.cohorts.models import Cohort
from study.github import access, queries
from study.github.actions import webhooks as actions
from study.github.rules import deliveries as rules
from study.github.rules.parsing import parse_event


@csrf_exempt
@require_POST
def github(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """Receive a delivery from GitHub. The body is parsed only after its signature is verified."""
    now = timezone.now()
    try:
        webhook = access.webhook_for_delivery(webhook_id)
        event_type, delivery_id, text = read_delivery(request, queries.secrets_of(webhook, at=now))
        action, event = parse_event(event_type, text)

        delivery = actions.Delivery(delivery_id, event_type, action, event)
        result = actions.process_delivery(webhook=webhook, delivery=delivery, at=now)
    except DomainError as error:
        return problem_response(error.status, error.code, str(error))

    return JsonResponse({"outcome": result.outcome.value, "repeated": not result.is_new})


def read_delivery(request: HttpRequest, secrets: list[str]) -> tuple[str, str, str]:
    """Return the type, id and JSON of a delivery. DomainError unless it is signed with one of the secrets."""
    body = _body(request)
    if request.content_type not in {rules.JSON, rules.FORM}:
        raise rules.WrongType
    if not rules.is_signed(body, request.headers.get("X-Hub-Signature-256", ""), secrets):
        raise rules.NotSigned
    event_type, delivery_id = rules.validate_headers(
        request.headers.get("X-GitHub-Event", ""), request.headers.get("X-GitHub-Delivery", "")
    )
    return event_type, delivery_id, rules.payload_of(body, request.content_type)


def _body(request: HttpRequest) -> bytes:
    """Read the raw body up to MAX_BODY_SIZE, which exceeds Django's limit for forms."""
    length = request.headers.get("Content-Length", "")
    if length.isdecimal() and int(length[:12]) > rules.MAX_BODY_SIZE:
        raise rules.TooLarge
    try:
        body = request.read(rules.MAX_BODY_SIZE + 1)
    except OSError:
        raise rules.NotReadable from None
    if len(body) > rules.MAX_BODY_SIZE:
        raise rules.TooLarge
    return body


@signed_in("GET", "POST")
def webhook_settings(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """The webhook of a cohort: how to set it up, and what it has delivered. Posting sets it up."""
    cohort = membership_for_operator(cohort_id, account_id=request.principal.account_id).cohort

    if request.method == "POST":
        try:
            return _render(
                request,
                cohort,
                actions.create_webhook(cohort=cohort, by=request.principal.account_id, at=timezone.now()),
            )
        except actions.WebhookExists as error:
            messages.info(request, str(error))
            return redirect("github:settings", cohort.id)

    return _render(request, cohort)


@signed_in("GET", "POST")
def rotate(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Make a new secret, once asked. It is shown on the page that answers, and never again."""
    webhook = access.webhook_for_operator(cohort_id, account_id=request.principal.account_id)

    if request.method == "POST":
        made = actions.rotate_secret(webhook=webhook, by=request.principal.account_id, at=timezone.now())
        return _render(request, webhook.cohort, made)

    return render_confirmation(
        request,
        title=_("Make a new secret?"),
        lines=[
            _("The new secret is shown once. Enter it at the webhook on GitHub."),
            _("The one used until now stays valid for 24 hours; after that its deliveries are refused."),
        ],
        button=_("Make a new secret"),
        back=reverse("github:settings", args=[cohort_id]),
        cohort=webhook.cohort,
    )


def _render(request: PageRequest, cohort: Cohort, made: actions.WebhookSecret | None = None) -> HttpResponse:
    webhook = made.webhook if made else queries.webhook_of(cohort.id)
    context = {
        "cohort": cohort,
        "webhook": webhook,
        "secret": made.secret if made else "",
        "page": queries.deliveries(cohort.id, cursor=request.GET.get("cursor")),
        "now": timezone.now(),
    }
    return render(request, "github/settings.html", context, status=201 if made else 200)


app_name = "github"
urlpatterns = [
    path("hooks/github/<uuid:webhook_id>", github, name="github"),
    path("cohorts/<uuid:cohort_id>/hook/", webhook_settings, name="settings"),
    path("cohorts/<uuid:cohort_id>/hook/rotate/", rotate, name="rotate"),
]
