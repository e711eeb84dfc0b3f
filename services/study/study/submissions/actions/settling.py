"""From a pull request to a submission: whose it is, which heads were handed in, and where it stands now."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Model, Q

from chassis.events.publish import publish
from study.cohorts.models import Membership, Role
from study.memberships.actions import GitHubTaken, pin_github
from study.memberships.queries import owner_of_pull_request
from study.mirrors.models import AccountMirror
from study.missions.queries import due_of
from study.missions.rules import seconds_late
from study.submissions import rules
from study.submissions.events import SubmissionReceived
from study.submissions.models import (
    UNMATCHED,
    Attempt,
    Kind,
    Moment,
    Outcome,
    Pull,
    Sighting,
    Source,
    Submission,
)

# Added to a number for as long as another attempt has it.
_AWAY = 10_000


@dataclass(frozen=True)
class Taken:
    """What came of a fact; the pull request and the submission that it is about, if any."""

    outcome: Outcome
    pull: Pull | None = None
    submission: Submission | None = None


def settle(*, pull: Pull, source: Source, at: datetime, is_news: bool = True) -> Taken:
    """Bring the submission of this pull request's owner up to date with it. Repeating it changes nothing.

    To be called with the pull request's row locked. `is_news` says whether something was told before. The
    owner's membership is locked after it, then their submission. Another of their pull requests is changed
    only if nobody holds it: whoever does brings it up to date after this.
    """
    nothing_else = Outcome.UPDATED if is_news else Outcome.UNCHANGED
    if pull.dismissed_at:
        return Taken(Outcome.DISMISSED, pull)
    owner = _owner(pull, at=at)
    if owner is None:
        return Taken(_keep(pull, None, _why_nobody(pull)) or nothing_else, pull)
    # One row decides between two pull requests of the same member.
    Membership.objects.select_for_update().get(id=owner.id)
    submission = _submission(pull, owner)
    works = _works(pull, owner, submission)
    if pull.id not in works:
        return Taken(_keep(pull, owner, Outcome.DRAFT if pull.draft else None) or nothing_else, pull)
    is_waiting = _waits(pull)
    if submission is None and is_waiting:
        return Taken(_keep(pull, owner, Outcome.COHORT_CLOSED) or nothing_else, pull)
    is_first = submission is None
    present_id, counted = rules.present_of(works.values())
    submission, current = _move(pull, owner, submission, works[present_id].pull, at=at)
    current.mission = pull.mission
    waits_behind = current.id != pull.id and pull.state != "closed"
    _keep(pull, owner, Outcome.SECOND_PULL if waits_behind else None)
    submission.membership = owner
    attempts = list(Attempt.objects.filter(submission=submission).order_by("number"))
    added: list[Attempt] = []
    if not is_waiting:
        attempts, added = _record(current, submission, attempts, works, counted, source=source, at=at)
    _stand(current, submission, attempts, at=at)
    if waits_behind:
        return Taken(Outcome.SECOND_PULL, pull)
    if current.id == pull.id and rules.attempt_at(pull.head_sha, attempts) in added:
        nothing_else = Outcome.SUBMITTED if is_first else Outcome.RESUBMITTED
    return Taken(nothing_else, pull, submission)


def _owner(pull: Pull, *, at: datetime) -> Membership | None:
    """Whose it is: the submission's that it is, its owner's, or its author's; in their present membership."""
    submission = Submission.objects.select_related("membership").filter(pull=pull).first()
    known = submission.membership if submission else pull.owner
    if known is not None and known.left_at is not None:
        here = Membership.objects.live().filter(cohort_id=pull.cohort_id, account_id=known.account_id)
        # What somebody who left had handed in goes on.
        known = here.first() or (known if submission else None)
    return known or _owner_of(pull, at=at)


def _submission(pull: Pull, owner: Membership) -> Submission | None:
    """Their submission on the mission, locked: also one from before they left and came back."""
    theirs = Submission.objects.select_for_update(of=("self",)).select_related("pull")
    found = list(theirs.filter(mission_id=pull.mission_id, account_id=owner.account_id).order_by("id"))
    return min(found, key=lambda one: (one.pull_id != pull.id, one.membership_id != owner.id), default=None)


def _works(pull: Pull, owner: Membership, submission: Submission | None) -> dict[UUID, rules.Work]:
    """The owner's pull requests on the mission that have been before the mentors, this one as it is now."""
    theirs = Pull.objects.filter(
        mission_id=pull.mission_id, owner__account_id=owner.account_id, dismissed_at=None
    )
    pulls = {one.id: one for one in theirs.exclude(id=pull.id)} | {pull.id: pull}
    moments: dict[UUID, list[Moment]] = {pull_id: [] for pull_id in pulls}
    for moment in Moment.objects.filter(pull_id__in=pulls).defer("text"):
        moments[moment.pull_id].append(moment)
    sightings: dict[UUID, list[Sighting]] = {pull_id: [] for pull_id in pulls}
    for sighting in Sighting.objects.filter(pull_id__in=pulls):
        sightings[sighting.pull_id].append(sighting)
    works = [rules.work_of(one, moments[one.id], sightings[one.id]) for one in pulls.values()]
    current_id = submission.pull_id if submission else None
    return {work.pull.id: work for work in works if work.heads or work.pull.id == current_id}


