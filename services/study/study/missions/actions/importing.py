"""Import missions from a sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chassis.errors import DomainError
from study.cohorts.actions import create_part, create_week, ensure_open
from study.cohorts.models import Cohort
from study.github.models import Repository
from study.missions.actions.missions import NoSuchPart, NoSuchWeek
from study.missions.models import Mission
from study.missions.rules.plan import ImportPlan, part_key, plan_import
from study.missions.rules.sheet import Fault, SheetRow


class BadSheet(DomainError):
    code = "bad_sheet"
    title = _("Line %(line)s, %(column)s: %(message)s")
    status = 400


@dataclass(frozen=True)
class Imported:
    """What an import has done: the missions that it made, and the plan that it followed."""

    missions: list[Mission]
    plan: ImportPlan


def preview_import(
    *, cohort: Cohort, rows: Sequence[SheetRow], first_week: int, parts: Mapping[str, UUID]
) -> ImportPlan:
    """What `import_missions` would do now; nothing is written. NoSuchWeek or NoSuchPart as there."""
    plan, _known = _planned(cohort, rows, first_week, parts)
    return plan


@transaction.atomic
def import_missions(
    *,
    cohort: Cohort,
    rows: Sequence[SheetRow],
    faults: Sequence[Fault],
    first_week: int,
    parts: Mapping[str, UUID],
    at: datetime,
) -> Imported:
    """Make a mission of each row whose repository has none yet; order n falls in week `first_week` + n - 1.

    `parts` say which part a name in the sheet means. A name that is neither there nor a part's becomes a
    new part, and weeks that are missing at the end are added: all of it, or nothing. BadSheet if the sheet
    has faults, even beside good rows.
    """
    for fault in faults:
        raise BadSheet(field="text", line=fault.line, column=fault.column, message=fault.message)
    # One change of a cohort's missions at a time: repositories are looked for before they are taken.
    cohort = Cohort.objects.select_for_update().get(id=cohort.id)
    plan, by_name = _planned(cohort, rows, first_week, parts)
    for name in plan.unknown_parts:
        by_name[part_key(name)] = create_part(cohort=cohort, name=name).id
    for _number, starts_on in plan.new_weeks:
        create_week(cohort=cohort, starts_on=starts_on)
    weeks = {week.number: week for week in cohort.weeks.all()}
    repositories = [Repository(cohort=cohort, name=planned.row.repository) for planned in plan.to_create]
    Repository.objects.bulk_create(repositories)
    missions = Mission.objects.bulk_create(
        Mission(
            cohort=cohort,
            part_id=by_name[part_key(planned.row.part)] if planned.row.part else None,
            week=weeks[planned.week],
            title=planned.row.title,
            github_repository=repository,
            opens_at=planned.opens_at,
            due_at=planned.due_at,
            created_at=at,
        )
        for planned, repository in zip(plan.to_create, repositories, strict=True)
    )
    return Imported(missions, plan)


def _planned(
    cohort: Cohort, rows: Sequence[SheetRow], first_week: int, parts: Mapping[str, UUID]
) -> tuple[ImportPlan, dict[str, UUID]]:
    """The plan, and the parts by the names that the sheet may use."""
    ensure_open(cohort=cohort)
    weeks = dict(cohort.weeks.values_list("number", "starts_on"))
    if first_week not in weeks:
        raise NoSuchWeek(field="first_week")
    own = {part.id: part for part in cohort.parts.all()}
    if not set(parts.values()) <= own.keys():
        raise NoSuchPart(field="parts")
    by_name = {part_key(part.name): part.id for part in own.values()}
    by_name |= {part_key(name): part_id for name, part_id in parts.items()}
    plan = plan_import(
        rows,
        weeks=weeks,
        parts=by_name,
        repositories=cohort.missions.values_list("github_repository__name", flat=True),
        first_week=first_week,
        zone=cohort.time_zone,
    )
    return plan, by_name
