"""Pages: members of a cohort, and their management by operators."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chassis.account_mirror.rules import display_name
from chassis.errors import DomainError, NotFound
from chassis.web.auth import PageRequest, signed_in
from chassis.web.forms import handle_form, render_confirmation
from chassis.web.messages import add_undoable
from study.cohorts.access import membership_for_member, membership_for_operator
from study.cohorts.models import Membership, Role
from study.memberships import access, queries
from study.memberships.actions import github as actions
from study.memberships.actions.memberships import leave, update_membership
from study.memberships.actions.updates import undo_update, update_memberships
from study.memberships.forms import GitHubLoginForm, MembershipForm, MembershipsForm

MAX_SEARCH_LENGTH = 100


@signed_in("GET")
def members(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """List the members by name, filtered by part and search text."""
    membership = membership_for_member(cohort_id, account_id=request.principal.account_id)
    groups = queries.people_by_part(membership.cohort)
    wanted = request.GET.get("part")
    part = next((group for group in groups if group["part_id"] and str(group["part_id"]) == wanted), None)
    search = request.GET.get("q", "").strip().replace("\x00", "")[:MAX_SEARCH_LENGTH]

    page = queries.members(
        membership, part_id=part["part_id"] if part else None, search=search, cursor=request.GET.get("cursor")
    )

    context = {
        "cohort": membership.cohort,
        "is_operator": membership.role == Role.OPERATOR,
        "membership": membership,
        "groups": groups,
        "people": sum(group["people"] for group in groups),
        "part": part,
        "search": search,
        "page": page,
        "waiting": queries.count_join_requests(membership.cohort) if membership.role == Role.OPERATOR else 0,
        "form": MembershipsForm(cohort=membership.cohort, people=[])
        if membership.role == Role.OPERATOR
        else None,
        "appointments": queries.appointments(membership.cohort),
    }
    template = "memberships/members.html#rows" if request.htmx else "memberships/members.html"
    return render(request, template, context)


@signed_in("POST")
def update_many(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Update role, part or teams of the chosen members."""
    me = request.principal.account_id
    cohort = membership_for_operator(cohort_id, account_id=me).cohort
    form = MembershipsForm(request.POST, cohort=cohort, people=queries.membership_ids(cohort))
    if not form.is_valid():
        messages.error(request, _("Select people, and choose what to change."))
        return redirect("memberships:members", cohort_id)
    update_id = uuid4()
    try:
        updated = update_memberships(
            cohort=cohort,
            membership_ids=form.cleaned_data["membership_ids"],
            changes=form.changes,
            update_id=update_id,
            by=me,
            at=timezone.now(),
        )
    except DomainError as error:
        messages.error(request, str(error))
    else:
        text = ngettext("%(count)d person was updated.", "%(count)d people were updated.", len(updated))
        text %= {"count": len(updated)}
        if queries.is_undoable(update_id):
            add_undoable(request, text, undo=reverse("memberships:undo", args=[cohort_id, update_id]))
        else:
            messages.success(request, text)
    return redirect("memberships:members", cohort_id)


@signed_in("POST")
def undo(request: PageRequest, cohort_id: UUID, update_id: UUID) -> HttpResponse:
    """Give several members back the parts and teams from before an update."""
    me = request.principal.account_id
    cohort = membership_for_operator(cohort_id, account_id=me).cohort
    try:
        count = undo_update(cohort=cohort, update_id=update_id, by=me, at=timezone.now())
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, str(error))
    else:
        text = ngettext(
            "Undone: %(count)d person is as before.", "Undone: %(count)d people are as before.", count
        )
        messages.success(request, text % {"count": count})
    return redirect("memberships:members", cohort_id)


@signed_in("GET", "POST")
def member(request: PageRequest, cohort_id: UUID, membership_id: UUID) -> HttpResponse:
    """Show a member; update role, part and team."""
    membership = access.member_for_operator(cohort_id, membership_id, account_id=request.principal.account_id)
    form = MembershipForm(request.POST or None, cohort=membership.cohort, initial=vars(membership))

    if handle_form(
        form, update_membership, membership=membership, by=request.principal.account_id, at=timezone.now()
    ):
        return _saved(request, membership)

    return _render_member(request, membership, form=form)


@signed_in("GET", "POST")
def github(request: PageRequest, cohort_id: UUID, membership_id: UUID) -> HttpResponse:
    """Set a member's GitHub login."""
    membership = access.member_for_operator(cohort_id, membership_id, account_id=request.principal.account_id)
    form = GitHubLoginForm(request.POST or None, initial={"login": membership.github_login})

    if handle_form(
        form,
        actions.set_github_login,
        membership=membership,
        by=request.principal.account_id,
        at=timezone.now(),
    ):
        return _saved(request, membership)

    return _render_member(request, membership, login_form=form)


@signed_in("GET", "POST")
def confirm_claim(request: PageRequest, cohort_id: UUID, membership_id: UUID) -> HttpResponse:
    """Confirm the GitHub login that the member claims."""
    membership = access.member_for_operator(cohort_id, membership_id, account_id=request.principal.account_id)

    if request.method == "POST":
        actions.confirm_claim(
            membership=membership,
            login=request.POST.get("login", ""),
            by=request.principal.account_id,
            at=timezone.now(),
        )
        return _saved(request, membership)

    return redirect("memberships:member", cohort_id, membership_id)


@signed_in("GET", "POST")
def remove(request: PageRequest, cohort_id: UUID, membership_id: UUID) -> HttpResponse:
    """Remove a member after a confirmation."""
    membership = access.member_for_operator(cohort_id, membership_id, account_id=request.principal.account_id)

    if request.method == "POST":
        leave(membership=membership, by=request.principal.account_id, at=timezone.now())
        messages.success(request, _("Removed. What they did stays."))
        return redirect("memberships:members", cohort_id)

    name = display_name(queries.member(membership).name)
    lines = [_("What they submitted and wrote stays. Only an invitation made from now on brings them back.")]
    if membership.role == Role.OPERATOR:
        lines.append(_("Open links for organizers and mentors are revoked: they have seen them."))
    return render_confirmation(
        request,
        title=_("Remove %(name)s from “%(cohort)s”?") % {"name": name, "cohort": membership.cohort.title},
        lines=lines,
        button=_("Remove from the cohort"),
        back=reverse("memberships:member", args=[cohort_id, membership_id]),
        cohort=membership.cohort,
    )


def _saved(request: HttpRequest, membership: Membership) -> HttpResponse:
    messages.success(request, _("Saved."))
    return redirect("memberships:member", membership.cohort_id, membership.id)


def _render_member(request: PageRequest, membership: Membership, **bound_forms: Form) -> HttpResponse:
    context = {
        "cohort": membership.cohort,
        "member": queries.member(membership),
        "form": MembershipForm(cohort=membership.cohort, initial=vars(membership)),
        "login_form": GitHubLoginForm(initial={"login": membership.github_login}),
        **bound_forms,
    }
    is_bound = any(form.is_bound for form in bound_forms.values())
    return render(request, "memberships/member.html", context, status=422 if is_bound else 200)
