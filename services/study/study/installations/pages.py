"""Connecting GitHub: the App of the installation for its owner, its installations for operators."""

from __future__ import annotations

import json
from functools import partial
from uuid import UUID

from csp.decorators import csp_update
from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from chassis.errors import DomainError
from chassis.web.auth import PageRequest, signed_in
from chassis.web.forms import handle_form
from chassis.web.problems import problem_response
from study.cohorts.access import membership_for_operator
from study.github.actions.polling import respect_rate_limits
from study.github.actions.webhooks import Delivery, process_app_delivery
from study.github.client import GitHubNotFound, GitHubRateLimited, GitHubUnavailable
from study.github.pages import read_delivery
from study.github.queries import cohorts_watching, secrets_of
from study.github.rules.parsing import parse_event, parse_response
from study.installations import access, queries
from study.installations.actions import app as actions
from study.installations.actions import installations
from study.installations.actions.check_runs import set_check_runs
from study.installations.client import app_client, manifest_client
from study.installations.forms import CredentialsForm, OrganizationForm
from study.installations.rules.manifest import create_manifest, is_reachable
from study.installations.rules.payloads import INSTALLATION_EVENTS
from study.memberships.access import require_owner

STATE_SALT = "study.installations.manifest"
# GitHub's code is valid for as long.
STATE_MAX_AGE_SECONDS = 3600
OAUTH_CALLBACK_PATH = "/accounts/github/login/callback/"


@signed_in("GET")
def app(request: PageRequest) -> HttpResponse:
    """Show the owner the App, or the form that makes GitHub create it."""
    require_owner(request.principal)
    return _render_app(request, CredentialsForm())


@signed_in("GET")
def created(request: PageRequest) -> HttpResponse:
    """Store the App that GitHub has just created: GitHub redirects the owner here with a code."""
    require_owner(request.principal)
    me = request.principal.account_id
    try:
        signed = signing.loads(request.GET.get("state", ""), salt=STATE_SALT, max_age=STATE_MAX_AGE_SECONDS)
    except signing.BadSignature:
        signed = None
    if signed != str(me):
        messages.error(
            request, _("This link is too old, or was made for someone else. Connect GitHub again.")
        )
        return redirect("installations:app")

    try:
        conversion = manifest_client().convert(request.GET.get("code", "")[:100])
        actions.create_app(conversion=conversion, by=me, at=timezone.now())
    except GitHubNotFound:
        messages.error(
            request, _("GitHub does not know this code: it is used or an hour old. Connect GitHub again.")
        )
    except (GitHubRateLimited, GitHubUnavailable):
        messages.error(request, _("GitHub does not answer. Reload this page in a minute."))
        # No redirect: reloading tries the same code again.
        return _render_app(request, CredentialsForm(), status=503)
    except actions.AppExists as error:
        messages.info(request, str(error))
    else:
        messages.success(request, _("GitHub is connected. Install the App where your repositories are."))
    return redirect("installations:app")


@signed_in("POST")
def credentials(request: PageRequest) -> HttpResponse:
    """Replace the App's credentials, after they were changed on GitHub."""
    require_owner(request.principal)
    form = CredentialsForm(request.POST)

    if handle_form(form, actions.update_credentials, at=timezone.now()):
        messages.success(request, _("The credentials are saved."))
        return redirect("installations:app")

    return _render_app(request, form, status=422)


@signed_in("POST")
def webhook_secret(request: PageRequest) -> HttpResponse:
    """Make a new webhook secret, on GitHub too."""
    require_owner(request.principal)
    try:
        actions.rotate_webhook_secret(github=app_client(), at=timezone.now())
    except (actions.NoWebhook, actions.SecretNotChanged) as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request, _("GitHub signs with a new secret. The one before is accepted for 24 hours.")
        )
    return redirect("installations:app")


def _render_app(request: PageRequest, form: CredentialsForm, *, status: int = 200) -> HttpResponse:
    organization = OrganizationForm(request.GET if "organization" in request.GET else None)
    login = (
        organization.cleaned_data["organization"] if organization.is_bound and organization.is_valid() else ""
    )
    has_webhook = is_reachable(settings.PUBLIC_URL, settings.GITHUB_WEB_URL)
    manifest = create_manifest(
        public_url=settings.PUBLIC_URL,
        paths={
            "hook": reverse("installations:hook"),
            "redirect": reverse("installations:created"),
            "setup": reverse("installations:installed"),
            "oauth": OAUTH_CALLBACK_PATH,
        },
        has_webhook=has_webhook,
        # One that an organization owns is for that organization.
        is_public=not login,
    )
    state = signing.dumps(str(request.principal.account_id), salt=STATE_SALT)
    owner = f"/organizations/{login}" if login else ""
    context = {
        "app": queries.get_app(),
        "installations": queries.list_installations(),
        "organization": organization,
        "login": login,
        "manifest": json.dumps(manifest),
        "manifest_url": f"{settings.GITHUB_WEB_URL}{owner}/settings/apps/new?state={state}",
        "has_webhook": has_webhook,
        "public_url": settings.PUBLIC_URL,
        "form": form,
    }
    if organization.is_bound and not organization.is_valid():
        status = 422
    page = partial(render, template_name="installations/app.html", context=context, status=status)
    # Its form posts the manifest there.
    return csp_update({"form-action": [settings.GITHUB_WEB_URL]})(page)(request)  # type: ignore[return-value]


