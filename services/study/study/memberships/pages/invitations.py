"""Pages: invitations."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from chassis.errors import DomainError
from chassis.web.auth import PageRequest, signed_in
from chassis.web.forms import handle_form, render_confirmation
from study.cohorts.access import membership_for_operator
from study.memberships import access, queries
from study.memberships.actions.invitations import create_invitation, invite_account, withdraw_invitation
from study.memberships.actions.invitees import resend_invitation
from study.memberships.forms import InvitationForm, InvitePersonForm


@signed_in("GET", "POST")
def invitations(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """List the invitations; create a link."""
    me, at = request.principal.account_id, timezone.now()
    cohort = membership_for_operator(cohort_id, account_id=me).cohort
    usual = {"expires_at": InvitationForm.default_expiry(at)}
    past, unopened = "past" in request.GET, "unopened" in request.GET
    form = InvitationForm(request.POST or None, cohort=cohort, initial=usual)

    if handle_form(form, create_invitation, cohort=cohort, by=me, at=at):
        messages.success(request, _("The link is ready: copy it and send it round."))
        return redirect("memberships:invitations", cohort_id)

    context = {
        "cohort": cohort,
        "form": form,
        "waiting": queries.count_join_requests(cohort),
        "past": past,
        "unopened": unopened,
        "page": queries.invitations(
            cohort,
            at=at,
            is_open=None if unopened else not past,
            is_unopened=unopened,
            cursor=request.GET.get("cursor"),
        ),
        "public_url": settings.PUBLIC_URL,
    }
    return render(request, "memberships/invitations.html", context, status=422 if form.is_bound else 200)


@signed_in("GET", "POST")
def invite_person(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Invite a person from another cohort of the operator."""
    me = request.principal.account_id
    cohort = membership_for_operator(cohort_id, account_id=me).cohort
    people = queries.known_people(me, cohort=cohort)
    form = InvitePersonForm(request.POST or None, cohort=cohort, people=people)

    if handle_form(form, invite_account, cohort=cohort, by=me, at=timezone.now()):
        messages.success(request, _("Invited. They are notified in their inbox and by email."))
        return redirect("memberships:invitations", cohort_id)

    context = {"cohort": cohort, "form": form, "people": people}
    return render(request, "memberships/invite_person.html", context, status=422 if form.is_bound else 200)


@signed_in("POST")
def resend(request: PageRequest, cohort_id: UUID, invitation_id: UUID) -> HttpResponse:
    """Send an invitation by mail again."""
    me, at = request.principal.account_id, timezone.now()
    invitation = access.invitation_for_operator(cohort_id, invitation_id, account_id=me, at=at)
    try:
        resend_invitation(invitation=invitation, by=me, at=at)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Sent again. The link can be used for 14 more days."))
    return redirect("memberships:invitations", cohort_id)


@signed_in("GET", "POST")
def withdraw(request: PageRequest, cohort_id: UUID, invitation_id: UUID) -> HttpResponse:
    """Withdraw an invitation after a confirmation."""
    invitation = access.invitation_for_operator(
        cohort_id, invitation_id, account_id=request.principal.account_id, at=timezone.now()
    )

    if request.method == "POST":
        withdraw_invitation(invitation=invitation, by=request.principal.account_id, at=timezone.now())
        messages.success(request, _("Revoked. Nobody can join by it any more."))
        return redirect("memberships:invitations", cohort_id)

    return render_confirmation(
        request,
        title=_("Revoke this invitation?"),
        text=_("Nobody can join by it any more. Those who have joined stay."),
        button=_("Revoke invitation"),
        back=reverse("memberships:invitations", args=[cohort_id]),
        cohort=invitation.cohort,
    )
