"""What the audit log keeps of a value, and what it shows of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy, ngettext, pgettext, pgettext_lazy

from study.cohorts.models import AuditKind, Role

# As wide as the columns.
VALUE_LENGTH = 200
# Fields whose values are long or secret: that they changed is kept, and nothing of what they were.
UNKEPT_FIELDS = frozenset({"body", "details", "secret"})

_FIELD_LABELS: dict[str, str | Promise] = {
    "title": gettext_lazy("Title"),
    "body": pgettext_lazy("mission", "Description"),
    "details": gettext_lazy("Details"),
    "week": gettext_lazy("Week"),
    "part": gettext_lazy("Part"),
    "study_team": gettext_lazy("Study team"),
    "team": gettext_lazy("Project team"),
    "accepts": gettext_lazy("Accepts"),
    "repository": gettext_lazy("Repository"),
    "other_repositories": gettext_lazy("Other repositories"),
    "marker": gettext_lazy("Marker"),
    "completed_by": gettext_lazy("Completed by"),
    "opens_at": gettext_lazy("Opens"),
    "secret": gettext_lazy("Secret"),
}
# Missions are above this app: a test compares these with theirs.
MISSION_CHOICES: dict[str, dict[str, str | Promise]] = {
    "accepts": {
        "pull_request": gettext_lazy("Pull request"),
        "file": gettext_lazy("Files"),
        "text": pgettext_lazy("submission", "Text"),
        "link": gettext_lazy("Link"),
    },
    "completed_by": {
        "review": gettext_lazy("A review in Seodang"),
        "approval": gettext_lazy("An approval or a merge on GitHub"),
        "either": gettext_lazy("A review in Seodang, or an approval or a merge on GitHub"),
        "submission": gettext_lazy("The submission alone"),
    },
}


def field_label(kind: str, field: str) -> str:
    """Return the field's name, in the active language; "" for the thing itself."""
    if kind == AuditKind.MISSION and field == "team":
        # It may be one of either kind.
        return gettext("Team")
    if kind == AuditKind.NOTE and field == "body":
        return gettext("Text")
    return str(_FIELD_LABELS.get(field, ""))


def audit_value(value: object) -> str:
    """Return the value as the audit log keeps it: in no language, "" for nothing, cut to VALUE_LENGTH."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds")
    if isinstance(value, list):
        return _cut(", ".join(map(str, value)))
    return _cut(str(value))


def score_value(points: int | None, max_points: int | None) -> str:
    """Return a score as the audit log keeps it; "" for none."""
    return "" if points is None else f"{points}/{max_points}"


def rubric_value(criteria: Iterable[tuple[str, Iterable[int]]]) -> str:
    """Return a rubric, as titles with the points of their levels, as the audit log keeps it; "" for none."""
    parts = (f"{title} ({'/'.join(map(str, sorted(points)))})" for title, points in criteria)
    return _cut(", ".join(parts))


def shown_value(kind: str, field: str, value: str) -> str:
    """Return a kept value in words, in the active language and time zone; "" for none."""
    if not value:
        return ""
    if kind in {AuditKind.ROLE, AuditKind.INVITATION, AuditKind.JOIN_REQUEST, AuditKind.OPERATOR_APPOINTED}:
        return str(dict(Role.choices).get(value, value))
    if kind == AuditKind.DEADLINE or field == "opens_at":
        return _local_time(value)
    if kind == AuditKind.EXTENSION and value.isdecimal():
        return ngettext("+%(count)d hour", "+%(count)d hours", int(value)) % {"count": int(value)}
    if kind == AuditKind.MISSION and (labels := MISSION_CHOICES.get(field)):
        return ", ".join(str(labels.get(code, code)) for code in value.split(", "))
    # Of a note its id is kept, which says nothing to people.
    words = {AuditKind.WEBHOOK: pgettext("webhook", "Created"), AuditKind.NOTE: gettext("Note")}
    return words.get(AuditKind(kind), value)


def _local_time(value: str) -> str:
    try:
        return f"{timezone.localtime(datetime.fromisoformat(value)):%Y-%m-%d %H:%M}"
    except (ValueError, OverflowError):
        return value


def _cut(text: str) -> str:
    return text if len(text) <= VALUE_LENGTH else f"{text[: VALUE_LENGTH - 1]}…"
