"""Pages below the settings: the parts, teams and weeks of a cohort, which differ in what a Kind says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chassis.web.auth import PageRequest, signed_in
from chassis.web.forms import handle_form, render_confirmation
from study.cohorts import access, actions, queries
from study.cohorts.forms import NameForm, TeamForm, WeekForm
from study.cohorts.models import Cohort
from study.cohorts.rules import next_week_on


@dataclass(frozen=True)
class Kind:
    """What differs between parts, teams and weeks. Titles contain placeholders for fields of the row."""

    name: str
    form: type[Form]
    find: Callable[..., Any]
    create: Callable[..., Any]
    update: Callable[..., Any]
    delete: Callable[..., Any]
    update_title: Promise
    delete_label: Promise
    delete_title: Promise
    delete_text: Promise
    # The page that lists the rows and creates one: the name of its URL, and its title.
    page: str
    page_title: Promise
    # Further arguments of the form.
    form_options: Callable[[Cohort], dict[str, Any]] = lambda _cohort: {}
    # Further arguments of the actions.
    arguments: Callable[[], dict[str, Any]] = dict


PART = Kind(
    name="part",
    form=NameForm,
    find=access.part_for_operator,
    create=actions.create_part,
    update=actions.rename_part,
    delete=actions.delete_part,
    update_title=_("Rename the part “%(name)s”"),
    delete_label=_("Remove the part"),
    delete_title=_("Remove the part “%(name)s”?"),
    delete_text=_("Invitation links into it stop working."),
    page="cohorts:parts",
    page_title=_("Parts and teams"),
    arguments=lambda: {"at": timezone.now()},
)
TEAM = Kind(
    name="team",
    form=TeamForm,
    find=access.team_for_operator,
    create=actions.create_team,
    update=actions.update_team,
    delete=actions.delete_team,
    update_title=_("Change the team “%(name)s”"),
    delete_label=_("Remove the team"),
    delete_title=_("Remove the team “%(name)s”?"),
    delete_text=_("A team with people, missions or announcements cannot be removed."),
    page="cohorts:parts",
    page_title=_("Parts and teams"),
    form_options=lambda cohort: {"reviewers": queries.reviewers_of(cohort)},
)
WEEK = Kind(
    name="week",
    form=WeekForm,
    find=access.week_for_operator,
    create=actions.create_week,
    update=actions.update_week,
    delete=actions.delete_week,
    update_title=_("Change week %(number)s"),
    delete_label=_("Remove the week"),
    delete_title=_("Remove week %(number)s?"),
    delete_text=_("Only the last week can be removed, and only while it has no missions."),
    page="cohorts:weeks",
    page_title=_("Weeks"),
)


@signed_in("GET", "POST")
def rows(request: PageRequest, cohort_id: UUID, kind: Kind) -> HttpResponse:
    """List parts and teams, or weeks; create a part, team or week."""
    cohort = access.membership_for_operator(cohort_id, account_id=request.principal.account_id).cohort
    form = kind.form(request.POST or None, auto_id=f"{kind.name}_%s", **kind.form_options(cohort))

    if handle_form(form, kind.create, cohort=cohort, **kind.arguments()):
        return _redirect_to_rows(request, cohort_id, kind)

    bound_form = {f"{kind.name}_form": form} if form.is_bound else {}
    render_page = _render_weeks if kind is WEEK else _render_parts_and_teams
    return render_page(request, cohort, **bound_form)


@signed_in("GET", "POST")
def update(request: PageRequest, cohort_id: UUID, row_id: UUID, kind: Kind) -> HttpResponse:
    """Rename a part, or update a team or a week."""
    row = kind.find(cohort_id, row_id, account_id=request.principal.account_id)
    form = kind.form(request.POST or None, initial=vars(row), **kind.form_options(row.cohort))

    if handle_form(form, kind.update, **{kind.name: row}, **kind.arguments()):
        return _redirect_to_rows(request, cohort_id, kind)

    context = {
        "cohort": row.cohort,
        "form": form,
        "title": str(kind.update_title) % vars(row),
        "page_title": kind.page_title,
        "page_url": reverse(kind.page, args=[cohort_id]),
        "delete_url": reverse(f"cohorts:delete_{kind.name}", args=[cohort_id, row_id]),
        "delete_label": kind.delete_label,
    }
    return render(request, "cohorts/change.html", context, status=422 if form.is_bound else 200)


@signed_in("GET", "POST")
def delete(request: PageRequest, cohort_id: UUID, row_id: UUID, kind: Kind) -> HttpResponse:
    """Delete a part, a team or the last week after a confirmation."""
    row = kind.find(cohort_id, row_id, account_id=request.principal.account_id)

    if request.method == "POST":
        kind.delete(**{kind.name: row}, **kind.arguments())
        return _redirect_to_rows(request, cohort_id, kind)

    return render_confirmation(
        request,
        title=str(kind.delete_title) % vars(row),
        text=kind.delete_text,
        button=_("Remove"),
        back=reverse(kind.page, args=[cohort_id]),
        cohort=row.cohort,
    )


def _redirect_to_rows(request: PageRequest, cohort_id: UUID, kind: Kind) -> HttpResponse:
    """Redirect to the page of the rows with a success message."""
    messages.success(request, _("Saved."))
    return redirect(kind.page, cohort_id)


def _render_parts_and_teams(request: PageRequest, cohort: Cohort, **bound_form: Form) -> HttpResponse:
    context = {
        "cohort": cohort,
        "parts": queries.parts_of(cohort),
        "teams": queries.teams_of(cohort),
        "part_form": NameForm(auto_id="part_%s"),
        "team_form": TeamForm(auto_id="team_%s", reviewers=queries.reviewers_of(cohort)),
        **bound_form,
    }
    return render(request, "cohorts/parts.html", context, status=422 if bound_form else 200)


def _render_weeks(request: PageRequest, cohort: Cohort, **bound_form: Form) -> HttpResponse:
    weeks = queries.weeks_of(cohort)
    context = {
        "cohort": cohort,
        "weeks": weeks,
        "week_form": WeekForm(auto_id="week_%s", initial={"starts_on": next_week_on(weeks)}),
        **bound_form,
    }
    return render(request, "cohorts/weeks.html", context, status=422 if bound_form else 200)


def urlpatterns_of(kind: Kind) -> list[URLPattern]:
    """Return the URLs of the three pages of a kind."""
    address = f"cohorts/<uuid:cohort_id>/settings/{kind.name}s/"
    return [
        path(address, rows, {"kind": kind}, name=f"{kind.name}s"),
        path(f"{address}<uuid:row_id>/", update, {"kind": kind}, name=kind.name),
        path(f"{address}<uuid:row_id>/remove/", delete, {"kind": kind}, name=f"delete_{kind.name}"),
    ]
