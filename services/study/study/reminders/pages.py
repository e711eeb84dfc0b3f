"""The page by which an operator reminds the members who have not submitted a mission."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chassis.web.auth import PageRequest, signed_in
from study.missions.access import mission_for_operator
from study.missions.queries.deadlines import members_to_extend
from study.reminders.actions import remind_members
from study.reminders.forms import RemindForm
from study.reminders.queries import list_to_remind
from study.reminders.rules import chat_text


@signed_in("GET", "POST")
def remind(request: PageRequest, mission_id: UUID) -> HttpResponse:
    """List the members who have not submitted, and remind those who are selected: all, at first."""
    mission = mission_for_operator(mission_id, account_id=request.principal.account_id)
    now = timezone.now()
    everyone = [member.account_id for member in members_to_extend(mission)]
    form = RemindForm(request.POST if request.method == "POST" else None, members=everyone)

    if form.is_valid():
        count = remind_members(mission=mission, at=now, **form.cleaned_data)
        if count:
            text = ngettext("%(count)d member was reminded.", "%(count)d members were reminded.", count)
            messages.success(request, text % {"count": count})
        else:
            messages.info(request, _("Nobody was reminded: all have submitted or were reminded today."))
        return redirect("missions:detail", mission.id)

    members = list_to_remind(mission, at=now)
    page = {
        "cohort": mission.cohort,
        "mission": mission,
        "form": form,
        "is_open": mission.opens_at <= now,
        "members": members,
        "others": [member for member in members if not member.is_reminded],
        "chat_text": chat_text(
            mission,
            unsubmitted=len(members),
            members=len(everyone),
            url=settings.PUBLIC_URL + reverse("missions:detail", args=[mission.id]),
        ),
    }
    return render(request, "reminders/remind.html", page, status=422 if form.is_bound else 200)


app_name = "reminders"
urlpatterns = [path("missions/<uuid:mission_id>/remind/", remind, name="remind")]
