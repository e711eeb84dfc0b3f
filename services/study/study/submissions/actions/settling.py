"""From a pull request to a submission: whose it is, which heads were handed in, and where it stands now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from chassis.events.publish import publish
from study.cohorts.models import Membership
from study.memberships.actions import GithubTaken, pin_github
from study.memberships.queries import owner_of_pull
from study.mirrors.models import AccountMirror
from study.missions.queries import due_of
from study.missions.rules import seconds_late
from study.submissions import rules
from study.submissions.events import SubmissionReceived
from study.submissions.models import UNMATCHED, Attempt, Kind, Moment, Outcome, Pull, Source, Submission


@dataclass(frozen=True)
class Taken:
    """What came of a fact; the pull request and the submission that it is about, if any."""

    outcome: Outcome
    pull: Pull | None = None
    submission: Submission | None = None


def settle(*, pull: Pull, source: Source, at: datetime, is_news: bool = True) -> Taken:
    """Bring the submission of this pull request up to date with it. Repeating it changes nothing.

    To be called with the pull request's row locked. `is_news` says whether something was told before.
    """
    nothing_else = Outcome.UPDATED if is_news else Outcome.UNCHANGED
    submission = Submission.objects.select_for_update().filter(pull=pull).first()
    if submission is None:
        found = _adopt(pull, at=at)
        if not isinstance(found, Submission):
            return Taken(found or nothing_else, pull)
        submission = found
    attempts = list(Attempt.objects.filter(submission=submission).order_by("number"))
    added = [] if _waits(pull) else _hand_in(pull, submission, attempts, source=source, at=at)
    _stand(pull, submission, [*attempts, *added], at=at)
    if added:
        return Taken(Outcome.RESUBMITTED if attempts else Outcome.SUBMITTED, pull, submission)
    return Taken(nothing_else, pull, submission)


def _adopt(pull: Pull, *, at: datetime) -> Submission | Outcome | None:
    """The owner's submission, made or moved to this pull request; else why there is none, if we can say."""
    if pull.dismissed_at:
        return Outcome.DISMISSED
    owner = pull.owner if pull.owner and pull.owner.left_at is None else _owner_of(pull, at=at)
    if owner is None:
        return _keep(pull, None, _why_nobody(pull))
    if not Moment.objects.filter(pull=pull, offered_at__isnull=False).exists():
        return _keep(pull, owner, Outcome.DRAFT if pull.draft else None)
    if _waits(pull):
        return _keep(pull, owner, Outcome.COHORT_CLOSED)
    # One row decides between two pull requests that the same member opens at once.
    Membership.objects.select_for_update().get(id=owner.id)
    theirs = Submission.objects.select_for_update(of=("self",)).select_related("pull")
    submission = theirs.filter(mission_id=pull.mission_id, membership=owner).first()
    if submission is None:
        submission = Submission.objects.create(
            mission_id=pull.mission_id,
            membership=owner,
            pull=pull,
            account_id=owner.account_id,
            waiting_since=at,
            created_at=at,
        )
    elif submission.pull.state == "closed" and pull.state != "closed":
        # They gave the first one up and opened another: the work goes on there.
        submission.pull = pull
        submission.save(update_fields=["pull"])
    else:
        return _keep(pull, owner, None if pull.state == "closed" else Outcome.SECOND_PULL)
    _keep(pull, owner, None)
    return submission


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
    owner = owner_of_pull(pull.cohort_id, github_id=pull.author_id, login=pull.author_login)
    if owner and owner.github_id is None:
        try:
            # From now on a new name, or somebody else with the old one, changes nothing.
            pin_github(membership=owner, github_id=pull.author_id, login=pull.author_login, at=at)
        except GithubTaken:
            # An operator named a login whose account is somebody else's here: their word was wrong.
            return None
    return owner


def seat_of(*, cohort_id: UUID, github_id: int) -> Membership | None:
    """Who in the cohort has this GitHub account, in whichever role."""
    linked = AccountMirror.objects.filter(github_id=github_id).values("account_id")
    is_them = Q(github_id=github_id) | Q(account_id__in=linked)
    return Membership.objects.live().filter(is_them, cohort_id=cohort_id).first()


def _why_nobody(pull: Pull) -> Outcome:
    if not pull.author_id:
        return Outcome.CLAIMED if pull.claimed_by_id else Outcome.NO_AUTHOR
    if seat_of(cohort_id=pull.cohort_id, github_id=pull.author_id):
        return Outcome.STAFF
    claims = Membership.objects.live().filter(
        cohort_id=pull.cohort_id, github_claim=pull.author_login.lower()
    )
    return Outcome.CLAIMED if pull.claimed_by_id or claims.exists() else Outcome.UNKNOWN_PERSON


def _hand_in(
    pull: Pull, submission: Submission, attempts: list[Attempt], *, source: Source, at: datetime
) -> list[Attempt]:
    """One attempt for each head that was offered and not handed in yet, at the time when it was offered."""
    handed_in = {attempt.head_sha for attempt in attempts}
    offered = Moment.objects.filter(pull=pull, offered_at__isnull=False).order_by("offered_at", "id")
    heads: dict[str, datetime] = {}
    for moment in offered:
        if moment.offered_at is not None and moment.sha not in handed_in:
            heads.setdefault(moment.sha, moment.offered_at)
    if not heads:
        return []
    due_at = due_of(pull.mission, submission.membership).at
    added = [
        Attempt(
            submission=submission,
            number=number,
            head_sha=sha,
            source=source,
            received_at=received_at,
            due_at=due_at,
            late_seconds=seconds_late(received_at, due_at),
        )
        for number, (sha, received_at) in enumerate(heads.items(), start=len(attempts) + 1)
    ]
    Attempt.objects.bulk_create(added)
    publish(_received(pull, submission, added[-1]), at=at)
    return added


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
    standing = rules.standing(
        pull_state=pull.state,
        draft=pull.draft,
        moments=Moment.objects.filter(about_reviews, pull=pull).defer("text"),
        attempts=attempts,
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
    changed = [name for name, value in now.items() if getattr(submission, name) != value]
    for name in changed:
        setattr(submission, name, now[name])
    if changed:
        submission.save(update_fields=changed)
