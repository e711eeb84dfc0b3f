"""Pages: who is in a cohort, and what an operator can change about them."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chassis.errors import DomainError
from chassis.web.auth import PageRequest, signed_in
from study.cohorts.access import seat_to_read
from study.cohorts.models import Membership, Role
from study.memberships import access, actions, queries
from study.memberships.forms import LoginForm, SeatForm
from study.mirrors.templatetags.people import person

MOST_SEARCHED = 100


@require_safe
@signed_in
def members(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Everybody in the cohort, by name; parts as links, a search in names and logins."""
    seat = seat_to_read(cohort_id, account_id=request.principal.account_id)
    groups = queries.groups(seat.cohort)
    part = next((one for one in groups if one.id and str(one.id) == request.GET.get("part")), None)
    search = request.GET.get("q", "").strip().replace("\x00", "")[:MOST_SEARCHED]

    page = queries.members(
        seat, part_id=part.id if part else None, search=search, cursor=request.GET.get("cursor")
    )

    context = {
        "cohort": seat.cohort,
        "may_run": seat.role == Role.OPERATOR,
        "seat": seat,
        "groups": groups,
        "people": sum(one.people for one in groups),
        "part": part,
        "search": search,
        "page": page,
        "appointments": queries.appointments(seat.cohort),
    }
    template = "memberships/members.html#rows" if request.htmx else "memberships/members.html"
    return render(request, template, context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def member(request: PageRequest, cohort_id: UUID, membership_id: UUID) -> HttpResponse:
    """A person's role, part, team and GitHub account."""
    seat = access.member_to_run(cohort_id, membership_id, account_id=request.principal.account_id)
    parts, teams = queries.choices(seat.cohort)
    now = {"role": seat.role, "part_id": seat.part_id or "", "team_id": seat.team_id or ""}
    form = SeatForm(request.POST or None, parts=parts, teams=teams, initial=now)

    if form.is_valid():
        try:
            actions.change_seat(seat=seat, at=timezone.now(), **form.cleaned_data)
        except DomainError as error:
            form.add_error(error.field, str(error))
        else:
            return _saved(request, seat)

    return _member(request, seat, form=form)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def github(request: PageRequest, cohort_id: UUID, membership_id: UUID) -> HttpResponse:
    """An operator's word for whose GitHub account it is."""
    seat = access.member_to_run(cohort_id, membership_id, account_id=request.principal.account_id)
    form = LoginForm(request.POST or None, initial={"login": seat.github_login})

    if form.is_valid():
        try:
            actions.set_github_login(seat=seat, login=form.cleaned_data["login"])
        except DomainError as error:
            form.add_error(error.field, str(error))
        else:
            return _saved(request, seat)

    return _member(request, seat, login_form=form)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def confirm_claim(request: PageRequest, cohort_id: UUID, membership_id: UUID) -> HttpResponse:
    """Believe what the member says."""
    seat = access.member_to_run(cohort_id, membership_id, account_id=request.principal.account_id)

    if request.method == "POST":
        actions.confirm_claim(seat=seat, login=request.POST.get("login", ""))
        return _saved(request, seat)

    return redirect("memberships:member", cohort_id, membership_id)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def remove(request: PageRequest, cohort_id: UUID, membership_id: UUID) -> HttpResponse:
    """Take somebody out of the cohort, once asked."""
    seat = access.member_to_run(cohort_id, membership_id, account_id=request.principal.account_id)

    if request.method == "POST":
        actions.leave(seat=seat, at=timezone.now())
        messages.success(request, _("Removed. What they did stays."))
        return redirect("memberships:members", cohort_id)

    row = queries.member(seat, seen_by=seat)
    is_operator = seat.role == Role.OPERATOR
    context = {
        "cohort": seat.cohort,
        "title": _("Remove %(name)s from “%(cohort)s”?")
        % {"name": person(row.name), "cohort": seat.cohort.title},
        "lines": [
            _("What they handed in and wrote stays. Only an invitation made from now on brings them back."),
            *([_("Open links for operators and mentors are withdrawn: they have seen them.")] * is_operator),
        ],
        "button": _("Remove from the cohort"),
        "back": reverse("memberships:member", args=[cohort_id, membership_id]),
    }
    return render(request, "chassis/confirm.html", context)


def _saved(request: HttpRequest, seat: Membership) -> HttpResponse:
    messages.success(request, _("Saved."))
    return redirect("memberships:member", seat.cohort_id, seat.id)


def _member(
    request: PageRequest,
    seat: Membership,
    *,
    form: SeatForm | None = None,
    login_form: LoginForm | None = None,
) -> HttpResponse:
    row = queries.member(seat, seen_by=seat)
    if form is None:
        parts, teams = queries.choices(seat.cohort)
        now = {"role": seat.role, "part_id": seat.part_id or "", "team_id": seat.team_id or ""}
        form = SeatForm(parts=parts, teams=teams, initial=now)
    context = {
        "cohort": seat.cohort,
        "row": row,
        "form": form,
        "login_form": login_form or LoginForm(initial={"login": seat.github_login}),
    }
    refused = form.is_bound or (login_form is not None and login_form.is_bound)
    return render(request, "memberships/member.html", context, status=422 if refused else 200)
