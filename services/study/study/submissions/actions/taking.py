"""What GitHub told us, or answered, becomes pull requests, their story and submissions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from chassis.events.publish import publish
from study.cohorts.models import Membership, Role
from study.missions.models import Mission
from study.submissions import rules
from study.submissions.actions.settling import Taken, seat_of, settle
from study.submissions.actions.telling import is_newer, tell
from study.submissions.events import ChangesRequested
from study.submissions.github import ChecksFact, PullFact, PullState, Review, ReviewFact
from study.submissions.models import Kind, Moment, Outcome, Pull, Source, Submission

_PASSED = {"success"}
_FAILED = {"failure", "timed_out", "startup_failure"}
_REVIEW_KINDS = {
    "approved": Kind.APPROVED,
    "changes_requested": Kind.CHANGES_REQUESTED,
    "commented": Kind.COMMENTED,
}


@transaction.atomic
def take_pull(
    *, cohort_id: UUID, fact: PullFact, source: Source, at: datetime, claimed_by: Membership | None = None
) -> Taken:
    """Keep what is new about a pull request, and hand its head in if its author is a member.

    Facts may come twice, late and out of order: an older one adds its line to the story and changes
    nothing else. `claimed_by` is the member who pasted the link of a pull request whose author we
    do not know.
    """
    mission = _mission_of(cohort_id, fact.pull.repository)
    if mission is None:
        return Taken(Outcome.UNKNOWN_REPOSITORY)
    if fact.pull.author.is_bot:
        return Taken(Outcome.BOT)
    # What the hook tells need not be asked for at once, unlike what comes by a link.
    pull, is_new = _locked(mission, fact.pull, polled_at=at if source == Source.WEBHOOK else None)
    newer = is_new or is_newer(pull=pull, fact=fact)
    is_news = tell(pull=pull, fact=fact, is_new=is_new, newer=newer, at=at)
    if newer:
        is_news = _renew(pull, fact.pull, claimed_by) or is_news
    return settle(pull=pull, source=source, at=at, is_news=is_news or is_new)


@transaction.atomic
def take_review(*, cohort_id: UUID, fact: ReviewFact, source: Source, at: datetime) -> Taken:
    """Keep a review made on GitHub. One that asks for changes hands the ball to the member, who is told."""
    about = PullFact(pull=fact.pull, action="reviewed", actor=fact.actor)
    taken = take_pull(cohort_id=cohort_id, fact=about, source=source, at=at)
    if taken.pull is None:
        return taken
    told = _tell_review(taken.pull, fact, cohort_id)
    if told is None:
        return taken
    settled = settle(pull=taken.pull, source=source, at=at)
    if settled.submission and told.is_verdict and told.kind == Kind.CHANGES_REQUESTED:
        publish(_changes_requested(settled.submission, taken.pull, fact.review), at=at)
    return settled


@transaction.atomic
def take_checks(*, cohort_id: UUID, fact: ChecksFact) -> Taken:
    """Keep the end of a suite of checks, or of a check that failed, with each pull request of its commit."""
    mission = _mission_of(cohort_id, fact.repository)
    if mission is None:
        return Taken(Outcome.UNKNOWN_REPOSITORY)
    if not (fact.conclusion in _FAILED or (fact.conclusion in _PASSED and not fact.run_id)):
        return Taken(Outcome.IGNORED)
    # By commit: for a fork GitHub names no pull request.
    ids = Moment.objects.filter(sha=fact.sha, pull__mission=mission).values("pull_id")
    pulls = list(Pull.objects.select_for_update().filter(id__in=ids).order_by("id"))
    if not pulls:
        return Taken(Outcome.UNKNOWN_COMMIT)
    told = [_tell_checks(pull, fact) for pull in pulls]
    return Taken(Outcome.UPDATED if any(told) else Outcome.UNCHANGED, pulls[0])


def _mission_of(cohort_id: UUID, repository: str) -> Mission | None:
    missions = Mission.objects.select_related("cohort")
    return missions.filter(cohort_id=cohort_id, repository=repository).first()


def _locked(mission: Mission, said: PullState, *, polled_at: datetime | None) -> tuple[Pull, bool]:
    """The pull request's row, locked, and whether it is new."""
    rows = Pull.objects.select_for_update(of=("self",)).select_related("owner")
    rows = rows.filter(mission=mission, number=said.number)
    pull = rows.first()
    if pull is None:
        # GitHub sends several deliveries about a new pull request at once: the mission's row lets
        # one of them make it, and the others wait and find it.
        Mission.objects.select_for_update().get(id=mission.id)
        pull = rows.first()
    is_new = pull is None
    if pull is None:
        pull = Pull.objects.create(
            mission=mission,
            cohort_id=mission.cohort_id,
            number=said.number,
            github_id=said.github_id,
            title=said.title,
            url=said.url,
            author_id=said.author.id,
            author_login=said.author.login,
            head_sha=said.head_sha,
            head_ref=said.head_ref,
            head_repository=said.head_repository,
            base_ref=said.base_ref,
            state=said.state,
            draft=said.draft is True,
            opened_at=said.opened_at,
            github_updated_at=said.updated_at,
            polled_at=polled_at,
        )
    pull.mission = mission
    return pull, is_new


