"""Import missions from a sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from study.cohorts.actions import create_part, create_week, ensure_open
from study.cohorts.models import Cohort
from study.github.models import Repository
from study.missions.actions.audit import record_mission
from study.missions.actions.missions import NoSuchPart, NoSuchWeek
from study.missions.models import Mission
from study.missions.rules.plan import ImportPlan, SheetRow, mission_key, part_key, plan_import


def preview_import(
    *, cohort: Cohort, rows: Sequence[SheetRow], first_week: int, parts: Mapping[str, UUID]
) -> ImportPlan:
    """Return what `import_missions` would do now; nothing is written. NoSuchWeek or NoSuchPart as there."""
    ensure_open(cohort=cohort)
    weeks = dict(cohort.weeks.values_list("number", "starts_on"))
    if first_week not in weeks:
        raise NoSuchWeek(field="first_week")
    own = {part.id: part_key(part.name) for part in cohort.parts.all()}
    if not set(parts.values()) <= own.keys():
        raise NoSuchPart(field="parts")
    return plan_import(
        rows,
        weeks=weeks,
        parts={key: part_id for part_id, key in own.items()}
        | {part_key(name): part_id for name, part_id in parts.items()},
        existing={
            mission_key(repository or "", title)
            for repository, title in cohort.missions.values_list("github_repository__name", "title")
        },
        first_week=first_week,
        zone=cohort.time_zone,
    )


@transaction.atomic
def import_missions(
    *,
    cohort: Cohort,
    rows: Sequence[SheetRow],
    first_week: int,
    parts: Mapping[str, UUID],
    by: UUID,
    at: datetime,
) -> ImportPlan:
    """Create the missions that do not exist yet; order n falls in week `first_week` + n - 1.

    `parts` say which part a name in the sheet means. A name that is neither there nor a part's becomes a
    new part, and weeks that are missing at the end are added: all of it, or nothing.
    """
    # One change of a cohort's missions at a time: they are looked for before they are created.
    cohort = Cohort.objects.select_for_update().get(id=cohort.id)
    plan = preview_import(cohort=cohort, rows=rows, first_week=first_week, parts=parts)
    new_parts = {
        part_key(name): create_part(cohort=cohort, name=name, at=at).id for name in plan.unknown_parts
    }
    part_ids = {**plan.parts, **new_parts}
    for starts_on in plan.new_weeks.values():
        create_week(cohort=cohort, starts_on=starts_on)
    weeks = {week.number: week for week in cohort.weeks.all()}
    repositories = {
        name: Repository.objects.get_or_create(cohort=cohort, name=name)[0]
        for name in {planned.row.repository for planned in plan.to_create}
    }
    missions = Mission.objects.bulk_create(
        Mission(
            cohort=cohort,
            part_id=part_ids[part_key(planned.row.part)] if planned.row.part else None,
            week=weeks[planned.week],
            title=planned.row.title,
            github_repository=repositories[planned.row.repository],
            completed_by=planned.row.completed_by,
            opens_at=planned.opens_at,
            due_at=planned.due_at,
            created_at=at,
        )
        for planned in plan.to_create
    )
    for mission in missions:
        record_mission(mission=mission, changes={"": (None, mission.title)}, by=by, at=at)
    return plan