def _move(
    pull: Pull, owner: Membership, submission: Submission | None, present: Pull, *, at: datetime
) -> tuple[Submission, Pull]:
    """The owner's submission, created or moved to the present pull request, and the one that it is now."""
    if submission is None:
        current = present if present.id == pull.id or _is_free(present) else pull
        submission = Submission.objects.create(
            mission_id=pull.mission_id,
            membership=owner,
            pull=current,
            account_id=owner.account_id,
            waiting_since=at,
            created_at=at,
        )
    elif submission.pull_id != present.id and (present.id == pull.id or _is_free(present)):
        # They gave one up and opened another, or an earlier one was delivered later: the work goes on there.
        left, current = submission.pull, present
        submission.pull = current
        submission.save(update_fields=["pull"])
        if left.id != pull.id and left.state != "closed" and _is_free(left):
            _keep(left, owner, Outcome.SECOND_PULL)
    else:
        current = pull if submission.pull_id == pull.id else submission.pull
    if submission.membership_id != owner.id:
        submission.membership = owner
        submission.save(update_fields=["membership"])
    if current.id != pull.id and current.unmatched and _is_free(current):
        _keep(current, owner, None)
    return submission, current


def _is_free(pull: Pull) -> bool:
    """Whether nobody else holds the row, which is locked from then on."""
    return Pull.objects.select_for_update(skip_locked=True).filter(id=pull.id).exists()


def _waits(pull: Pull) -> bool:
    """Whether nothing can be handed in, since the cohort is closed. If it opens again, it is made up for."""
    if pull.mission.cohort.closed_at is None:
        return False
    # What has never been asked for is asked for first, and only in open cohorts.
    Pull.objects.filter(id=pull.id).update(polled_at=None, etag="")
    return True


def _keep(pull: Pull, owner: Membership | None, why: Outcome | None) -> Outcome | None:
    """Note whose it is, and why it waits in the operator's list, if it does."""
    unmatched = why.value if why in UNMATCHED else ""
    if (pull.owner_id, pull.unmatched) != (owner.id if owner else None, unmatched):
        pull.owner, pull.unmatched = owner, unmatched
        pull.save(update_fields=["owner", "unmatched"])
    return why


def _owner_of(pull: Pull, *, at: datetime) -> Membership | None:
    if not pull.author_id:
        return None
    owner = owner_of_pull_request(pull.cohort_id, github_id=pull.author_id, login=pull.author_login)
    if owner and owner.github_id is None:
        try:
            # From now on a new name, or somebody else with the old one, changes nothing.
            pin_github(membership=owner, github_id=pull.author_id, login=pull.author_login, at=at)
        except GitHubTaken:
            # An operator named a login whose account is somebody else's here: their word was wrong.
            return None
    return owner


def membership_of(*, cohort_id: UUID, github_id: int) -> Membership | None:
    """Who in the cohort has this GitHub account, in whichever role."""
    linked = AccountMirror.objects.filter(github_id=github_id).values("account_id")
    is_them = Q(github_id=github_id) | Q(account_id__in=linked)
    return Membership.objects.live().filter(is_them, cohort_id=cohort_id).first()


def reviewer_of(*, cohort_id: UUID, github_id: int, login: str, at: datetime) -> Membership | None:
    """Return the mentor or operator of the cohort who has this GitHub account, or None.

    By GitHub's id, else by an operator's word for the login of somebody who has linked none; the id is
    pinned then. How GitHub says that somebody stands to the repository counts for nothing.
    """
    if not github_id:
        return None
    membership = membership_of(cohort_id=cohort_id, github_id=github_id)
    if membership is None and login:
        has_linked = AccountMirror.objects.filter(github_id__isnull=False).values("account_id")
        named = Membership.objects.live().filter(
            cohort_id=cohort_id, github_id=None, github_login=login.lower()
        )
        membership = named.exclude(Q(role=Role.MEMBER) | Q(account_id__in=has_linked)).first()
        try:
            if membership is not None:
                pin_github(membership=membership, github_id=github_id, login=login, at=at)
        except GitHubTaken:
            return None
    return membership if membership is not None and membership.role != Role.MEMBER else None


