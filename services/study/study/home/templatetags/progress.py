"""How far a mission is, on its page for operators and mentors."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django import template
from django.utils import timezone

from study.home.queries.overview import rows_of_mission
from study.home.rules import BY_URGENCY
from study.missions.models import Mission

register = template.Library()

MAX_NAMES = 60


@register.inclusion_tag("home/mission_progress.html")
def mission_progress(mission: Mission, *, is_operator: bool) -> dict[str, Any]:
    """Show how many members have which status, their points, and who has not submitted.

    Only an operator gets links to the members.
    """
    rows = rows_of_mission(mission, now=timezone.now())
    statuses = Counter(cell.status for row in rows if (cell := row.cells[0]))
    submitted = [row for row in rows if row.cells[0] and row.cells[0].is_handed_in]
    unsubmitted = [row for row in rows if row.cells[0] and not row.cells[0].is_handed_in]
    scores = Counter(row.points for row in submitted if row.is_scored)
    return {
        "cohort_id": mission.cohort_id,
        "mission": mission,
        "is_operator": is_operator,
        "members": len(rows),
        "statuses": sorted(statuses.items(), key=lambda item: -BY_URGENCY.index(item[0])),
        "submitted": submitted[:MAX_NAMES],
        "unsubmitted": unsubmitted[:MAX_NAMES],
        "more_submitted": max(0, len(submitted) - MAX_NAMES),
        "more_unsubmitted": max(0, len(unsubmitted) - MAX_NAMES),
        "scores": sorted(scores.items(), reverse=True),
    }
