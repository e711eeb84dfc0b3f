"""Send reminders: their rows and their events are written in one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chassis.account_mirror.models import AccountMirror
from chassis.errors import DomainError
from chassis.events.publish import publish
from study.cohorts.actions import ensure_open
from study.cohorts.models import Cohort, Membership
from study.missions.models import ExtensionRequest, Mission
from study.missions.queries.deadlines import members_to_extend
from study.missions.rules.deadlines import Deadline
from study.reminders.events import MembersReminded, ReviewerReminded
from study.reminders.models import Reminder, ReminderKind, ReviewDigest, day_of
from study.reminders.rules import next_reminder
from study.reviews.queries import count_waiting
from study.submissions.queries.unsubmitted import list_unsubmitted

BATCH_SIZE = 500


class MissionNotOpen(DomainError):
    code = "mission_not_open"
    title = _("The mission is not open yet. Its members are notified when it opens.")


def missions_to_remind(*, mission_ids: Collection[UUID], at: datetime) -> list[UUID]:
    """Return those of the missions of which a reminder is due. Eight statements."""
    missions = Mission.objects.select_related("cohort").in_bulk(mission_ids).values()
    return sorted({reminder.mission_id for reminder in _due_reminders(missions, at)})


@transaction.atomic
def send_reminders(*, mission_id: UUID, at: datetime) -> None:
    """Send what is due of a mission. Idempotent."""
    mission = _locked(mission_id)
    if mission and mission.cohort.closed_at is None:
        _send(mission, _due_reminders([mission], at), at=at)


def _due_reminders(missions: Collection[Mission], at: datetime) -> list[Reminder]:
    """Return the reminders that are due, unsaved. Seven statements, however many missions."""
    sent: dict[tuple[UUID, UUID], list[Reminder]] = defaultdict(list)
    for row in Reminder.objects.filter(mission__in=missions).order_by("id"):
        sent[row.mission_id, row.account_id].append(row)
    # A decision notified the member of the deadline, as a reminder does.
    granted: Any = ExtensionRequest.objects.filter(mission__in=missions, granted_until__isnull=False)
    for mission_id, account_id, due_at, decided_at in granted.values_list(
        "mission_id", "account_id", "granted_until", "decided_at"
    ):
        notified = Reminder(
            account_id=account_id, kind=ReminderKind.MOVED, due_at=due_at, created_at=decided_at
        )
        theirs = sent[mission_id, account_id]
        theirs.append(notified)
        theirs.sort(key=lambda reminder: reminder.created_at)
    unsubmitted = list(list_unsubmitted(missions))
    accounts = AccountMirror.objects.filter(pk__in={member.account_id for _, member, _ in unsubmitted})
    zones = dict(accounts.values_list("account_id", "time_zone"))
    reminders = []
    for mission, member, deadline in unsubmitted:
        reminder = next_reminder(
            opens_at=mission.opens_at,
            due_at=deadline.at,
            is_handed_in=False,
            sent=sent[mission.id, member.account_id],
            time_zone=zones.get(member.account_id, mission.cohort.time_zone),
            at=at,
        )
        if reminder:
            kind, window = reminder
            reminders.append(_reminder(mission, member, deadline, kind=kind, window=window, at=at))
    return reminders


@transaction.atomic
def remind_members(*, mission: Mission, account_ids: Collection[UUID] | None = None, at: datetime) -> int:
    """Remind the members who have not submitted, also after the deadline; return how many were reminded.

    `account_ids` limits whom. Each is reminded at most once a day (in the cohort's zone). Raises CohortClosed
    and MissionNotOpen.
    """
    locked = _locked(mission.id)
    if locked is None:
        return 0
    ensure_open(cohort=locked.cohort)
    if at < locked.opens_at:
        raise MissionNotOpen
    unsubmitted = list_unsubmitted([locked])
    return len(_ask(locked, unsubmitted, account_ids=account_ids, at=at))


@transaction.atomic
def remind_missing(*, cohort: Cohort, account_ids: Collection[UUID] | None = None, at: datetime) -> int:
    """Remind the members of every mission whose deadline they missed; return how many were reminded.

    `account_ids` limits whom. Each is reminded of a mission at most once a day (in the cohort's zone).
    Raises CohortClosed.
    """
    ensure_open(cohort=cohort)
    # In the order of their ids, as nobody else locks two.
    missions = list(
        Mission.objects.select_for_update(of=("self",))
        .select_related("cohort")
        .filter(cohort=cohort, opens_at__lte=at)
        .order_by("id")
    )
    missed = defaultdict(list)
    for mission, member, deadline in list_unsubmitted(missions):
        if deadline.at < at:
            missed[mission.id].append((mission, member, deadline))
    reminded: set[UUID] = set()
    for mission in missions:
        if mission.id in missed:
            reminded |= _ask(mission, missed[mission.id], account_ids=account_ids, at=at)
    return len(reminded)


def _ask(
    mission: Mission,
    unsubmitted: Iterable[tuple[Mission, Membership, Deadline]],
    *,
    account_ids: Collection[UUID] | None,
    at: datetime,
) -> set[UUID]:
    """Remind those whom no operator reminded today, and return their accounts. The mission is locked."""
    wanted = None if account_ids is None else set(account_ids)
    day, reminded = day_of(mission, at), Reminder.objects.asked_accounts(mission, at=at)
    reminders = [
        _reminder(mission, member, deadline, kind=ReminderKind.ASKED, window=day, at=at)
        for _mission, member, deadline in unsubmitted
        if member.account_id not in reminded and (wanted is None or member.account_id in wanted)
    ]
    _send(mission, reminders, at=at)
    return {reminder.account_id for reminder in reminders}


@transaction.atomic
def send_review_digest(*, account_id: UUID, since: datetime, at: datetime) -> None:
    """Notify a reviewer once a day of what waits since 09:00 (`since`, in their zone). Idempotent."""
    waiting, waiting_since = count_waiting(account_id, since=since)
    if waiting_since is None:
        return
    # Of two workers at once, one creates the row; the other waits for its commit and finds it.
    _digest, is_new = ReviewDigest.objects.get_or_create(
        account_id=account_id, day=since.date(), defaults={"created_at": at}
    )
    if is_new:
        publish(
            ReviewerReminded(
                day=since.date().isoformat(),
                waiting=waiting,
                waiting_since=waiting_since,
                recipients=[account_id],
            ),
            at=at,
        )


def _locked(mission_id: UUID) -> Mission | None:
    # The lock serialises two workers, operators who move the deadline, and submissions: a row that refers to
    # the mission is inserted before or after.
    rows = Mission.objects.select_for_update(of=("self",)).select_related("cohort")
    return rows.filter(id=mission_id).first()


def _reminder(
    mission: Mission, member: Membership, deadline: Deadline, *, kind: ReminderKind, window: str, at: datetime
) -> Reminder:
    return Reminder(
        mission=mission,
        account_id=member.account_id,
        kind=kind,
        window=window,
        due_at=deadline.at,
        created_at=at,
    )


def _send(mission: Mission, reminders: Sequence[Reminder], *, at: datetime) -> None:
    groups: dict[tuple[str, str, datetime], list[UUID]] = defaultdict(list)
    for reminder in reminders:
        groups[reminder.kind, reminder.window, reminder.due_at].append(reminder.account_id)
    Reminder.objects.bulk_create(reminders, batch_size=BATCH_SIZE)
    for (kind, window, due_at), account_ids in sorted(groups.items()):
        if kind != ReminderKind.KNOWN:
            value: Any = ReminderKind(kind).value
            counts: tuple[int | None, int | None] = (None, None)
            is_shared = due_at == mission.due_at and mission.team_id is None
            if is_shared and kind in {ReminderKind.OPENED, ReminderKind.DUE}:
                counts = _counts(mission)
            members, unsubmitted = counts
            publish(
                MembersReminded(
                    mission_id=mission.id,
                    cohort_id=mission.cohort_id,
                    mission_title=mission.title,
                    kind=value,
                    window=window,
                    due_at=due_at,
                    part_id=mission.part_id,
                    members=members,
                    unsubmitted=unsubmitted,
                    recipients=sorted(account_ids),
                ),
                at=at,
            )


def _counts(mission: Mission) -> tuple[int, int]:
    """Return how many have the mission to do, and how many of them have not submitted it."""
    return len(members_to_extend(mission)), len(list(list_unsubmitted([mission])))


def delete_reminders(*, account_id: UUID) -> None:
    """Delete what says when the account was reminded."""
    Reminder.objects.filter(account_id=account_id).delete()
    ReviewDigest.objects.filter(account_id=account_id).delete()
