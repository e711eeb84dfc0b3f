"""Pages that create, update and delete missions, and share rubrics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from chassis.web.auth import PageRequest, signed_in
from chassis.web.forms import handle_form, render_confirmation
from study.cohorts.access import membership_for_operator
from study.cohorts.models import Cohort
from study.cohorts.queries import parts_of, weeks_of
from study.cohorts.rules import day_in, week_on
from study.missions import access
from study.missions.actions.missions import create_mission, delete_mission, update_mission
from study.missions.actions.rubrics import share_rubric
from study.missions.forms.mission import MissionForm
from study.missions.forms.rubric import RubricEditor, ShareForm
from study.missions.models import Mission
from study.missions.queries.rubric import latest_rubric, missions_without_rubric, rubric_of, specs_of
from study.missions.rules.rubric import CriterionSpec


@dataclass(frozen=True)
class Draft:
    """The content of the page's form; `sent` is False if a button of the rubric was pressed."""

    form: MissionForm
    rubric: RubricEditor
    sent: bool

    @property
    def is_valid(self) -> bool:
        # Both are looked at, so that every error shows at once.
        return self.sent and self.form.is_valid() & self.rubric.is_valid()


@signed_in("GET", "POST")
def new(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Set a mission. It begins with the newest rubric of the cohort."""
    cohort = membership_for_operator(cohort_id, account_id=request.principal.account_id).cohort
    begin = [] if request.method == "POST" else latest_rubric(cohort)
    draft = _draft(request, cohort, {}, begin)

    if draft.is_valid and (
        mission := handle_form(
            draft.form, create_mission, cohort=cohort, rubric=draft.rubric.specs, at=timezone.now()
        )
    ):
        messages.success(request, _("The mission is set."))
        return redirect("missions:detail", mission.id)

    return _render(request, cohort, draft, copied=bool(begin))


@signed_in("GET", "POST")
def edit(request: PageRequest, mission_id: UUID) -> HttpResponse:
    """Change a mission. A rubric that a review scores by is shown, and stays."""
    mission = access.mission_for_operator(mission_id, account_id=request.principal.account_id)
    stored, fixed = rubric_of(mission), mission.is_scored
    draft = _draft(request, mission.cohort, _initial(mission), specs_of(stored))

    if draft.is_valid:
        rubric = None if fixed else draft.rubric.specs
        if handle_form(draft.form, update_mission, mission=mission, rubric=rubric):
            messages.success(request, _("Saved."))
            return redirect("missions:detail", mission.id)

    return _render(request, mission.cohort, draft, mission=mission, stored=stored, fixed=fixed)


@signed_in("GET", "POST")
def delete(request: PageRequest, mission_id: UUID) -> HttpResponse:
    """Confirm and delete a mission."""
    mission = access.mission_for_operator(mission_id, account_id=request.principal.account_id)

    if request.method == "POST":
        delete_mission(mission=mission)
        messages.success(request, _("The mission “%(title)s” is deleted.") % {"title": mission.title})
        return redirect("missions:list", mission.cohort_id)

    return render_confirmation(
        request,
        title=_("Delete “%(title)s”?") % {"title": mission.title},
        text=_("Its text, its rubric and its deadlines go with it. This cannot be undone."),
        button=_("Delete the mission"),
        back=reverse("missions:detail", args=[mission.id]),
        cohort=mission.cohort,
    )


@signed_in("GET", "POST")
def share(request: PageRequest, mission_id: UUID) -> HttpResponse:
    """Score other missions, such as those of an import, by this one's rubric."""
    mission = access.mission_for_operator(mission_id, account_id=request.principal.account_id)
    bare = missions_without_rubric(mission.cohort_id)
    form = ShareForm(bare, request.POST or None)

    if form.is_valid():
        rubric = specs_of(rubric_of(mission))
        if handle_form(form, share_rubric, mission=mission, rubric=rubric):
            messages.success(request, _("They are scored by this rubric now."))
            return redirect("missions:detail", mission.id)

    page = {"cohort": mission.cohort, "mission": mission, "bare": bare, "form": form}
    return render(request, "missions/share.html", page, status=422 if form.is_bound else 200)


def _draft(
    request: PageRequest, cohort: Cohort, initial: dict[str, Any], rubric: Sequence[CriterionSpec]
) -> Draft:
    weeks = weeks_of(cohort)
    choices: dict[str, Any] = {"weeks": weeks, "parts": parts_of(cohort)}
    if request.method != "POST":
        this_week = week_on(weeks, day_in(cohort.time_zone, timezone.now()))
        initial = {"week_id": this_week.id if this_week else None, **initial}
        return Draft(MissionForm(initial=initial, **choices), RubricEditor.of_specs(rubric), sent=False)
    typed = RubricEditor.of_data(request.POST.dict())
    if button := request.POST.get("rubric"):
        # Unbound, so that nothing is complained about before it is sent.
        still = MissionForm(initial=request.POST.dict(), **choices)
        return Draft(still, typed.pressed(button), sent=False)
    return Draft(MissionForm(request.POST, **choices), typed, sent=True)


def _initial(mission: Mission) -> dict[str, Any]:
    return {
        "title": mission.title,
        "week_id": mission.week_id,
        "part_id": mission.part_id,
        "repository": mission.repository,
        "opens_at": mission.opens_at,
        "due_at": mission.due_at,
        "body": mission.body,
    }


def _render(request: PageRequest, cohort: Cohort, draft: Draft, **rest: Any) -> HttpResponse:
    pressed = "rubric" in request.POST
    template = "missions/edit.html#rubric" if request.htmx and pressed else "missions/edit.html"
    page = {"cohort": cohort, "form": draft.form, "rubric": draft.rubric, **rest}
    return render(request, template, page, status=422 if draft.sent else 200)
