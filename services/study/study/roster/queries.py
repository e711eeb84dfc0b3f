"""What an import would do, how far it is, and which rows wait."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F

from chassis.crypto import keyed_hashes
from chassis.web.pagination import Page, page_of
from study.cohorts.models import Cohort, Role
from study.memberships.queries import known_addresses, known_logins
from study.roster.models import RosterImport, RosterRow, RowState
from study.roster.rules import Person


@dataclass(frozen=True)
class PlannedPerson:
    """A person of a sheet, and the state that the row would get now."""

    person: Person
    state: RowState

    @property
    def role_label(self) -> str:
        return str(Role(self.person.role).label)


@dataclass(frozen=True)
class Progress:
    total: int
    waiting: int
    invited: int
    already_invited: int
    already_member: int
    failed: int

    @property
    def done(self) -> int:
        return self.total - self.waiting

    @property
    def is_complete(self) -> bool:
        return not self.waiting


def plan_import(cohort: Cohort, people: Sequence[Person], *, at: datetime) -> list[PlannedPerson]:
    """Return what an import would do with each person at `at`. Two statements."""
    hashes = {person.email: keyed_hashes(person.email) for person in people}
    known = known_addresses(cohort.id, [value for values in hashes.values() for value in values], at=at)
    logins = known_logins(cohort.id, [person.github_login for person in people if person.github_login])
    plan = []
    for person in people:
        found = [known[value] for value in hashes[person.email] if value in known]
        if person.github_login in logins or any(found):
            state = RowState.ALREADY_MEMBER
        else:
            state = RowState.ALREADY_INVITED if found else RowState.INVITED
        plan.append(PlannedPerson(person, state))
    return plan


def remembered_columns(cohort: Cohort) -> dict[str, str]:
    """Return the titles of the columns by field, as in the last import of the cohort. One statement."""
    last = RosterImport.objects.filter(cohort=cohort).order_by("-created_at", "-id").first()
    return last.columns if last else {}


def imports(cohort: Cohort) -> list[RosterImport]:
    """Return the last ten imports of the cohort, the newest first. One statement."""
    return list(RosterImport.objects.filter(cohort=cohort).order_by("-created_at", "-id")[:10])


def progress_of(roster_import: RosterImport) -> Progress:
    """Return how far an import is. One statement."""
    counts = Counter(roster_import.rows.values_list("state", flat=True))
    return Progress(
        total=counts.total(),
        waiting=counts[RowState.WAITING],
        invited=counts[RowState.INVITED],
        already_invited=counts[RowState.ALREADY_INVITED],
        already_member=counts[RowState.ALREADY_MEMBER],
        failed=counts[RowState.FAILED],
    )


def rows(roster_import: RosterImport, *, cursor: str | None = None, size: int = 100) -> Page[Any]:
    """Return a page of the rows by their lines, with `opened_at` of their invitations."""
    found = roster_import.rows.select_related("part").annotate(opened_at=F("invitation__invitee__opened_at"))
    return page_of(found, order=("line", "id"), cursor=cursor, size=size)


def rows_waiting(*, limit: int) -> list[int]:
    """Return the ids of rows to process in open cohorts, the oldest first. One statement."""
    waiting = RosterRow.objects.filter(state=RowState.WAITING, roster_import__cohort__closed_at=None)
    return list(waiting.order_by("id").values_list("id", flat=True)[:limit])
