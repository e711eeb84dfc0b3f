"""Pages: invitation preview, joining, own membership, leaving."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from chassis.errors import DomainError
from chassis.web.auth import PageRequest, Principal, may_be_signed_in, signed_in, to_renew
from chassis.web.forms import handle_form, render_confirmation
from study.cohorts.access import membership_for_member
from study.memberships import access, queries
from study.memberships.actions import joining, memberships
from study.memberships.actions.consents import give_consent
from study.memberships.actions.github import claim_github
from study.memberships.actions.invitees import record_opened
from study.memberships.actions.requests import use_invitation
from study.memberships.forms import GitHubLoginForm, JoinForm, PartForm
from study.memberships.models import Invitation, JoinRequest
from study.memberships.rules import CONSENT_VERSION


@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Show an invitation (GET) or join by it (POST). Opening it, as chat previews do, is not a use."""
    if request.method == "POST":
        return _join(request, token)
    if may_be_signed_in(request):
        return to_renew(request, is_open=True)
    invitation = access.invitation_by_token(token, at=timezone.now())
    if request.method != "HEAD":
        record_opened(invitation=invitation, at=timezone.now())
    return _render_invitation(request, invitation, request.principal)  # type: ignore[attr-defined]


@signed_in("POST")
def _join(request: PageRequest, token: str) -> HttpResponse:
    invitation = access.invitation_by_token(token, at=timezone.now())
    form = _join_form(invitation, request.POST)
    if form and not form.is_valid():
        return _render_invitation(request, invitation, request.principal, form=form)

    try:
        joined = use_invitation(
            invitation=invitation,
            account_id=request.principal.account_id,
            **(form.cleaned_data if form else {}),
            consent_version=request.POST.get("consent_version"),
            at=timezone.now(),
        )
    except DomainError as error:
        return _render_invitation(request, invitation, request.principal, error, form)

    if isinstance(joined, JoinRequest):
        messages.success(request, _("Sent. The organizers decide on it."))
        return redirect("memberships:my_request", joined.id)
    messages.success(request, _("You are in. Welcome to “%(name)s”.") % {"name": invitation.cohort.title})
    return redirect("home:first_mission", joined.cohort_id)


def _join_form(invitation: Invitation, typed: QueryDict | None = None) -> JoinForm | None:
    """Return the form of what the invitation asks for, or None if it asks for nothing."""
    has_part, has_message = bool(queries.parts_to_choose(invitation)), invitation.needs_approval
    if not has_part and not has_message:
        return None
    return JoinForm(typed, cohort=invitation.cohort, has_part=has_part, has_message=has_message)


def _render_invitation(
    request: HttpRequest,
    invitation: Invitation,
    principal: Principal | None,
    error: DomainError | None = None,
    form: JoinForm | None = None,
) -> HttpResponse:
    account_id = principal.account_id if principal else None
    status = error.status if error else 422 if form else 200
    join_error = error or joining.join_error(invitation=invitation, account_id=account_id)
    if principal and not join_error and form is None:
        form = _join_form(invitation)
    key = "" if principal else request.GET.get("key", "")
    if key and not queries.has_mail_key(invitation, key):
        key = ""
    has_request = isinstance(join_error, joining.AlreadyRequested)
    context = {
        "invitation": invitation,
        "error": join_error,
        "form": form,
        "key": key,
        "consent_version": CONSENT_VERSION,
        "join_request": queries.open_request(invitation, account_id) if account_id and has_request else None,
    }
    response = render(request, "memberships/join.html", context, status=status)
    # The URL is a secret: proxies must not cache it and other sites must not see it.
    add_never_cache_headers(response)
    # Not "no-referrer": it makes the browser post the form with Origin "null", which CSRF rejects.
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@signed_in("GET", "POST")
def mine(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Show the account's own membership; claim a GitHub login."""
    membership = membership_for_member(cohort_id, account_id=request.principal.account_id)
    form = GitHubLoginForm(
        request.POST or None, initial={"login": membership.github_claim or membership.github_login}
    )

    if handle_form(form, claim_github, membership=membership):
        messages.success(request, _("Saved. It counts once an organizer has confirmed it."))
        return redirect("memberships:mine", cohort_id)

    context = {
        "cohort": membership.cohort,
        "member": queries.member(membership),
        "form": form,
    }
    return render(request, "memberships/mine.html", context, status=422 if form.is_bound else 200)


@signed_in("GET", "POST")
def part(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Choose a part, for a member without one."""
    membership = membership_for_member(cohort_id, account_id=request.principal.account_id)
    form = PartForm(request.POST if request.method == "POST" else None, cohort=membership.cohort)

    if form.is_valid():
        memberships.choose_part(
            membership=membership, part_id=form.cleaned_data["part_id"], at=timezone.now()
        )
        messages.success(request, _("Saved. Your part’s missions are here now."))
        return redirect("home:week", cohort_id)

    context = {"cohort": membership.cohort, "form": form}
    return render(request, "memberships/part.html", context, status=422 if form.is_bound else 200)


@signed_in("GET", "POST")
def consent(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Show what is collected and since when the member agrees; agree to it."""
    membership = membership_for_member(cohort_id, account_id=request.principal.account_id)
    error = None

    if request.method == "POST":
        try:
            give_consent(
                membership=membership, version=request.POST.get("consent_version"), at=timezone.now()
            )
        except DomainError as refused:
            error = refused
        else:
            messages.success(request, _("Saved. Thank you."))
            return redirect("home:cohort", cohort_id)

    context = {
        "cohort": membership.cohort,
        "consent": queries.consent_of(membership),
        "consent_version": CONSENT_VERSION,
        "error": error,
    }
    return render(request, "memberships/give_consent.html", context, status=error.status if error else 200)


@signed_in("GET", "POST")
def leave(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Leave a cohort after a confirmation."""
    membership = membership_for_member(cohort_id, account_id=request.principal.account_id)

    if request.method == "POST":
        memberships.leave(membership=membership, by=membership.account_id, at=timezone.now())
        messages.success(request, _("You have left “%(name)s”.") % {"name": membership.cohort.title})
        return redirect("cohorts:list")

    return render_confirmation(
        request,
        title=_("Leave “%(name)s”?") % {"name": membership.cohort.title},
        text=_("What you submitted and wrote stays. Only a new invitation brings you back."),
        button=_("Leave the cohort"),
        back=reverse("memberships:mine", args=[cohort_id]),
        cohort=membership.cohort,
    )
