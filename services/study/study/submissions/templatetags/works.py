"""The form for what is sent to Seodang itself, on the pages of a mission."""

from __future__ import annotations

from typing import Any

from django import template

from study.cohorts.models import Membership
from study.missions.models import Mission
from study.submissions.forms import WorkForm
from study.submissions.queries.works import has_pull_request, replaceable_attempt

register = template.Library()


@register.inclusion_tag("submissions/work_form.html")
def work_form(mission: Mission, membership: Membership, form: WorkForm | None = None) -> dict[str, Any]:
    """Render the given form, or an empty one; nothing if the member cannot submit works on the mission."""
    if (
        form is None
        and mission.accepts_work
        and mission.is_open_to(membership)
        and not (mission.accepts_pull_request and has_pull_request(mission.id, membership.account_id))
    ):
        replaces = replaceable_attempt(mission.id, membership.account_id)
        form = WorkForm(accepts=mission.accepts, replaces=replaces)
    return {"mission": mission, "form": form}
