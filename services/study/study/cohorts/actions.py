"""Actions on cohorts and their parts, teams and weeks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Max, ProtectedError, Q, QuerySet
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from chassis.errors import DomainError
from chassis.events.publish import publish
from study.cohorts.events import CohortChanged, CohortPart, MembershipChanged
from study.cohorts.models import AuditEntry, AuditKind, Cohort, Membership, Part, Role, Team, TeamKind, Week
from study.cohorts.rules import WEEK


class CohortCreationNotAllowed(DomainError):
    code = "may_not_open_cohorts"
    title = _("Only those whom the owner of this installation allows can create cohorts.")
    status = 403


class CohortClosed(DomainError):
    code = "cohort_closed"
    title = _("This cohort is closed. An organizer can open it again in its settings.")


class NameTaken(DomainError):
    code = "name_taken"
    title = _("There is one called “%(name)s” already.")


class PartInUse(DomainError):
    code = "part_in_use"
    title = _("“%(name)s” has people, missions or announcements, also past ones. Rename it instead.")


class TeamInUse(DomainError):
    code = "team_in_use"
    title = _("“%(name)s” has people, missions or announcements. Move the people, or rename it.")


class MemberHasTeam(DomainError):
    code = "member_has_team"
    title = _("Somebody in “%(name)s” has a team of the other kind already. Move them first.")


class TeamHasMissions(DomainError):
    code = "team_has_missions"
    title = _("“%(name)s” has missions, so it stays a team of this kind.")


class NotAReviewer(DomainError):
    code = "not_a_reviewer"
    title = _("Only a mentor or an organizer of this cohort can be the mentor of a team.")


class WeekInUse(DomainError):
    code = "week_in_use"
    title = _("Week %(number)s has missions. Move them to another week first.")


class NotLastWeek(DomainError):
    code = "not_the_last_week"
    title = _("Only the last week can be removed, so that the numbers have no gap.")


class WeekOutOfOrder(DomainError):
    code = "week_out_of_order"
    title = _("Weeks follow each other: this one begins at least seven days after the one before.")


@transaction.atomic
def create_cohort(
    *,
    account_id: UUID,
    allowed: bool,
    title: str,
    time_zone: str,
    parts: Sequence[str],
    weeks: int,
    first_day: date,
    at: datetime,
) -> Cohort:
    """Create a cohort with its parts and `weeks` weeks from `first_day`; the account becomes its operator.

    Raise CohortCreationNotAllowed unless `allowed`.
    """
    if not allowed:
        raise CohortCreationNotAllowed
    cohort = Cohort.objects.create(title=title, time_zone=time_zone, opened_at=at)
    Part.objects.bulk_create(
        Part(cohort=cohort, name=name, position=position) for position, name in enumerate(parts, start=1)
    )
    Week.objects.bulk_create(
        Week(cohort=cohort, number=n, starts_on=first_day + (n - 1) * WEEK) for n in range(1, weeks + 1)
    )
    membership = Membership.objects.create(
        cohort=cohort, account_id=account_id, role=Role.OPERATOR, joined_at=at
    )
    AuditEntry.objects.create(
        cohort=cohort,
        kind=AuditKind.ROLE,
        actor_id=account_id,
        subject_id=account_id,
        after=membership.role,
        at=at,
    )
    _publish_changed(cohort, at=at)
    publish_membership_changed(membership=membership, at=at)
    return cohort


@transaction.atomic
def update_cohort(*, cohort: Cohort, title: str, time_zone: str, at: datetime) -> Cohort:
    """Update title and time zone. Deadlines are instants and do not move.

    Publish nothing if nothing changed.
    """
    cohort = _locked(cohort)
    if (cohort.title, cohort.time_zone) == (title, time_zone):
        return cohort
    cohort.title, cohort.time_zone, cohort.version = title, time_zone, cohort.version + 1
    cohort.save(update_fields=["title", "time_zone", "version"])
    _publish_changed(cohort, at=at)
    return cohort


@transaction.atomic
def set_automatic_assignment(*, cohort: Cohort, is_on: bool) -> Cohort:
    """Set whether new submissions get a reviewer by themselves. What waits already stays where it is."""
    cohort = _locked(cohort)
    cohort.assigns_reviewers = is_on
    cohort.save(update_fields=["assigns_reviewers"])
    return cohort


@transaction.atomic
def set_check_runs(*, cohort: Cohort, is_on: bool) -> Cohort:
    """Set whether the head commits of submissions have a check run on GitHub."""
    cohort = _locked(cohort)
    cohort.has_check_runs = is_on
    cohort.save(update_fields=["has_check_runs"])
    return cohort


@transaction.atomic
def set_joining_by_approval(*, cohort: Cohort, is_on: bool) -> Cohort:
    """Set whether those who use a shared invitation link wait until an operator approves.

    Open requests stay to be decided. Idempotent.
    """
    cohort = _locked(cohort)
    cohort.joins_by_approval = is_on
    cohort.save(update_fields=["joins_by_approval"])
    return cohort


@transaction.atomic
def hide_checklist(*, cohort: Cohort, at: datetime) -> None:
    """Hide the list of what is left to set up, for all operators. Idempotent."""
    Cohort.objects.filter(id=cohort.id, checklist_hidden_at=None).update(checklist_hidden_at=at)


@transaction.atomic
def close_cohort(*, cohort: Cohort, at: datetime) -> Cohort:
    """Close the cohort: `ensure_open` refuses new work; waiting reviews can be finished.

    Everything stays readable. Idempotent.
    """
    cohort = _locked(cohort)
    if cohort.closed_at is None:
        cohort.closed_at = at
        cohort.save(update_fields=["closed_at"])
    return cohort


def ensure_open(*, cohort: Cohort) -> None:
    """Raise CohortClosed if the cohort is closed."""
    if cohort.closed_at is not None:
        raise CohortClosed


@transaction.atomic
def reopen_cohort(*, cohort: Cohort) -> Cohort:
    """Reopen a closed cohort. Idempotent."""
    cohort = _locked(cohort)
    if cohort.closed_at is not None:
        cohort.closed_at = None
        cohort.save(update_fields=["closed_at"])
    return cohort


@transaction.atomic
def create_part(*, cohort: Cohort, name: str, at: datetime) -> Part:
    """Create a part after the existing ones. Raise NameTaken if the name exists."""
    cohort = _locked(cohort)
    _ensure_name_is_free(cohort.parts.all(), name)
    last = cohort.parts.aggregate(last=Max("position"))["last"] or 0
    part = Part.objects.create(cohort=cohort, name=name, position=last + 1)
    _publish_parts(cohort, at=at)
    return part


@transaction.atomic
def rename_part(*, part: Part, name: str, at: datetime) -> Part:
    """Rename a part. Raise NameTaken if the name exists."""
    cohort = _locked(part.cohort)
    _ensure_name_is_free(cohort.parts.exclude(id=part.id), name)
    part.name = name
    if cohort.parts.filter(id=part.id).exclude(name=name).update(name=name):
        _publish_parts(cohort, at=at)
    return part


@transaction.atomic
def delete_part(*, part: Part, at: datetime) -> None:
    """Delete a part and its invitation links. Raise PartInUse if it ever had members or content.

    Missions, announcements and their drafts are content, also past ones.
    """
    cohort = _locked(part.cohort)
    try:
        part.delete()
    except ProtectedError:
        raise PartInUse(name=part.name) from None
    _publish_parts(cohort, at=at)


@transaction.atomic
def create_team(
    *, cohort: Cohort, name: str, kind: str = TeamKind.PROJECT, mentor_id: UUID | None = None
) -> Team:
    """Create a team. Raise NameTaken if the name exists, NotAReviewer if the mentor may not review."""
    cohort = _locked(cohort)
    _ensure_name_is_free(cohort.teams.all(), name)
    _ensure_reviewer(cohort, mentor_id)
    return Team.objects.create(cohort=cohort, name=name, kind=kind, mentor_id=mentor_id)


@transaction.atomic
def update_team(*, team: Team, name: str, kind: str, mentor_id: UUID | None) -> Team:
    """Update a team's name, kind and mentor. With another kind, its members keep it as their team of it.

    Raise NameTaken if the name exists, NotAReviewer if a new mentor may not review, MemberHasTeam if a member
    has a team of the other kind already, TeamHasMissions if one with missions would be of another kind. What
    the former mentor reviews stays with them.
    """
    cohort = _locked(team.cohort)
    _ensure_name_is_free(cohort.teams.exclude(id=team.id), name)
    team = Team.objects.get(id=team.id)
    if mentor_id != team.mentor_id:
        _ensure_reviewer(cohort, mentor_id)
    if kind != team.kind:
        _move_members(team, kind)
    team.name, team.kind, team.mentor_id = name, kind, mentor_id
    team.save(update_fields=["name", "kind", "mentor_id"])
    return team


def _move_members(team: Team, kind: str) -> None:
    # Only teams of one kind, in which nobody is in two, share a repository without a marker.
    if import_string(settings.TEAM_HAS_MISSIONS)(team.id):
        raise TeamHasMissions(field="kind", name=team.name)
    before, after = ("team", "study_team") if kind == TeamKind.STUDY else ("study_team", "team")
    members = Membership.objects.filter(**{before: team})
    if members.live().exclude(**{after: None}).exists():
        raise MemberHasTeam(field="kind", name=team.name)
    members.update(**{before: None, after: team})


def _ensure_reviewer(cohort: Cohort, account_id: UUID | None) -> None:
    reviewers = Membership.objects.reviewers().filter(cohort=cohort)
    if account_id is not None and not reviewers.filter(account_id=account_id).exists():
        raise NotAReviewer(field="mentor_id")


@transaction.atomic
def delete_team(*, team: Team) -> None:
    """Delete a team; former members lose it. Raise TeamInUse if it has live members or content.

    Missions, announcements and their drafts are content, also past ones.
    """
    _locked(team.cohort)
    if Membership.objects.live().filter(Q(team=team) | Q(study_team=team)).exists():
        raise TeamInUse(name=team.name)
    try:
        team.delete()
    except ProtectedError:
        raise TeamInUse(name=team.name) from None


@transaction.atomic
def create_week(*, cohort: Cohort, topic: str = "", starts_on: date | None = None) -> Week:
    """Create a week after the last one, starting when that one ends or on a later `starts_on`.

    Raise WeekOutOfOrder if `starts_on` is earlier, or missing for the first week.
    """
    cohort = _locked(cohort)
    last = cohort.weeks.order_by("-number").first()
    day = starts_on or (last.starts_on + WEEK if last else None)
    if day is None or (last and day < last.starts_on + WEEK):
        raise WeekOutOfOrder(field="starts_on")
    return Week.objects.create(
        cohort=cohort, number=last.number + 1 if last else 1, starts_on=day, topic=topic
    )


@transaction.atomic
def update_week(*, week: Week, topic: str, starts_on: date) -> Week:
    """Update a week's topic and first day; deadlines stay. Raise WeekOutOfOrder if weeks would overlap."""
    cohort = _locked(week.cohort)
    before = cohort.weeks.filter(number=week.number - 1).first()
    after = cohort.weeks.filter(number=week.number + 1).first()
    if (before and starts_on < before.starts_on + WEEK) or (after and after.starts_on < starts_on + WEEK):
        raise WeekOutOfOrder(field="starts_on")
    week.topic, week.starts_on = topic, starts_on
    week.save(update_fields=["topic", "starts_on"])
    return week


