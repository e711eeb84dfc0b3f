"""Record the attempts of a submission: one for each head, by the time that counts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from operator import attrgetter
from uuid import UUID

from django.db.models import F, QuerySet

from chassis.compiled import compiled
from study.github.models import Source
from study.missions.queries.deadlines import deadline_of
from study.missions.rules.deadlines import seconds_late
from study.submissions.models import Attempt, Clock, Submission
from study.submissions.rules.history import Head

# Added to an attempt's number while another attempt still has that number.
_NUMBER_OFFSET = 10_000
_CORRIGIBLE = ("number", "received_at", "clock", "late_seconds")


def record_attempts(
    *,
    submission: Submission,
    heads: Mapping[str, Head],
    foreign_shas: Collection[str],
    source: Source,
    at: datetime,
) -> tuple[list[Attempt], list[Attempt]]:
    """Return all attempts in order, and the added ones. An observed head takes its delivery's time.

    `foreign_shas` are heads of pull requests that were never the submission: attempts that were recorded for
    them, before an earlier pull request was delivered, are deleted unless they were reviewed.
    """
    if foreign_shas:
        submission.attempts.filter(head_sha__in=foreign_shas, reviews=None).delete()
    attempts = attempts_of(submission_id=submission.id)
    content = attrgetter(*_CORRIGIBLE)
    before = {attempt.id: content(attempt) for attempt in attempts}
    for attempt in attempts:
        head = heads.get(attempt.head_sha or "")
        if head and (head.is_exact or head.at <= attempt.received_at):
            attempt.received_at, attempt.clock = head.at, head.clock
            attempt.late_seconds = seconds_late(head.at, attempt.due_at)
    new_heads = [heads[sha] for sha in heads.keys() - {attempt.head_sha for attempt in attempts}]
    due_at = deadline_of(submission.mission, submission.membership).at if new_heads else at
    added = [
        Attempt(
            submission=submission,
            head_sha=head.sha,
            source=source,
            received_at=head.at,
            clock=head.clock,
            recorded_at=at,
            due_at=due_at,
            late_seconds=seconds_late(head.at, due_at),
        )
        for head in new_heads
    ]
    ordered = sorted([*attempts, *added], key=_order)
    for number, attempt in enumerate(ordered, start=1):
        attempt.number = number
    changed = [attempt for attempt in attempts if content(attempt) != before[attempt.id]]
    # Numbers are unique in a submission: move the old ones out of the way first.
    if moved := [attempt.id for attempt in changed if attempt.number != before[attempt.id][0]]:
        Attempt.objects.filter(id__in=moved).update(number=F("number") + _NUMBER_OFFSET)
    if len(changed) == 1:
        changed[0].save(update_fields=_CORRIGIBLE)
    else:
        Attempt.objects.bulk_update(changed, _CORRIGIBLE)
    Attempt.objects.bulk_create(added)
    return ordered, added


@compiled
def attempts_of(*, submission_id: UUID) -> QuerySet[Attempt]:
    """Return the attempts of a submission in order."""
    return Attempt.objects.filter(submission=submission_id).order_by("number")


def _order(attempt: Attempt) -> tuple[datetime, bool, str]:
    return attempt.received_at, attempt.clock != Clock.OPENED, attempt.head_sha or ""
