"""Synchronise submissions with pull requests: member, attempts and status."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from chassis.account_mirror.models import AccountMirror
from chassis.events.publish import publish
from study.cohorts.models import Membership
from study.github.actions.accounts import membership_of
from study.github.models import EventKind, ObservedHead, Outcome, PullRequest, Source, TimelineEvent
from study.memberships.actions.github import GitHubTaken, pin_github
from study.memberships.queries import owner_of_pull_request
from study.missions.models import Mission
from study.missions.queries.deadlines import deadline_of
from study.missions.rules.deadlines import seconds_late
from study.submissions import rules
from study.submissions.events import ChangesRequested, SubmissionReceived
from study.submissions.models import UNMATCHED, Attempt, Submission

# Added to an attempt's number while another attempt still has that number.
_NUMBER_OFFSET = 10_000
_CORRIGIBLE = ("number", "received_at", "clock", "late_seconds")
_STATUS = ("state", "awaits_review", "waiting_since", "attempts_count", "was_late")


@dataclass(frozen=True)
class SyncResult:
    """What became of a pull request, and the submission that it belongs to, if any."""

    outcome: Outcome
    submission: Submission | None = None


def take_over_pull_request(
    *,
    pull_request: PullRequest,
    source: Source,
    at: datetime,
    changed: bool = True,
    review: TimelineEvent | None = None,
) -> Outcome:
    """Sync the submission of a pull request that has changed: the setting PULL_REQUEST_SUBSCRIBER.

    Publishes ChangesRequested if `review` asks for changes and its author may.
    """
    result = sync_submission(pull_request=pull_request, source=source, at=at, changed=changed)
    submission = result.submission
    if (
        submission
        and review
        and review.kind == EventKind.CHANGES_REQUESTED
        and review.reviewer
        and review.reviewer.account_id != submission.account_id
    ):
        requested = ChangesRequested(
            submission_id=submission.id,
            cohort_id=pull_request.cohort_id,
            mission_title=pull_request.repository.mission.title,
            reviewer=review.actor,
            recipients=[submission.account_id],
        )
        publish(requested, at=at)
    return result.outcome


def sync_submission(
    *, pull_request: PullRequest, source: Source, at: datetime, changed: bool = True
) -> SyncResult:
    """Update the submission of this pull request's member. Idempotent.

    Call it with the pull request's row locked. `changed` says whether anything was recorded before. The
    membership is locked after it, then their submission. Another of their pull requests is changed only if
    it is not locked: the transaction that has locked it updates it afterwards.
    """
    default_outcome = Outcome.UPDATED if changed else Outcome.UNCHANGED
    if pull_request.dismissed_at:
        return SyncResult(Outcome.DISMISSED)
    mission: Mission = pull_request.repository.mission
    member = _find_member(pull_request, at=at)
    if member is None:
        return SyncResult(_set_member(pull_request, None, _unmatched_reason(pull_request)) or default_outcome)
    # Locking the membership serialises two pull requests of one member.
    Membership.objects.select_for_update().get(id=member.id)
    submission = _lock_submission(pull_request, mission, member)
    histories = _histories(pull_request, member, submission)
    if pull_request.id not in histories:
        reason = Outcome.DRAFT if pull_request.draft else None
        return SyncResult(_set_member(pull_request, member, reason) or default_outcome)
    is_frozen = _is_frozen(pull_request)
    if submission is None and is_frozen:
        return SyncResult(_set_member(pull_request, member, Outcome.COHORT_CLOSED) or default_outcome)
    is_first = submission is None
    present_id, counted = rules.current_pull_request(histories.values())
    submission, current = _find_or_create_submission(
        pull_request, mission, member, submission, histories[present_id].pull_request, at=at
    )
    is_second = current.id != pull_request.id and pull_request.state != "closed"
    _set_member(pull_request, member, Outcome.SECOND_PULL if is_second else None)
    submission.membership, submission.mission = member, mission
    attempts = list(Attempt.objects.filter(submission=submission).order_by("number"))
    added: list[Attempt] = []
    if not is_frozen:
        attempts, added = _record_attempts(
            current, submission, attempts, histories, counted, source=source, at=at
        )
    _update_status(current, submission, attempts, at=at)
    if is_second:
        return SyncResult(Outcome.SECOND_PULL)
    if current.id == pull_request.id and rules.current_attempt(pull_request.head_sha, attempts) in added:
        default_outcome = Outcome.SUBMITTED if is_first else Outcome.RESUBMITTED
    return SyncResult(default_outcome, submission)


def _find_member(pull_request: PullRequest, *, at: datetime) -> Membership | None:
    """Return the member in their present membership: by submission, by stored member, or by author."""
    submission = Submission.objects.select_related("membership").filter(pull_request=pull_request).first()
    known = submission.membership if submission else pull_request.member
    if known is not None and known.left_at is not None:
        here = Membership.objects.live().filter(cohort_id=pull_request.cohort_id, account_id=known.account_id)
        # A submission stays with a member who has left.
        known = here.first() or (known if submission else None)
    return known or _member_by_author(pull_request, at=at)


def _lock_submission(pull_request: PullRequest, mission: Mission, member: Membership) -> Submission | None:
    """Lock and return the member's submission on the mission, also one of an earlier membership."""
    theirs = Submission.objects.select_for_update(of=("self",)).select_related("pull_request")
    found = list(theirs.filter(mission=mission, account_id=member.account_id).order_by("id"))
    return min(
        found,
        key=lambda submission: (
            submission.pull_request_id != pull_request.id,
            submission.membership_id != member.id,
        ),
        default=None,
    )