@transaction.atomic
def delete_week(*, week: Week) -> None:
    """Delete the last week. Raise NotLastWeek if it is not the last, WeekInUse if it has missions."""
    cohort = _locked(week.cohort)
    if cohort.weeks.filter(number__gt=week.number).exists():
        raise NotLastWeek
    try:
        week.delete()
    except ProtectedError:
        raise WeekInUse(number=week.number) from None


def publish_membership_changed(*, membership: Membership, at: datetime) -> None:
    """Publish the current state of the membership."""
    publish(
        MembershipChanged(
            membership_id=membership.id,
            cohort_id=membership.cohort_id,
            account_id=membership.account_id,
            role=membership.role,
            left=membership.left_at is not None,
            version=membership.version,
        ),
        at=at,
    )


def _locked(cohort: Cohort) -> Cohort:
    # Serialises changes of one cohort's structure: names and numbers are checked before they are written.
    return Cohort.objects.select_for_update().get(id=cohort.id)


def _ensure_name_is_free(groups: QuerySet[Part] | QuerySet[Team], name: str) -> None:
    if groups.filter(name=name).exists():
        raise NameTaken(field="name", name=name)


def _publish_parts(cohort: Cohort, *, at: datetime) -> None:
    cohort.version += 1
    cohort.save(update_fields=["version"])
    _publish_changed(cohort, at=at)


def _publish_changed(cohort: Cohort, *, at: datetime) -> None:
    parts = cohort.parts.order_by("position").values_list("id", "name")
    publish(
        CohortChanged(
            cohort_id=cohort.id,
            title=cohort.title,
            version=cohort.version,
            parts=[CohortPart(part_id=part_id, name=name) for part_id, name in parts],
        ),
        at=at,
    )
