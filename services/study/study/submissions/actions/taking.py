"""What GitHub told us, or answered, becomes pull requests, their story and submissions."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from chassis.events.publish import publish
from study.cohorts.models import Membership
from study.missions.actions import follow_repository, resolve_repository, take_over_name
from study.missions.models import Mission
from study.submissions.actions.settling import Taken, reviewer_of, settle
from study.submissions.actions.telling import Age, age_of, tell
from study.submissions.events import ChangesRequested
from study.submissions.github import ChecksFact, PullFact, PullState, RepositoryFact, Review, ReviewFact
from study.submissions.models import EarlyCheck, Kind, Moment, Outcome, Pull, Source, Submission

# GitHub sends a delivery again for three days at most.
EARLY_CHECKS_KEPT = timedelta(days=30)
_PASSED = {"success"}
_FAILED = {"failure", "timed_out", "startup_failure"}
_REVIEW_KINDS = {
    "approved": Kind.APPROVED,
    "changes_requested": Kind.CHANGES_REQUESTED,
    "commented": Kind.COMMENTED,
}


@transaction.atomic
def take_pull(
    *,
    cohort_id: UUID,
    fact: PullFact,
    source: Source,
    at: datetime,
    claimed_by: Membership | None = None,
    asked: Mission | None = None,
) -> Taken:
    """Keep what is new about a pull request, and hand its head in if its author is a member.

    Facts may come twice, late and out of order, and lead to the same end. `claimed_by` is the member who
    pasted the link of a pull request whose author we do not know; `asked` is the mission whose repository
    GitHub was asked for.
    """
    said = fact.pull
    # What GitHub answers is the present.
    as_of = at if asked else said.updated_at
    mission = resolve_repository(
        cohort_id=cohort_id, github_id=said.repository_id, name=said.repository, as_of=as_of, asked=asked
    )
    if mission is None:
        return Taken(Outcome.UNKNOWN_REPOSITORY)
    if said.author.is_bot:
        return Taken(Outcome.BOT)
    # What the hook tells need not be asked for at once, unlike what comes by a link.
    pull, is_new = _locked(mission, said, polled_at=at if source == Source.WEBHOOK else None)
    if pull.github_id != said.github_id and pull.opened_at != said.opened_at:
        # The repository was deleted and made anew, or an operator entered another one.
        return Taken(Outcome.OTHER_PULL)
    age = age_of(pull=pull, fact=fact, is_new=is_new)
    is_news = tell(pull=pull, fact=fact, is_new=is_new, age=age, at=at)
    is_news = _renew(pull, fact, age, claimed_by) or is_news
    if is_news or is_new:
        _tell_early_checks(pull)
    taken = settle(pull=pull, source=source, at=at, is_news=is_news or is_new)
    take_over_name(mission=mission, name=said.repository, as_of=as_of, is_present=asked is not None)
    return taken


@transaction.atomic
def take_review(
    *, cohort_id: UUID, fact: ReviewFact, source: Source, at: datetime, asked: Mission | None = None
) -> Taken:
    """Keep a review made on GitHub. One that asks for changes hands the ball to the member, who is told."""
    about = PullFact(pull=fact.pull, action="reviewed", actor=fact.actor)
    taken = take_pull(cohort_id=cohort_id, fact=about, source=source, at=at, asked=asked)
    if taken.pull is None:
        return taken
    told = _tell_review(taken.pull, fact, at=at)
    if told is None:
        return taken
    settled = settle(pull=taken.pull, source=source, at=at)
    if settled.submission and told.kind == Kind.CHANGES_REQUESTED and _counts(told, settled.submission):
        publish(_changes_requested(settled.submission, taken.pull, fact.review), at=at)
    return settled


@transaction.atomic
def take_checks(
    *,
    cohort_id: UUID,
    fact: ChecksFact,
    source: Source = Source.WEBHOOK,
    at: datetime,
    asked: Mission | None = None,
) -> Taken:
    """Keep the end of a suite of checks, or of a check that failed, with each pull request of its commit."""
    mission = resolve_repository(
        cohort_id=cohort_id, github_id=fact.repository_id, name=fact.repository, as_of=fact.at, asked=asked
    )
    if mission is None:
        return Taken(Outcome.UNKNOWN_REPOSITORY)
    if not (fact.conclusion in _FAILED or (fact.conclusion in _PASSED and not fact.run_id)):
        return Taken(Outcome.IGNORED)
    # By commit: for a fork GitHub names no pull request. Memberships are locked after pull requests, and
    # in one order, so that two commits' checks do not wait for each other.
    told_of = Moment.objects.filter(sha=fact.sha, pull__mission=mission).values("pull_id")
    has_commit = Q(id__in=told_of) | Q(mission=mission, head_sha=fact.sha)
    ids = list(Pull.objects.filter(has_commit).values_list("id", flat=True))
    rows = Pull.objects.select_for_update(of=("self",)).select_related("owner").filter(id__in=ids)
    pulls = sorted(rows.order_by("id"), key=lambda pull: str(pull.owner_id))
    if not pulls:
        _keep_early(mission, fact, at=at)
        return Taken(Outcome.UNKNOWN_COMMIT)
    told = []
    for pull in pulls:
        pull.mission = mission
        told.append(_tell_checks(pull, fact))
        if told[-1]:
            settle(pull=pull, source=source, at=at)
    return Taken(Outcome.UPDATED if any(told) else Outcome.UNCHANGED, pulls[0])


def take_repository(*, cohort_id: UUID, fact: RepositoryFact, at: datetime) -> Taken:
    """Keep what became of a mission's repository: operators see it on the mission, nothing is removed."""
    mission = follow_repository(
        cohort_id=cohort_id,
        github_id=fact.github_id,
        name=fact.name,
        previous_name=fact.previous_name,
        action=fact.action,
        at=fact.at or at,
    )
    return Taken(Outcome.REPOSITORY if mission else Outcome.UNKNOWN_REPOSITORY)