def _histories(
    pull_request: PullRequest, member: Membership, submission: Submission | None
) -> dict[UUID, rules.PullRequestHistory]:
    """Return the histories of the member's pull requests on the mission that have been reviewable."""
    theirs = PullRequest.objects.filter(
        repository_id=pull_request.repository_id, member__account_id=member.account_id, dismissed_at=None
    )
    pull_requests = {other.id: other for other in theirs.exclude(id=pull_request.id)} | {
        pull_request.id: pull_request
    }
    timeline_events: dict[UUID, list[TimelineEvent]] = {
        pull_request_id: [] for pull_request_id in pull_requests
    }
    for timeline_event in TimelineEvent.objects.filter(pull_request_id__in=pull_requests).defer("text"):
        timeline_events[timeline_event.pull_request_id].append(timeline_event)
    observed_heads: dict[UUID, list[ObservedHead]] = {
        pull_request_id: [] for pull_request_id in pull_requests
    }
    for observed_head in ObservedHead.objects.filter(pull_request_id__in=pull_requests):
        observed_heads[observed_head.pull_request_id].append(observed_head)
    histories = [
        rules.history_of(other, timeline_events[other.id], observed_heads[other.id])
        for other in pull_requests.values()
    ]
    current_id = submission.pull_request_id if submission else None
    return {
        history.pull_request.id: history
        for history in histories
        if history.heads or history.pull_request.id == current_id
    }


def _find_or_create_submission(
    pull_request: PullRequest,
    mission: Mission,
    member: Membership,
    submission: Submission | None,
    present: PullRequest,
    *,
    at: datetime,
) -> tuple[Submission, PullRequest]:
    """Create the member's submission, or move it to the present pull request; return both."""
    if submission is None:
        current = present if present.id == pull_request.id or _try_lock(present) else pull_request
        submission = Submission.objects.create(
            mission=mission,
            membership=member,
            pull_request=current,
            account_id=member.account_id,
            waiting_since=at,
            created_at=at,
        )
    elif submission.pull_request_id != present.id and (present.id == pull_request.id or _try_lock(present)):
        # The member closed one and opened another, or an earlier one was delivered late.
        left, current = submission.pull_request, present
        submission.pull_request = current
        submission.save(update_fields=["pull_request"])
        if left.id != pull_request.id and left.state != "closed" and _try_lock(left):
            _set_member(left, member, Outcome.SECOND_PULL)
    else:
        current = pull_request if submission.pull_request_id == pull_request.id else submission.pull_request
    if submission.membership_id != member.id:
        submission.membership = member
        submission.save(update_fields=["membership"])
    if current.id != pull_request.id and current.unmatched and _try_lock(current):
        _set_member(current, member, None)
    return submission, current


def _try_lock(pull_request: PullRequest) -> bool:
    """Lock the row and return True, or return False if another transaction holds it."""
    return PullRequest.objects.select_for_update(skip_locked=True).filter(id=pull_request.id).exists()


def _is_frozen(pull_request: PullRequest) -> bool:
    """Return True if the cohort is closed. Its pull requests are polled again once it reopens."""
    if pull_request.repository.cohort.closed_at is None:
        return False
    # Unpolled pull requests are polled first, and only in open cohorts.
    PullRequest.objects.filter(id=pull_request.id).update(polled_at=None, etag="")
    return True


def _set_member(
    pull_request: PullRequest, member: Membership | None, reason: Outcome | None
) -> Outcome | None:
    """Save the member, and the reason if the pull request stays unmatched."""
    unmatched = reason.value if reason in UNMATCHED else ""
    if (pull_request.member_id, pull_request.unmatched) != (member.id if member else None, unmatched):
        pull_request.member, pull_request.unmatched = member, unmatched
        pull_request.save(update_fields=["member", "unmatched"])
    return reason


def _member_by_author(pull_request: PullRequest, *, at: datetime) -> Membership | None:
    if not pull_request.author_id:
        return None
    member = owner_of_pull_request(
        pull_request.cohort_id, github_id=pull_request.author_id, login=pull_request.author_login
    )
    if member and member.github_id is None:
        try:
            # Pin the id: logins can be renamed and reused.
            pin_github(
                membership=member, github_id=pull_request.author_id, login=pull_request.author_login, at=at
            )
        except GitHubTaken:
            # The operator entered a login that belongs to another member.
            return None
    return member


