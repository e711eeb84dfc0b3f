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
from chassis.web.forms import handle_form
from study.cohorts.access import membership_for_operator
from study.missions.access import mission_for_operator
from study.missions.queries.deadlines import members_to_extend
from study.reminders.actions import remind_members, remind_missing
from study.reminders.forms import RemindForm, RemindMissingForm
from study.reminders.queries import list_to_remind
from study.reminders.rules import chat_text


@signed_in("GET", "POST")
def remind(request: PageRequest, cohort_id: UUID, mission_id: UUID) -> HttpResponse:
    """List the members who have not submitted, and remind those who are selected: all, at first."""
    mission = mission_for_operator(mission_id, cohort_id=cohort_id, account_id=request.principal.account_id)
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
        return redirect("missions:detail", mission.cohort_id, mission.id)

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
            url=settings.PUBLIC_URL + reverse("missions:detail", args=[mission.cohort_id, mission.id]),
        ),
    }
    return render(request, "reminders/remind.html", page, status=422 if form.is_bound else 200)


@signed_in("POST")
def remind_of_missing(
    request: PageRequest, cohort_id: UUID, membership_id: UUID | None = None
) -> HttpResponse:
    """Remind one member, or everybody, of what they missed; return to the page of the button.

    That is the overview as it was filtered, or the page of the member who is named in the address.
    """
    cohort = membership_for_operator(cohort_id, account_id=request.principal.account_id).cohort
    form = RemindMissingForm(request.POST)
    count = handle_form(form, remind_missing, cohort=cohort, at=timezone.now())
    if count:
        text = ngettext("%(count)d member was reminded.", "%(count)d members were reminded.", count)
        messages.success(request, text % {"count": count})
    elif form.errors:
        messages.error(request, str(next(iter(form.errors.values()))[0]))
    else:
        messages.info(request, _("Nobody was reminded: all have submitted or were reminded today."))
    if membership_id:
        return redirect("home:member", cohort_id, membership_id)
    return redirect(f"{reverse('home:cohort', args=[cohort_id])}?{request.GET.urlencode()}".rstrip("?"))


app_name = "reminders"
urlpatterns = [
    path("cohorts/<uuid:cohort_id>/missions/<uuid:mission_id>/remind/", remind, name="remind"),
    path("cohorts/<uuid:cohort_id>/remind/", remind_of_missing, name="missing"),
    path("cohorts/<uuid:cohort_id>/members/<uuid:membership_id>/remind/", remind_of_missing, name="member"),
]
