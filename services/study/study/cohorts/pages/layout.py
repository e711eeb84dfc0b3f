"""What a cohort is made of: its parts, teams and weeks, one form each."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from chassis.errors import DomainError
from chassis.web.auth import PageRequest, signed_in
from study.cohorts import access, actions
from study.cohorts.forms import NameForm, WeekForm
from study.cohorts.pages.settings import asked, changed, saved, shown


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def add_part(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Add a part."""
    cohort = access.seat_to_run(cohort_id, account_id=request.principal.account_id).cohort
    form = NameForm(request.POST or None, auto_id="part_%s")

    if form.is_valid():
        try:
            actions.add_part(cohort=cohort, name=form.cleaned_data["name"])
        except DomainError as error:
            form.add_error(error.field, str(error))
        else:
            return saved(request, cohort)

    return shown(request, cohort, part_form=form)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def part(request: PageRequest, cohort_id: UUID, part_id: UUID) -> HttpResponse:
    """Rename a part."""
    part = access.part_to_run(cohort_id, part_id, account_id=request.principal.account_id)
    form = NameForm(request.POST or None, initial={"name": part.name})

    if form.is_valid():
        try:
            actions.rename_part(part=part, name=form.cleaned_data["name"])
        except DomainError as error:
            form.add_error(error.field, str(error))
        else:
            return saved(request, part.cohort)

    return changed(
        request,
        part.cohort,
        form,
        title=_("Rename the part “%(name)s”") % {"name": part.name},
        remove=reverse("cohorts:remove_part", args=[cohort_id, part_id]),
        asks=_("Remove the part"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def remove_part(request: PageRequest, cohort_id: UUID, part_id: UUID) -> HttpResponse:
    """Remove a part, once asked."""
    part = access.part_to_run(cohort_id, part_id, account_id=request.principal.account_id)

    if request.method == "POST":
        actions.remove_part(part=part)
        return saved(request, part.cohort)

    return asked(
        request,
        part.cohort,
        title=_("Remove the part “%(name)s”?") % {"name": part.name},
        text=_("Invitation links into it stop working."),
        button=_("Remove"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def add_team(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Add a team."""
    cohort = access.seat_to_run(cohort_id, account_id=request.principal.account_id).cohort
    form = NameForm(request.POST or None, auto_id="team_%s")

    if form.is_valid():
        try:
            actions.add_team(cohort=cohort, name=form.cleaned_data["name"])
        except DomainError as error:
            form.add_error(error.field, str(error))
        else:
            return saved(request, cohort)

    return shown(request, cohort, team_form=form)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def team(request: PageRequest, cohort_id: UUID, team_id: UUID) -> HttpResponse:
    """Rename a team."""
    team = access.team_to_run(cohort_id, team_id, account_id=request.principal.account_id)
    form = NameForm(request.POST or None, initial={"name": team.name})

    if form.is_valid():
        try:
            actions.rename_team(team=team, name=form.cleaned_data["name"])
        except DomainError as error:
            form.add_error(error.field, str(error))
        else:
            return saved(request, team.cohort)

    return changed(
        request,
        team.cohort,
        form,
        title=_("Rename the team “%(name)s”") % {"name": team.name},
        remove=reverse("cohorts:remove_team", args=[cohort_id, team_id]),
        asks=_("Remove the team"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def remove_team(request: PageRequest, cohort_id: UUID, team_id: UUID) -> HttpResponse:
    """Remove a team, once asked."""
    team = access.team_to_run(cohort_id, team_id, account_id=request.principal.account_id)

    if request.method == "POST":
        actions.remove_team(team=team)
        return saved(request, team.cohort)

    return asked(
        request,
        team.cohort,
        title=_("Remove the team “%(name)s”?") % {"name": team.name},
        text=_("A team that people are in cannot be removed."),
        button=_("Remove"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def add_week(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Add a week after the last."""
    cohort = access.seat_to_run(cohort_id, account_id=request.principal.account_id).cohort
    form = WeekForm(request.POST or None, auto_id="week_%s")

    if form.is_valid():
        try:
            actions.add_week(cohort=cohort, **form.cleaned_data)
        except DomainError as error:
            form.add_error(error.field, str(error))
        else:
            return saved(request, cohort)

    return shown(request, cohort, week_form=form)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def week(request: PageRequest, cohort_id: UUID, week_id: UUID) -> HttpResponse:
    """Change a week's topic or first day."""
    week = access.week_to_run(cohort_id, week_id, account_id=request.principal.account_id)
    form = WeekForm(request.POST or None, initial={"starts_on": week.starts_on, "topic": week.topic})

    if form.is_valid():
        try:
            actions.change_week(week=week, **form.cleaned_data)
        except DomainError as error:
            form.add_error(error.field, str(error))
        else:
            return saved(request, week.cohort)

    return changed(
        request,
        week.cohort,
        form,
        title=_("Change week %(number)s") % {"number": week.number},
        remove=reverse("cohorts:remove_week", args=[cohort_id, week_id]),
        asks=_("Remove the week"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def remove_week(request: PageRequest, cohort_id: UUID, week_id: UUID) -> HttpResponse:
    """Remove the last week, once asked."""
    week = access.week_to_run(cohort_id, week_id, account_id=request.principal.account_id)

    if request.method == "POST":
        actions.remove_week(week=week)
        return saved(request, week.cohort)

    return asked(
        request,
        week.cohort,
        title=_("Remove week %(number)s?") % {"number": week.number},
        text=_("Only the last week can be removed, and only while it has no missions."),
        button=_("Remove"),
    )
