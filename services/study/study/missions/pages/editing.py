"""Pages that create, update and delete missions, and share rubrics."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from chassis.errors import DomainError
from chassis.web.auth import PageRequest, signed_in
from chassis.web.forms import handle_form, render_confirmation
from study.cohorts.access import membership_for_operator
from study.cohorts.models import Cohort
from study.cohorts.queries import parts_of, teams_of, weeks_of
from study.cohorts.rules import day_in, week_on
from study.github.actions.patterns import PatternMatches, count_matches
from study.github.client import client
from study.installations.queries import repository_names
from study.missions import access
from study.missions.actions.missions import create_mission, delete_mission, update_mission
from study.missions.actions.rubrics import set_rubric
from study.missions.forms.mission import MissionForm
from study.missions.forms.preview import MissionPreview
from study.missions.forms.rubric import NEW_CRITERION, RubricFormSet, ShareForm, edit_rubric
from study.missions.models import Mission, SubmissionKind
from study.missions.queries.missions import new_patterns
from study.missions.queries.rubric import latest_rubric, missions_without_rubric, rubric_data, rubric_of
from study.missions.rules.rubric import CriterionData


@signed_in("GET", "POST")
def new(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Set a mission. It begins with the newest rubric of the cohort."""
    cohort = membership_for_operator(cohort_id, account_id=request.principal.account_id).cohort
    copied = [] if request.method == "POST" else latest_rubric(cohort)
    form = _form(request, cohort, initial={}, rubric=copied)

    if found := _found_before_saving(request, form, cohort):
        return _render(request, cohort, form, copied=copied, **found)
    if mission := handle_form(
        form, create_mission, cohort=cohort, by=request.principal.account_id, at=timezone.now()
    ):
        messages.success(request, _("The mission was created."))
        return redirect("missions:detail", mission.cohort_id, mission.id)

    return _render(request, cohort, form, copied=copied)


@signed_in("GET", "POST")
def edit(request: PageRequest, cohort_id: UUID, mission_id: UUID) -> HttpResponse:
    """Change a mission. A rubric that a review scores by is shown, and stays."""
    mission = access.mission_for_operator(
        mission_id, cohort_id=cohort_id, account_id=request.principal.account_id
    )
    criteria = rubric_of(mission)
    initial = {name: getattr(mission, name) for name in MissionForm.base_fields}
    rubric = rubric_data(criteria)
    form = _form(request, mission.cohort, initial=initial, rubric=rubric, is_scored=mission.is_scored)

    if found := _found_before_saving(request, form, mission.cohort, mission=mission):
        return _render(request, mission.cohort, form, mission=mission, criteria=criteria, **found)
    if handle_form(form, update_mission, mission=mission, by=request.principal.account_id, at=timezone.now()):
        messages.success(request, _("Saved."))
        return redirect("missions:detail", mission.cohort_id, mission.id)

    return _render(request, mission.cohort, form, mission=mission, criteria=criteria)


@signed_in("GET", "POST")
def delete(request: PageRequest, cohort_id: UUID, mission_id: UUID) -> HttpResponse:
    """Confirm and delete a mission."""
    mission = access.mission_for_operator(
        mission_id, cohort_id=cohort_id, account_id=request.principal.account_id
    )

    if request.method == "POST":
        delete_mission(mission=mission, by=request.principal.account_id, at=timezone.now())
        messages.success(request, _("The mission “%(title)s” is deleted.") % {"title": mission.title})
        return redirect("missions:list", mission.cohort_id)

    return render_confirmation(
        request,
        title=_("Delete “%(title)s”?") % {"title": mission.title},
        text=_("Its text, its rubric and its deadlines go with it. This cannot be undone."),
        button=_("Delete the mission"),
        back=reverse("missions:detail", args=[mission.cohort_id, mission.id]),
        cohort=mission.cohort,
    )


@signed_in("GET", "POST")
def share(request: PageRequest, cohort_id: UUID, mission_id: UUID) -> HttpResponse:
    """Score other missions, such as those of an import, by this one's rubric."""
    mission = access.mission_for_operator(
        mission_id, cohort_id=cohort_id, account_id=request.principal.account_id
    )
    bare = missions_without_rubric(mission.cohort_id)
    form = ShareForm(bare, request.POST or None)

    if form.is_valid():
        rubric = rubric_data(rubric_of(mission))
        if handle_form(
            form,
            set_rubric,
            cohort=mission.cohort,
            rubric=rubric,
            by=request.principal.account_id,
            at=timezone.now(),
        ):
            messages.success(request, _("The rubric was saved for the chosen missions."))
            return redirect("missions:detail", mission.cohort_id, mission.id)

    page = {"cohort": mission.cohort, "mission": mission, "bare": bare, "form": form}
    return render(request, "missions/share.html", page, status=422 if form.is_bound else 200)


