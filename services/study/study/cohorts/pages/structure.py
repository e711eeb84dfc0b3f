"""Pages: forms for the parts, teams and weeks of a cohort, which differ in what a Kind says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chassis.web.auth import PageRequest, signed_in
from chassis.web.forms import handle_form, render_confirmation
from study.cohorts import access, actions, queries
from study.cohorts.forms import NameForm, TeamForm, WeekForm
from study.cohorts.models import Cohort
from study.cohorts.pages.settings import redirect_to_settings, render_settings


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
)


@signed_in("GET", "POST")
def create(request: PageRequest, cohort_id: UUID, kind: Kind) -> HttpResponse:
    """Create a part, team or week."""
    cohort = access.membership_for_operator(cohort_id, account_id=request.principal.account_id).cohort
    form = kind.form(request.POST or None, auto_id=f"{kind.name}_%s", **kind.form_options(cohort))

    if handle_form(form, kind.create, cohort=cohort, **kind.arguments()):
        return redirect_to_settings(request, cohort)

    return render_settings(request, cohort, **{f"{kind.name}_form": form})


@signed_in("GET", "POST")
def update(request: PageRequest, cohort_id: UUID, row_id: UUID, kind: Kind) -> HttpResponse:
    """Rename a part, or update a team or a week."""
    row = kind.find(cohort_id, row_id, account_id=request.principal.account_id)
    form = kind.form(request.POST or None, initial=vars(row), **kind.form_options(row.cohort))

    if handle_form(form, kind.update, **{kind.name: row}, **kind.arguments()):
        return redirect_to_settings(request, row.cohort)

    context = {
        "cohort": row.cohort,
        "form": form,
        "title": str(kind.update_title) % vars(row),
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
        return redirect_to_settings(request, row.cohort)

    return render_confirmation(
        request,
        title=str(kind.delete_title) % vars(row),
        text=kind.delete_text,
        button=_("Remove"),
        back=reverse("cohorts:settings", args=[cohort_id]),
        cohort=row.cohort,
    )


def urlpatterns_of(kind: Kind) -> list[URLPattern]:
    """Return the URLs of the three pages of a kind."""
    rows = f"cohorts/<uuid:cohort_id>/settings/{kind.name}s/"
    return [
        path(rows, create, {"kind": kind}, name=f"create_{kind.name}"),
        path(f"{rows}<uuid:row_id>/", update, {"kind": kind}, name=kind.name),
        path(f"{rows}<uuid:row_id>/remove/", delete, {"kind": kind}, name=f"delete_{kind.name}"),
    ]