def _unmatched_reason(pull_request: PullRequest) -> Outcome:
    if not pull_request.author_id:
        return Outcome.CLAIMED if pull_request.claimed_by_id else Outcome.NO_AUTHOR
    if membership_of(cohort_id=pull_request.cohort_id, github_id=pull_request.author_id):
        return Outcome.STAFF
    claims = Membership.objects.live().filter(
        cohort_id=pull_request.cohort_id, github_claim=pull_request.author_login.lower()
    )
    return Outcome.CLAIMED if pull_request.claimed_by_id or claims.exists() else Outcome.UNKNOWN_PERSON


def _record_attempts(
    current: PullRequest,
    submission: Submission,
    attempts: list[Attempt],
    histories: Mapping[UUID, rules.PullRequestHistory],
    counted: AbstractSet[UUID],
    *,
    source: Source,
    at: datetime,
) -> tuple[list[Attempt], list[Attempt]]:
    """Return all attempts in order, and the added ones: one for each head, by the time that counts.

    A head that was only observed takes over the time of its own delivery.
    """
    heads = rules.best_heads(
        head for history in histories.values() if history.pull_request.id in counted for head in history.heads
    )
    others = {
        head.sha
        for history in histories.values()
        if history.pull_request.id not in counted
        for head in history.heads
    }
    attempts = _drop_attempts(attempts, others - heads.keys())
    before = {attempt.id: _content(attempt) for attempt in attempts}
    for attempt in attempts:
        head = heads.pop(attempt.head_sha, None)
        if head and (head.is_exact or head.at <= attempt.received_at):
            attempt.received_at, attempt.clock = head.at, head.clock
            attempt.late_seconds = seconds_late(head.at, attempt.due_at)
    due_at = deadline_of(submission.mission, submission.membership).at if heads else at
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
        for head in heads.values()
    ]
    ordered = sorted([*attempts, *added], key=rules.attempt_order)
    for number, attempt in enumerate(ordered, start=1):
        if attempt.number not in {None, number}:
            # Move it to a free number first: numbers are unique in a submission.
            Attempt.objects.filter(id=attempt.id).update(number=number + _NUMBER_OFFSET)
        attempt.number = number
    for attempt in attempts:
        if _content(attempt) != before[attempt.id]:
            attempt.save(update_fields=_CORRIGIBLE)
    Attempt.objects.bulk_create(added)
    newest = rules.current_attempt(current.head_sha, ordered)
    if newest in added:
        publish(_submission_received(current, submission, newest), at=at)
    return ordered, added


def _content(attempt: Attempt) -> list[object]:
    return [getattr(attempt, name) for name in _CORRIGIBLE]


def _drop_attempts(attempts: list[Attempt], shas: AbstractSet[str]) -> list[Attempt]:
    """Delete and leave out attempts whose head belongs to a pull request that was never the submission.

    They were recorded before an earlier pull request was delivered. Reviewed attempts stay.
    """
    gone = [attempt.id for attempt in attempts if attempt.head_sha in shas]
    if not gone:
        return attempts
    Attempt.objects.filter(id__in=gone, reviews=None).delete()
    left = set(Attempt.objects.filter(id__in=gone).values_list("id", flat=True))
    return [attempt for attempt in attempts if attempt.id in left or attempt.id not in gone]


def _submission_received(
    pull_request: PullRequest, submission: Submission, attempt: Attempt
) -> SubmissionReceived:
    names = AccountMirror.objects.names([submission.account_id])
    # A mentor who has left is not notified; operators reassign their submissions.
    assigned = Submission.objects.assigned().filter(id=submission.id)
    mentors = [who for who in assigned.values_list("mentor_id", flat=True) if who]
    return SubmissionReceived(
        submission_id=submission.id,
        attempt=attempt.number,
        cohort_id=pull_request.cohort_id,
        mission_title=submission.mission.title,
        member_id=submission.account_id,
        member_name=names.get(submission.account_id, ""),
        late=attempt.late_seconds > 0,
        recipients=[submission.account_id, *mentors],
    )


def _update_status(
    pull_request: PullRequest, submission: Submission, attempts: list[Attempt], *, at: datetime
) -> None:
    about_reviews = Q(is_authorised_review=True) | Q(kind=EventKind.REVIEW_DISMISSED)
    timeline_events = TimelineEvent.objects.filter(about_reviews, pull_request=pull_request).defer("text")
    status = rules.compute_status(
        pull_request_state=pull_request.state,
        draft=pull_request.draft,
        # Reviews by the author do not count, even if they are a mentor by now.
        timeline_events=timeline_events.exclude(reviewer__account_id=submission.account_id),
        attempts=attempts,
        head_sha=pull_request.head_sha,
        released_at=submission.released_at,
    )
    before = [getattr(submission, name) for name in _STATUS]
    if status.awaits_review and not submission.awaits_review:
        submission.waiting_since = at
    submission.state, submission.awaits_review = status.state, status.awaits_review
    submission.attempts_count, submission.was_late = len(attempts), attempts[0].late_seconds > 0
    if [getattr(submission, name) for name in _STATUS] != before:
        submission.save(update_fields=_STATUS)