def _form(
    request: PageRequest,
    cohort: Cohort,
    *,
    initial: dict[str, Any],
    rubric: list[CriterionData],
    is_scored: bool = False,
) -> MissionForm:
    weeks = weeks_of(cohort)
    choices: dict[str, Any] = {"weeks": weeks, "parts": parts_of(cohort), "teams": teams_of(cohort)}
    if "rubric" in request.POST or "preview" in request.POST:
        # Unbound, so that no error shows before the form is sent.
        formset = edit_rubric(request.POST.dict(), request.POST.get("rubric", ""))
        typed = {**request.POST.dict(), "accepts": request.POST.getlist("accepts")}
        return MissionForm(initial=typed, rubric=formset, **choices)
    if request.method == "POST":
        formset = RubricFormSet(None if is_scored else request.POST)
        return MissionForm(request.POST, rubric=formset, **choices)
    this_week = week_on(weeks, day_in(cohort.time_zone, timezone.now()))
    initial = {"week_id": this_week.id if this_week else None, **initial}
    return MissionForm(initial=initial, rubric=RubricFormSet(initial=rubric or [NEW_CRITERION]), **choices)


def _found_before_saving(
    request: PageRequest, form: MissionForm, cohort: Cohort, *, mission: Mission | None = None
) -> dict[str, Any]:
    """Return what to show before a valid form is saved; nothing if the page has shown it."""
    if not form.is_valid() or not _has_repository(form):
        return {}
    found: dict[str, Any] = {"matches": _pattern_matches(request, form, cohort)}
    found |= _preview(request, form, cohort, mission)
    return found if any(found.values()) else {}


def _has_repository(form: MissionForm) -> bool:
    return SubmissionKind.PULL_REQUEST in form.cleaned_data["accepts"] and bool(
        form.cleaned_data["repository"]
    )


def _pattern_matches(request: PageRequest, form: MissionForm, cohort: Cohort) -> list[PatternMatches]:
    """Return what new patterns among the repositories match, unless the page has shown it."""
    names = [form.cleaned_data["repository"], *form.cleaned_data["other_repositories"]]
    unseen = set(names) - set(request.POST.getlist("seen_pattern"))
    patterns = new_patterns(cohort, unseen)
    return [count_matches(pattern=name, github=client(), at=timezone.now()) for name in patterns]


# What decides for which mission a pull request is.
_DECIDING = (
    "repository",
    "other_repositories",
    "marker",
    "week_id",
    "part_id",
    "team_id",
    "opens_at",
    "due_at",
)


def _preview(
    request: PageRequest, form: MissionForm, cohort: Cohort, mission: Mission | None
) -> dict[str, Any]:
    """Return what its pull requests would become, unless there are none or the page has shown it.

    It is shown again once one of the fields that decide was changed.
    """
    if mission and not {*_DECIDING} & {*form.changed_data}:
        return {}
    given = {name: form.cleaned_data[name] for name in _DECIDING}
    seen = "|".join(str(value) for value in given.values())
    if request.POST.get("seen") == seen:
        return {}
    preview_assignments = import_string(settings.MISSION_PREVIEW)
    try:
        counts = preview_assignments(
            cohort=cohort, mission=mission, github=client(), at=timezone.now(), **given
        )
    except DomainError:
        # Saving it reports the error at its field.
        return {}
    return {"seen": seen, "preview": counts} if counts.found else {}


def _render(request: PageRequest, cohort: Cohort, form: MissionForm, **rest: Any) -> HttpResponse:
    template = "missions/edit.html"
    if request.htmx and "preview" in request.POST:
        template = "missions/preview.html"
    elif request.htmx and "rubric" in request.POST:
        template = "missions/edit.html#rubric"
    seen = {"seen": request.POST.get("seen", ""), "seen_patterns": request.POST.getlist("seen_pattern")}
    page = {"cohort": cohort, "form": form, **seen, **rest}
    page["shown"] = MissionPreview(form, request=request.POST.get("preview", ""))
    if template == "missions/edit.html":
        page["repositories"] = repository_names()
    is_refused = form.is_bound and "matches" not in rest
    return render(request, template, page, status=422 if is_refused else 200)
