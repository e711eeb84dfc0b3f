"""Other deadlines than everyone's: a part's own, and more time for one member."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from chassis.errors import DomainError
from chassis.web.auth import PageRequest, signed_in
from study.mirrors.templatetags.people import person
from study.missions import access, actions, queries
from study.missions.forms import ExtensionForm, PartDueForm
from study.missions.models import Mission


@require_GET
@signed_in
def dues(request: PageRequest, mission_id: UUID) -> HttpResponse:
    """Who has how long."""
    mission = access.mission_to_run(mission_id, account_id=request.principal.account_id)
    return _shown(request, mission)


@require_POST
@signed_in
def set_part(request: PageRequest, mission_id: UUID) -> HttpResponse:
    """Give a part more time."""
    mission = access.mission_to_run(mission_id, account_id=request.principal.account_id)
    parts = [(term.part_id, term.name) for term in queries.part_terms(mission)]
    form = PartDueForm(request.POST, parts=parts, auto_id="part_%s")

    if form.is_valid():
        try:
            actions.set_part_due(mission=mission, **form.cleaned_data)
        except DomainError as error:
            form.add_error(error.field, str(error))
        else:
            return _saved(request, mission, _("The part has its own deadline."))

    return _shown(request, mission, part_form=form)


@require_POST
@signed_in
def clear_part(request: PageRequest, mission_id: UUID, part_id: UUID) -> HttpResponse:
    """Let everyone's deadline hold for a part again."""
    mission = access.mission_to_run(mission_id, account_id=request.principal.account_id)
    actions.clear_part_due(mission=mission, part_id=part_id)
    return _saved(request, mission, _("Everyone's deadline holds for the part again."))


@require_POST
@signed_in
def extend(request: PageRequest, mission_id: UUID) -> HttpResponse:
    """Give a member more time."""
    mission = access.mission_to_run(mission_id, account_id=request.principal.account_id)
    form = ExtensionForm(
        request.POST, members=_choices(queries.more_time(mission).members), auto_id="extension_%s"
    )

    if form.is_valid():
        try:
            actions.grant_extension(
                mission=mission,
                granted_by=request.principal.account_id,
                at=timezone.now(),
                **form.cleaned_data,
            )
        except DomainError as error:
            form.add_error(error.field, str(error))
        else:
            return _saved(request, mission, _("The extension counts from now on."))

    return _shown(request, mission, extension_form=form)


@require_POST
@signed_in
def withdraw(request: PageRequest, mission_id: UUID, extension_id: UUID) -> HttpResponse:
    """Take an extension back."""
    account_id = request.principal.account_id
    extension = access.extension_to_run(mission_id, extension_id, account_id=account_id)
    actions.withdraw_extension(extension=extension, at=timezone.now())
    return _saved(request, extension.mission, _("The extension is taken back."))


def _choices(members: Iterable[queries.MemberChoice]) -> list[tuple[UUID, str]]:
    return [
        (one.membership_id, f"{person(one.name)} · {one.part}" if one.part else person(one.name))
        for one in members
    ]


def _saved(request: HttpRequest, mission: Mission, says: str) -> HttpResponse:
    messages.success(request, says)
    return redirect("missions:dues", mission.id)


def _shown(request: HttpRequest, mission: Mission, **refused: Any) -> HttpResponse:
    terms, time = queries.part_terms(mission), queries.more_time(mission)
    fresh = {
        "part_form": PartDueForm(
            parts=[(term.part_id, term.name) for term in terms],
            initial={"due_at": mission.due_at},
            auto_id="part_%s",
        ),
        "extension_form": ExtensionForm(members=_choices(time.members), auto_id="extension_%s"),
    }
    page = {
        "cohort": mission.cohort,
        "mission": mission,
        "terms": [] if mission.part_id else terms,
        "extensions": time.extensions,
        **fresh,
        **refused,
    }
    return render(request, "missions/dues.html", page, status=422 if refused else 200)