@signed_in("GET")
def installed(request: PageRequest) -> HttpResponse:
    """Fetch an installation: GitHub redirects here once the App is installed, or has other repositories.

    `state` is the cohort from whose page they came. For its operators, and owners.
    """
    is_owner = "owner" in request.principal.roles
    try:
        cohort_id = UUID(request.GET.get("state", ""))
    except ValueError:
        cohort_id = None
    if not is_owner:
        if cohort_id is None:
            return redirect("/")
        membership_for_operator(cohort_id, account_id=request.principal.account_id)
    number = request.GET.get("installation_id", "")
    github = app_client()
    if github and number.isascii() and number.isdigit() and len(number) < 19:
        try:
            with respect_rate_limits(background=False, at=timezone.now()):
                installation = installations.sync_installation(
                    installation_id=int(number), github=github, at=timezone.now()
                )
        except (GitHubNotFound, GitHubRateLimited, GitHubUnavailable):
            messages.info(
                request, _("GitHub does not answer yet. Its repositories show here in some minutes.")
            )
        else:
            account = installation.account_login
            messages.success(request, _("The App is installed on GitHub: %(account)s") % {"account": account})
    elif request.GET.get("setup_action") == "request":
        messages.info(request, _("An owner of the organization must approve the App on GitHub."))
    return redirect("installations:cohort", cohort_id) if cohort_id else redirect("installations:app")


@signed_in("GET")
def cohort(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Show an operator where the App is installed, and the repositories to choose from."""
    cohort = membership_for_operator(cohort_id, account_id=request.principal.account_id).cohort
    app = queries.get_app()
    context = {
        "cohort": cohort,
        "app": app,
        "is_owner": "owner" in request.principal.roles,
        "installations": queries.list_installations() if app else [],
        "lost": queries.lost_installations(cohort_id) if app else [],
        "names": queries.repository_names() if app else [],
        "problems": queries.check_run_problems(cohort_id) if app and cohort.has_check_runs else [],
    }
    return render(request, "installations/cohort.html", context)


@signed_in("POST")
def check_runs(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Turn the check runs of a cohort on or off, or try again what GitHub refused."""
    cohort = membership_for_operator(cohort_id, account_id=request.principal.account_id).cohort
    is_on = request.POST.get("is_on") == "1"
    set_check_runs(cohort=cohort, is_on=is_on)
    messages.success(
        request,
        _("The checks are sent to GitHub within some minutes.")
        if is_on
        else _("No check is sent from now on. GitHub keeps those that are there."),
    )
    return redirect("installations:cohort", cohort_id)


@csrf_exempt
@require_POST
def hook(request: HttpRequest) -> HttpResponse:
    """Receive a delivery of the App's webhook. The body is parsed only after its signature is verified."""
    now = timezone.now()
    try:
        event_type, delivery_id, text = read_delivery(request, secrets_of(access.app_for_delivery(), at=now))
        if event_class := INSTALLATION_EVENTS.get(event_type):
            about = parse_response(text.encode(), event_class)
            installations.ingest_installation(event=about, at=now)
            return JsonResponse({"results": []})

        action, event = parse_event(event_type, text)
        results = process_app_delivery(
            cohort_ids=cohorts_watching(event),
            delivery=Delivery(delivery_id, event_type, action, event),
            at=now,
        )
    except DomainError as error:
        return problem_response(error.status, error.code, str(error))

    return JsonResponse(
        {"results": [{"outcome": result.outcome.value, "repeated": not result.is_new} for result in results]}
    )


app_name = "installations"
urlpatterns = [
    path("hooks/github/app", hook, name="hook"),
    path("cohorts/github/", app, name="app"),
    path("cohorts/github/created/", created, name="created"),
    path("cohorts/github/credentials/", credentials, name="credentials"),
    path("cohorts/github/webhook-secret/", webhook_secret, name="webhook_secret"),
    path("cohorts/github/installed/", installed, name="installed"),
    path("cohorts/<uuid:cohort_id>/hook/app/", cohort, name="cohort"),
    path("cohorts/<uuid:cohort_id>/hook/app/checks/", check_runs, name="check_runs"),
]