def _locked(mission: Mission, said: PullState, *, polled_at: datetime | None) -> tuple[Pull, bool]:
    """The pull request's row, locked, and whether it is new."""
    same = Pull.objects.filter(mission=mission, number=said.number).values_list("id", flat=True)
    pull_id = same.first()
    is_new = pull_id is None
    if pull_id is None:
        try:
            with transaction.atomic():
                pull_id = _create(mission, said, polled_at=polled_at).id
        except IntegrityError:
            # GitHub sends several deliveries about a new pull request at once, and another created it.
            pull_id, is_new = same.get(), False
    # By its id: deliveries that lost that race share a lock on its number, and would wait for each other.
    pull = Pull.objects.select_for_update(of=("self",)).select_related("owner").get(id=pull_id)
    pull.mission = mission
    return pull, is_new


def _create(mission: Mission, said: PullState, *, polled_at: datetime | None) -> Pull:
    return Pull.objects.create(
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


def _renew(pull: Pull, fact: PullFact, age: Age, claimed_by: Membership | None) -> bool:
    """Take over the newer state. True if anything but the time differs."""
    said = fact.pull
    # The first word stands: an operator decides anyway.
    now: dict[str, object] = {"claimed_by_id": pull.claimed_by_id or (claimed_by.id if claimed_by else None)}
    if age == Age.NEWER:
        now |= {
            "title": said.title,
            "url": said.url,
            "author_login": said.author.login or pull.author_login,
            "head_sha": said.head_sha,
            "head_ref": said.head_ref,
            "head_repository": said.head_repository,
            "base_ref": said.base_ref,
            "state": said.state,
            "draft": pull.draft if said.draft is None else said.draft,
            "github_updated_at": said.updated_at,
        }
    elif age == Age.SAME_SECOND:
        now |= _of_same_second(pull, fact)
    if "merged" in {pull.state, said.state}:
        # GitHub undoes no merge.
        now["state"] = "merged"
    changed = [name for name, value in now.items() if getattr(pull, name) != value]
    for name in changed:
        setattr(pull, name, now[name])
    if changed:
        pull.save(update_fields=["claimed_by" if name == "claimed_by_id" else name for name in changed])
    return bool(set(changed) - {"github_updated_at"})


def _of_same_second(pull: Pull, fact: PullFact) -> dict[str, object]:
    """What a fact decides among those of its second: only what its own action has changed."""
    said = fact.pull
    match fact.action:
        case "edited":
            return {"title": said.title, "base_ref": said.base_ref}
        case "synchronize":
            return {"head_sha": _last_of_second(pull, said)}
        case "converted_to_draft" | "ready_for_review":
            return {"draft": said.draft if said.draft is not None else fact.action == "converted_to_draft"}
        case "reopened":
            return {"state": said.state, "head_sha": said.head_sha}
        case "closed":
            is_reopened = Moment.objects.filter(pull=pull, kind=Kind.REOPENED, at=said.updated_at).exists()
            return {} if is_reopened else {"state": said.state}
    return {}


def _last_of_second(pull: Pull, said: PullState) -> str:
    """The head that no push of this second left behind."""
    pushes = Moment.objects.filter(
        pull=pull, kind__in=[Kind.COMMITS_PUSHED, Kind.FORCE_PUSHED], at=said.updated_at
    ).values_list("sha", "before_sha")
    last = {sha for sha, _before in pushes} - {before for _sha, before in pushes}
    return last.pop() if len(last) == 1 else said.head_sha


def _tell_review(pull: Pull, fact: ReviewFact, *, at: datetime) -> Moment | None:
    """The new line of the story; None if it was told before."""
    review = fact.review
    if fact.action == "dismissed" or review.state == "dismissed":
        told = Moment(key=f"dismissed:{review.id}", kind=Kind.REVIEW_DISMISSED, at=fact.pull.updated_at)
        told.actor = fact.actor
    else:
        told = Moment(key=f"review:{review.id}", kind=_REVIEW_KINDS[review.state], at=review.at)
        told.actor, told.text, told.sha = review.author.login, review.text, review.sha
        if told.kind != Kind.COMMENTED and not review.author.is_bot and review.author.id != pull.author_id:
            author = review.author
            told.reviewer = reviewer_of(
                cohort_id=pull.cohort_id, github_id=author.id, login=author.login, at=at
            )
            told.is_verdict = told.reviewer is not None
    told.pull = pull
    same = Moment.objects.filter(pull=pull, key=told.key)
    if fact.action == "edited" and same.update(text=told.text):
        return None
    if same.exists():
        return None
    Moment.objects.bulk_create([told])
    return told


def _counts(told: Moment, submission: Submission) -> bool:
    return bool(told.reviewer and told.reviewer.account_id != submission.account_id)


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
    if Moment.objects.filter(pull=pull, key=key).exists():
        return False
    if not passed:
        of_suite = Moment.objects.filter(pull=pull, kind=Kind.CHECKS_FAILED)
        if fact.run_id:
            of_suite.filter(key__startswith=f"suite:{fact.suite_id}:").delete()
        elif of_suite.filter(key__startswith=f"run:{fact.suite_id}:").exists():
            return False
    Moment.objects.create(
        pull=pull,
        key=key,
        kind=Kind.CHECKS_PASSED if passed else Kind.CHECKS_FAILED,
        at=fact.at,
        sha=fact.sha,
        text=fact.name,
        count=fact.count,
        began_at=fact.began_at,
    )
    return True


_EARLY = ("sha", "suite_id", "run_id", "name", "conclusion", "count", "at", "began_at")


def _keep_early(mission: Mission, fact: ChecksFact, *, at: datetime) -> None:
    """Keep checks that came before the push of their commit."""
    told = {name: getattr(fact, name) for name in _EARLY}
    same = {name: told.pop(name) for name in ("suite_id", "run_id", "conclusion")}
    EarlyCheck.objects.get_or_create(mission=mission, **same, defaults={**told, "received_at": at})


def _tell_early_checks(pull: Pull) -> None:
    commits = Moment.objects.filter(pull=pull).values("sha")
    has_commit = Q(sha__in=commits) | Q(sha=pull.head_sha)
    for early in EarlyCheck.objects.filter(has_commit, mission=pull.mission).order_by("id"):
        _tell_checks(pull, _early(early))


def _early(early: EarlyCheck) -> ChecksFact:
    told = {name: getattr(early, name) for name in _EARLY}
    return ChecksFact(repository="", **told)


@transaction.atomic
def tell_early_check(*, early_id: int, at: datetime) -> None:
    """Tell checks whose push was delivered in the very moment in which they were; then they are not early."""
    early = EarlyCheck.objects.select_related("mission").filter(id=early_id).first()
    if early is not None:
        taken = take_checks(cohort_id=early.mission.cohort_id, fact=_early(early), at=at, asked=early.mission)
        if taken.pull is not None:
            early.delete()


@transaction.atomic
def forget_early_checks(*, at: datetime) -> None:
    """Delete checks of commits that no pull request has got within EARLY_CHECKS_KEPT."""
    EarlyCheck.objects.filter(received_at__lt=at - EARLY_CHECKS_KEPT).delete()