def _renew(pull: Pull, said: PullState, claimed_by: Membership | None) -> bool:
    """Take over the newer state. True if anything but the time differs."""
    now: dict[str, object] = {
        "title": said.title,
        "url": said.url,
        "author_login": said.author.login or pull.author_login,
        "head_sha": said.head_sha,
        "head_ref": said.head_ref,
        "head_repository": said.head_repository,
        "base_ref": said.base_ref,
        "state": said.state,
        "draft": pull.draft if said.draft is None else said.draft,
        # The first word stands: an operator decides anyway.
        "claimed_by_id": pull.claimed_by_id or (claimed_by.id if claimed_by else None),
        "github_updated_at": said.updated_at,
    }
    changed = [name for name, value in now.items() if getattr(pull, name) != value]
    for name in changed:
        setattr(pull, name, now[name])
    if changed:
        pull.save(update_fields=["claimed_by" if name == "claimed_by_id" else name for name in changed])
    return bool(set(changed) - {"github_updated_at"})


def _tell_review(pull: Pull, fact: ReviewFact, cohort_id: UUID) -> Moment | None:
    """The new line of the story; None if it was told before."""
    review = fact.review
    if fact.action == "dismissed" or review.state == "dismissed":
        told = Moment(key=f"dismissed:{review.id}", kind=Kind.REVIEW_DISMISSED, at=fact.pull.updated_at)
        told.actor = fact.actor
    else:
        told = Moment(key=f"review:{review.id}", kind=_REVIEW_KINDS[review.state], at=review.at)
        told.actor, told.text, told.sha = review.author.login, review.text, review.sha
        told.is_verdict = told.kind != Kind.COMMENTED and _has_a_say(review, pull, cohort_id)
    told.pull = pull
    same = Moment.objects.filter(pull=pull, key=told.key)
    if fact.action == "edited" and same.update(text=told.text):
        return None
    if same.exists():
        return None
    Moment.objects.bulk_create([told])
    return told


def _has_a_say(review: Review, pull: Pull, cohort_id: UUID) -> bool:
    """Whether the reviewer is a mentor or operator here, or, if we do not know them, may write there."""
    if review.author.is_bot or not review.author.id or review.author.id == pull.author_id:
        return False
    seat = seat_of(cohort_id=cohort_id, github_id=review.author.id)
    if seat is None:
        return review.association not in rules.OUTSIDERS
    # The author may have opened it with another of their GitHub accounts.
    is_own = pull.owner is not None and pull.owner.account_id == seat.account_id
    return seat.role != Role.MEMBER and not is_own


def _changes_requested(submission: Submission, pull: Pull, review: Review) -> ChangesRequested:
    return ChangesRequested(
        submission_id=submission.id,
        cohort_id=pull.cohort_id,
        mission_title=pull.mission.title,
        reviewer=review.author.login,
        recipients=[submission.account_id],
    )


def _tell_checks(pull: Pull, fact: ChecksFact) -> bool:
    """Whether this is news. One line a suite: a failed check stands for its suite, which says no more."""
    passed = fact.conclusion in _PASSED
    key = f"run:{fact.suite_id}:{fact.run_id}" if fact.run_id else f"suite:{fact.suite_id}:{fact.conclusion}"
    known = _keys(Moment.objects.filter(pull=pull, key__startswith="run:"))
    if not passed and not fact.run_id and any(k.startswith(f"run:{fact.suite_id}:") for k in known):
        return False
    if key in known or Moment.objects.filter(pull=pull, key=key).exists():
        return False
    Moment.objects.create(
        pull=pull,
        key=key,
        kind=Kind.CHECKS_PASSED if passed else Kind.CHECKS_FAILED,
        at=fact.at,
        sha=fact.sha,
        text=fact.name,
        count=fact.count,
    )
    return True


def _keys(moments: Iterable[Moment]) -> set[str]:
    return {moment.key for moment in moments}
