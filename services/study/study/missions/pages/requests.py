"""Pages on which members ask for more time, and operators decide."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chassis.web.auth import PageRequest, signed_in
from chassis.web.forms import handle_form
from study.cohorts.access import membership_for_operator
from study.cohorts.models import Cohort, Membership
from study.missions import access
from study.missions.actions import requests as actions
from study.missions.forms.requests import DecisionForm, ExtensionRequestForm
from study.missions.models import Mission
from study.missions.queries.missions import MissionRow
from study.missions.queries.requests import decided_requests, open_requests, own_requests


@signed_in("GET", "POST")
def request_extension(request: PageRequest, cohort_id: UUID, mission_id: UUID) -> HttpResponse:
    """Show a member's requests about a mission; ask for more time, or edit what is open."""
    mission, membership = access.mission_for_member(
        mission_id, cohort_id=cohort_id, account_id=request.principal.account_id
    )
    form = ExtensionRequestForm(request.POST) if request.method == "POST" else None

    if form and handle_form(
        form, actions.request_extension, mission=mission, membership=membership, at=timezone.now()
    ):
        messages.success(
            request, _("Your request is with the organizers. You are notified of what they decide.")
        )
        return redirect("missions:request_extension", mission.cohort_id, mission.id)

    return _render_own(request, mission, membership, form=form)


@signed_in("POST")
def withdraw_extension_request(request: PageRequest, cohort_id: UUID, mission_id: UUID) -> HttpResponse:
    """Withdraw the open request."""
    account_id = request.principal.account_id
    mission, _membership = access.mission_for_member(mission_id, cohort_id=cohort_id, account_id=account_id)
    if actions.withdraw_extension_request(mission=mission, account_id=account_id, at=timezone.now()):
        messages.success(request, _("Your request was withdrawn."))
    return redirect("missions:request_extension", mission.cohort_id, mission.id)


@signed_in("GET")
def extension_requests(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """List the cohort's requests: the open ones, and those that were decided."""
    membership = membership_for_operator(cohort_id, account_id=request.principal.account_id)
    return _render_all(request, membership.cohort)


@signed_in("POST")
def decide(request: PageRequest, cohort_id: UUID) -> HttpResponse:
    """Grant or decline several requests."""
    me = request.principal.account_id
    cohort = membership_for_operator(cohort_id, account_id=me).cohort
    form = DecisionForm(request.POST)

    decided = handle_form(form, actions.decide_extension_requests, cohort=cohort, by=me, at=timezone.now())
    if decided:
        count = len(decided)
        text = ngettext("%(count)d request was declined.", "%(count)d requests were declined.", count)
        if form.cleaned_data["granted"]:
            text = ngettext("%(count)d request was granted.", "%(count)d requests were granted.", count)
        messages.success(request, text % {"count": count})
        return redirect("missions:extension_requests", cohort.id)

    return _render_all(request, cohort, form=form)


def _render_own(
    request: PageRequest,
    mission: Mission,
    membership: Membership,
    *,
    form: ExtensionRequestForm | None = None,
) -> HttpResponse:
    rows = own_requests(mission, account_id=membership.account_id)
    pending = next((row for row in rows if row.decided_at is None), None)
    mission_row = MissionRow(mission, membership, timezone.now())
    initial = {"reason": pending.reason, "asked_until": pending.asked_until} if pending else None
    page = {
        "cohort": membership.cohort,
        "mission": mission,
        "row": mission_row,
        "may_ask": mission_row.may_request_extension and not membership.cohort.closed_at,
        "pending": pending,
        "decided": [row for row in rows if row.decided_at],
        "form": form or ExtensionRequestForm(initial=initial),
    }
    return render(request, "missions/request_extension.html", page, status=422 if form else 200)


def _render_all(request: PageRequest, cohort: Cohort, *, form: DecisionForm | None = None) -> HttpResponse:
    waiting = open_requests(cohort)
    selected: Any = set(form.data.getlist("request_ids")) if form else set()  # type: ignore[attr-defined]
    page = {
        "cohort": cohort,
        "waiting": waiting,
        "selected": {row.request.id for row in waiting.rows if str(row.request.id) in selected},
        "page": decided_requests(cohort, cursor=request.GET.get("cursor")),
        "form": form or DecisionForm(),
    }
    return render(request, "missions/extension_requests.html", page, status=422 if form else 200)