def _why_nobody(pull: Pull) -> Outcome:
    if not pull.author_id:
        return Outcome.CLAIMED if pull.claimed_by_id else Outcome.NO_AUTHOR
    if membership_of(cohort_id=pull.cohort_id, github_id=pull.author_id):
        return Outcome.STAFF
    claims = Membership.objects.live().filter(
        cohort_id=pull.cohort_id, github_claim=pull.author_login.lower()
    )
    return Outcome.CLAIMED if pull.claimed_by_id or claims.exists() else Outcome.UNKNOWN_PERSON


def _record(
    current: Pull,
    submission: Submission,
    attempts: list[Attempt],
    works: Mapping[UUID, rules.Work],
    counted: AbstractSet[UUID],
    *,
    source: Source,
    at: datetime,
) -> tuple[list[Attempt], list[Attempt]]:
    """All attempts in their order, and those added: one for each head, by the times they count from.

    A head of which we had only seen that it is there takes over the time of its own delivery.
    """
    heads = rules.best_of(head for work in works.values() if work.pull.id in counted for head in work.heads)
    others = {head.sha for work in works.values() if work.pull.id not in counted for head in work.heads}
    attempts = _without(attempts, others - heads.keys())
    changed: dict[UUID, set[str]] = {}
    for attempt in attempts:
        head = heads.pop(attempt.head_sha, None)
        if head and (head.is_exact or head.at <= attempt.received_at):
            late = seconds_late(head.at, attempt.due_at)
            now = {"received_at": head.at, "clock": head.clock, "late_seconds": late}
            changed[attempt.id] = _set(attempt, now)
    due_at = due_of(current.mission, submission.membership).at if heads else at
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
    ordered = sorted([*attempts, *added], key=rules.place_of)
    moved = [(number, one) for number, one in enumerate(ordered, start=1) if one.number != number]
    for number, attempt in moved:
        if attempt.number:
            # First out of the way of the others: a number is one attempt's alone.
            Attempt.objects.filter(id=attempt.id).update(number=number + _AWAY)
            changed.setdefault(attempt.id, set()).add("number")
        attempt.number = number
    for attempt in attempts:
        if fields := changed.get(attempt.id):
            attempt.save(update_fields=sorted(fields))
    Attempt.objects.bulk_create(added)
    newest = rules.attempt_at(current.head_sha, ordered)
    if newest in added:
        publish(_received(current, submission, newest), at=at)
    return ordered, added


def _set(row: Model, now: Mapping[str, object]) -> set[str]:
    changed = {name for name, value in now.items() if getattr(row, name) != value}
    for name in changed:
        setattr(row, name, now[name])
    return changed


def _without(attempts: list[Attempt], shas: AbstractSet[str]) -> list[Attempt]:
    """The attempts but those whose head belongs to a pull request that was never the submission.

    They were taken for it while an earlier pull request had not been delivered. Reviewed ones stay.
    """
    gone = [attempt.id for attempt in attempts if attempt.head_sha in shas]
    if not gone:
        return attempts
    Attempt.objects.filter(id__in=gone, reviews=None).delete()
    left = set(Attempt.objects.filter(id__in=gone).values_list("id", flat=True))
    return [attempt for attempt in attempts if attempt.id in left or attempt.id not in gone]


def _received(pull: Pull, submission: Submission, attempt: Attempt) -> SubmissionReceived:
    names = AccountMirror.objects.names([submission.account_id])
    # A mentor who left is not told; what was theirs waits for the operators to give out.
    assigned = Submission.objects.assigned().filter(id=submission.id)
    mentors = [who for who in assigned.values_list("mentor_id", flat=True) if who]
    return SubmissionReceived(
        submission_id=submission.id,
        attempt=attempt.number,
        cohort_id=pull.cohort_id,
        mission_title=pull.mission.title,
        member_id=submission.account_id,
        member_name=names.get(submission.account_id, ""),
        late=attempt.late_seconds > 0,
        recipients=[submission.account_id, *mentors],
    )


def _stand(pull: Pull, submission: Submission, attempts: list[Attempt], *, at: datetime) -> None:
    about_reviews = Q(is_verdict=True) | Q(kind=Kind.REVIEW_DISMISSED)
    moments = Moment.objects.filter(about_reviews, pull=pull).defer("text")
    standing = rules.standing(
        pull_state=pull.state,
        draft=pull.draft,
        # Nobody reviews their own submission, whatever they have become since.
        moments=moments.exclude(reviewer__account_id=submission.account_id),
        attempts=attempts,
        head_sha=pull.head_sha,
        released_at=submission.released_at,
    )
    now = {
        "state": standing.state,
        "awaits_review": standing.awaits_review,
        "attempts_count": len(attempts),
        "is_late": attempts[0].late_seconds > 0,
    }
    if standing.awaits_review and not submission.awaits_review:
        now["waiting_since"] = at
    if changed := _set(submission, now):
        submission.save(update_fields=sorted(changed))
