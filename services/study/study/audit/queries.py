"""Read models of the audit log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet

from chassis.account_mirror.models import AccountMirror
from chassis.account_mirror.rules import display_name
from chassis.web.pagination import Page, page_of
from study.audit.rules import field_label, shown_value
from study.cohorts.models import AuditEntry, Cohort, Membership

# A download has the newest; a period has them all.
MAX_EXPORT_ROWS = 20_000
# The filter lists at most this many people.
MAX_PEOPLE = 1000


@dataclass(frozen=True)
class AuditRow:
    """An entry, annotated with the names of `actor` and `subject`, as it is shown."""

    entry: Any

    @property
    def at(self) -> datetime:
        at: datetime = self.entry.at
        return at

    @property
    def what(self) -> str:
        """Return what was changed: the kind, and the field if there is one."""
        kind = str(self.entry.get_kind_display())
        label = field_label(self.entry.kind, self.entry.field)
        return f"{kind}: {label}" if label else kind

    @property
    def who(self) -> str:
        """Return the actor's name; "" for what happens by itself."""
        return display_name(self.entry.actor) if self.entry.actor_id else ""

    @property
    def whom(self) -> str:
        """Return the subject's name; "" if it is about nobody."""
        return display_name(self.entry.subject) if self.entry.subject_id else ""

    @property
    def before(self) -> str:
        return shown_value(self.entry.kind, self.entry.field, self.entry.before)

    @property
    def after(self) -> str:
        if self.entry.count is not None:
            return str(self.entry.count)
        return shown_value(self.entry.kind, self.entry.field, self.entry.after)


def list_entries(
    cohort: Cohort,
    *,
    kind: str = "",
    person_id: UUID | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    cursor: str | None = None,
    size: int = 50,
) -> Page[Any]:
    """Return a page of the cohort's entries, the newest first, annotated with the names of both people.

    `person_id` is the account of the actor or of the subject; `until` is not included.
    """
    rows = _entries(cohort, kind=kind, person_id=person_id, since=since, until=until)
    return page_of(rows, order=("-at", "-id"), cursor=cursor, size=size)


def export_entries(cohort: Cohort, **filters: Any) -> Iterator[AuditRow]:
    """Return the newest MAX_EXPORT_ROWS entries with these filters of list_entries. One query."""
    rows = _entries(cohort, **filters).order_by("-at", "-id")[:MAX_EXPORT_ROWS]
    return (AuditRow(entry) for entry in rows.iterator(chunk_size=1000))


def people(cohort: Cohort) -> list[tuple[UUID, str]]:
    """Return the cohort's members, also former ones: accounts and names, by name. One query."""
    memberships = Membership.objects.filter(cohort=cohort)
    named = memberships.annotate(name=AccountMirror.objects.name_of(OuterRef("account_id")))
    rows = named.order_by("name", "account_id").values_list("account_id", "name").distinct()
    return [(account_id, display_name(name)) for account_id, name in rows[:MAX_PEOPLE]]


def _entries(
    cohort: Cohort,
    *,
    kind: str = "",
    person_id: UUID | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> QuerySet[Any]:
    rows = AuditEntry.objects.filter(cohort=cohort)
    if kind:
        rows = rows.filter(kind=kind)
    if person_id is not None:
        rows = rows.filter(Q(actor_id=person_id) | Q(subject_id=person_id))
    if since is not None:
        rows = rows.filter(at__gte=since)
    if until is not None:
        rows = rows.filter(at__lt=until)
    return rows.annotate(
        actor=AccountMirror.objects.name_of(OuterRef("actor_id")),
        subject=AccountMirror.objects.name_of(OuterRef("subject_id")),
    )
