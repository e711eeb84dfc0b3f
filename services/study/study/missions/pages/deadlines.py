"""Pages of part deadlines and extensions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chassis.web.auth import PageRequest, signed_in
from chassis.web.forms import handle_form
from study.cohorts.queries import parts_of
from study.missions import access
from study.missions.actions import deadlines as actions
from study.missions.forms.deadlines import ExtensionForm, ExtensionsForm, PartDeadlineForm
from study.missions.models import Mission
from study.missions.queries.deadlines import list_extensions, members_to_extend, parts_with_deadline
from study.missions.queries.requests import count_open_requests


@signed_in("GET")
def deadlines(request: PageRequest, cohort_id: UUID, mission_id: UUID) -> HttpResponse:
    """List part deadlines and extensions."""
    mission = access.mission_for_operator(
        mission_id, cohort_id=cohort_id, account_id=request.principal.account_id
    )
    return _render(request, mission)


@signed_in("POST")
def set_part_deadline(request: PageRequest, cohort_id: UUID, mission_id: UUID) -> HttpResponse:
    """Give a part more time."""
    mission = access.mission_for_operator(
        mission_id, cohort_id=cohort_id, account_id=request.principal.account_id
    )
    form = PartDeadlineForm(request.POST, parts=parts_of(mission.cohort), auto_id="part_%s")

    if handle_form(
        form, actions.set_part_deadline, mission=mission, by=request.principal.account_id, at=timezone.now()
    ):
        return _saved_response(request, mission, _("The part has its own deadline."))

    return _render(request, mission, part_form=form)


@signed_in("POST")
def clear_part_deadline(
    request: PageRequest, cohort_id: UUID, mission_id: UUID, part_id: UUID
) -> HttpResponse:
    """Let everyone's deadline hold for a part again."""
    mission = access.mission_for_operator(
        mission_id, cohort_id=cohort_id, account_id=request.principal.account_id
    )
    actions.clear_part_deadline(
        mission=mission, part_id=part_id, by=request.principal.account_id, at=timezone.now()
    )
    return _saved_response(request, mission, _("Everyone's deadline holds for the part again."))


@signed_in("POST")
def grant_extension(request: PageRequest, cohort_id: UUID, mission_id: UUID) -> HttpResponse:
    """Give a member more time."""
    me = request.principal.account_id
    mission = access.mission_for_operator(mission_id, cohort_id=cohort_id, account_id=me)
    form = ExtensionForm(request.POST, members=members_to_extend(mission), auto_id="extension_%s")

    if handle_form(form, actions.grant_extension, mission=mission, granted_by=me, at=timezone.now()):
        return _saved_response(request, mission, _("The extension counts from now on."))

    return _render(request, mission, extension_form=form)


@signed_in("POST")
def grant_extensions(request: PageRequest, cohort_id: UUID, mission_id: UUID) -> HttpResponse:
    """Give several members more time."""
    me = request.principal.account_id
    mission = access.mission_for_operator(mission_id, cohort_id=cohort_id, account_id=me)
    form = ExtensionsForm(request.POST, members=members_to_extend(mission), auto_id="extensions_%s")

    granted = handle_form(form, actions.grant_extensions, mission=mission, granted_by=me, at=timezone.now())
    if granted:
        text = ngettext("%(count)d member has more time.", "%(count)d members have more time.", len(granted))
        return _saved_response(request, mission, text % {"count": len(granted)})

    return _render(request, mission, extensions_form=form)


@signed_in("POST")
def withdraw_extension(
    request: PageRequest, cohort_id: UUID, mission_id: UUID, extension_id: UUID
) -> HttpResponse:
    """Take an extension back."""
    account_id = request.principal.account_id
    extension = access.extension_for_operator(
        mission_id, extension_id, cohort_id=cohort_id, account_id=account_id
    )
    actions.withdraw_extension(extension=extension, by=account_id, at=timezone.now())
    return _saved_response(request, extension.mission, _("The extension was removed."))


def _saved_response(request: HttpRequest, mission: Mission, message: str) -> HttpResponse:
    messages.success(request, message)
    return redirect("missions:deadlines", mission.cohort_id, mission.id)


def _render(request: HttpRequest, mission: Mission, **bound_forms: Any) -> HttpResponse:
    parts = parts_with_deadline(mission)
    members = members_to_extend(mission)
    page = {
        "cohort": mission.cohort,
        "mission": mission,
        "parts": [] if mission.part_id or mission.team_id else parts,
        "extensions": list_extensions(mission),
        "requests_waiting": count_open_requests(mission.cohort),
        "part_form": PartDeadlineForm(parts=parts, initial={"due_at": mission.due_at}, auto_id="part_%s"),
        "extension_form": ExtensionForm(members=members, auto_id="extension_%s"),
        "extensions_form": ExtensionsForm(members=members, auto_id="extensions_%s"),
        **bound_forms,
    }
    return render(request, "missions/deadlines.html", page, status=422 if bound_forms else 200)
