"""Pages: forms for the parts, teams and weeks of a cohort."""

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
from study.cohorts.pages.settings import (
    redirect_to_settings,
    render_confirmation,
    render_edit_form,
    render_settings,
)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def create_part(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Create a part."""
    cohort = access.membership_for_operator(cohort_id, account_id=request.principal.account_id).cohort
    form = NameForm(request.POST or None, auto_id="part_%s")

    if form.is_valid():
        try:
            actions.create_part(cohort=cohort, name=form.cleaned_data["name"])
        except DomainError as error:
            form.add_error(error.field, str(error))
        else:
            return redirect_to_settings(request, cohort)

    return render_settings(request, cohort, part_form=form)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def part(request: PageRequest, cohort_id: UUID, part_id: UUID) -> HttpResponse:
    """Rename a part."""
    part = access.part_for_operator(cohort_id, part_id, account_id=request.principal.account_id)
    form = NameForm(request.POST or None, initial={"name": part.name})

    if form.is_valid():
        try:
            actions.rename_part(part=part, name=form.cleaned_data["name"])
        except DomainError as error:
            form.add_error(error.field, str(error))
        else:
            return redirect_to_settings(request, part.cohort)

    return render_edit_form(
        request,
        part.cohort,
        form,
        title=_("Rename the part “%(name)s”") % {"name": part.name},
        delete_url=reverse("cohorts:delete_part", args=[cohort_id, part_id]),
        delete_label=_("Remove the part"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def delete_part(request: PageRequest, cohort_id: UUID, part_id: UUID) -> HttpResponse:
    """Delete a part after a confirmation."""
    part = access.part_for_operator(cohort_id, part_id, account_id=request.principal.account_id)

    if request.method == "POST":
        actions.delete_part(part=part)
        return redirect_to_settings(request, part.cohort)

    return render_confirmation(
        request,
        part.cohort,
        title=_("Remove the part “%(name)s”?") % {"name": part.name},
        text=_("Invitation links into it stop working."),
        button=_("Remove"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def create_team(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Create a team."""
    cohort = access.membership_for_operator(cohort_id, account_id=request.principal.account_id).cohort
    form = NameForm(request.POST or None, auto_id="team_%s")

    if form.is_valid():
        try:
            actions.create_team(cohort=cohort, name=form.cleaned_data["name"])
        except DomainError as error:
            form.add_error(error.field, str(error))
        else:
            return redirect_to_settings(request, cohort)

    return render_settings(request, cohort, team_form=form)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def team(request: PageRequest, cohort_id: UUID, team_id: UUID) -> HttpResponse:
    """Rename a team."""
    team = access.team_for_operator(cohort_id, team_id, account_id=request.principal.account_id)
    form = NameForm(request.POST or None, initial={"name": team.name})

    if form.is_valid():
        try:
            actions.rename_team(team=team, name=form.cleaned_data["name"])
        except DomainError as error:
            form.add_error(error.field, str(error))
        else:
            return redirect_to_settings(request, team.cohort)

    return render_edit_form(
        request,
        team.cohort,
        form,
        title=_("Rename the team “%(name)s”") % {"name": team.name},
        delete_url=reverse("cohorts:delete_team", args=[cohort_id, team_id]),
        delete_label=_("Remove the team"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def delete_team(request: PageRequest, cohort_id: UUID, team_id: UUID) -> HttpResponse:
    """Delete a team after a confirmation."""
    team = access.team_for_operator(cohort_id, team_id, account_id=request.principal.account_id)

    if request.method == "POST":
        actions.delete_team(team=team)
        return redirect_to_settings(request, team.cohort)

    return render_confirmation(
        request,
        team.cohort,
        title=_("Remove the team “%(name)s”?") % {"name": team.name},
        text=_("A team that people are in cannot be removed."),
        button=_("Remove"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def create_week(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Create a week after the last one."""
    cohort = access.membership_for_operator(cohort_id, account_id=request.principal.account_id).cohort
    form = WeekForm(request.POST or None, auto_id="week_%s")

    if form.is_valid():
        try:
            actions.create_week(cohort=cohort, **form.cleaned_data)
        except DomainError as error:
            form.add_error(error.field, str(error))
        else:
            return redirect_to_settings(request, cohort)

    return render_settings(request, cohort, week_form=form)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def week(request: PageRequest, cohort_id: UUID, week_id: UUID) -> HttpResponse:
    """Update a week's topic and first day."""
    week = access.week_for_operator(cohort_id, week_id, account_id=request.principal.account_id)
    form = WeekForm(request.POST or None, initial={"starts_on": week.starts_on, "topic": week.topic})

    if form.is_valid():
        try:
            actions.update_week(week=week, **form.cleaned_data)
        except DomainError as error:
            form.add_error(error.field, str(error))
        else:
            return redirect_to_settings(request, week.cohort)

    return render_edit_form(
        request,
        week.cohort,
        form,
        title=_("Change week %(number)s") % {"number": week.number},
        delete_url=reverse("cohorts:delete_week", args=[cohort_id, week_id]),
        delete_label=_("Remove the week"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def delete_week(request: PageRequest, cohort_id: UUID, week_id: UUID) -> HttpResponse:
    """Delete the last week after a confirmation."""
    week = access.week_for_operator(cohort_id, week_id, account_id=request.principal.account_id)

    if request.method == "POST":
        actions.delete_week(week=week)
        return redirect_to_settings(request, week.cohort)

    return render_confirmation(
        request,
        week.cohort,
        title=_("Remove week %(number)s?") % {"number": week.number},
        text=_("Only the last week can be removed, and only while it has no missions."),
        button=_("Remove"),
    )
