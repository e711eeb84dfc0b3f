"""What we ask GitHub in the background. The network comes first, the transaction after it, and short."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from study.missions.models import Mission
from study.submissions import rules
from study.submissions.actions.taking import take_checks, take_pull, take_review
from study.submissions.github import (
    PER_PAGE,
    Answer,
    ChecksFact,
    Client,
    GithubBusy,
    GithubDown,
    GithubHasNot,
    PullFact,
    Review,
    ReviewFact,
)
from study.submissions.models import GithubLimit, Kind, Listing, Moment, Pull, Source

# So many requests are left to people who wait for an answer.
RESERVE = 20
# So far back a repository's history is looked through.
MOST_PAGES = 5
# A comparison that GitHub could not give for so long will not come.
COMPARE_WITHIN = timedelta(days=3)
COMPARE_AGAIN = timedelta(minutes=10)
# Checks come to their end without a trace on the pull request itself, so for a while they are asked for.
CHECKS_WITHIN = timedelta(hours=6)


@contextmanager
def within_limits(*, background: bool, at: datetime) -> Iterator[None]:
    """Around questions to GitHub. GithubBusy if its limits hold us, now or before, which is remembered."""
    limit = GithubLimit.objects.filter(id=GithubLimit.ONLY).first() or GithubLimit()
    waits = [limit.resumes_at, limit.background_resumes_at if background else None]
    until = max((wait for wait in waits if wait), default=at)
    if until > at:
        raise GithubBusy(until)
    try:
        yield
    except GithubBusy as busy:
        GithubLimit.objects.update_or_create(id=GithubLimit.ONLY, defaults={"resumes_at": busy.until})
        raise


def keep_reserve(*, answer: Answer) -> None:
    """Let the background rest if little is left of what GitHub grants."""
    if answer.remaining is not None and answer.remaining <= RESERVE and answer.resets_at:
        rest = {"background_resumes_at": answer.resets_at}
        GithubLimit.objects.update_or_create(id=GithubLimit.ONLY, defaults=rest)


def refresh_pull(*, pull_id: UUID, github: Client, at: datetime) -> None:
    """Ask how a pull request stands, and take in what is new. GithubBusy, GithubDown if it cannot be asked.

    One that is gone, or closed to us, is marked as asked and stays as it is.
    """
    pull = Pull.objects.select_related("mission").get(id=pull_id)
    repository = pull.mission.repository
    with within_limits(background=True, at=at):
        # Noted first, so that one which GitHub fails on does not stand in the way of the others.
        Pull.objects.filter(id=pull_id).update(polled_at=at)
        try:
            fact, answer = github.pull(repository, pull.number, etag=pull.etag)
            reviews = github.reviews(repository, pull.number) if fact else []
            suites = _suites(github, pull, fact, at=at)
        except GithubHasNot:
            return
    keep_reserve(answer=answer)
    _take(pull, fact, reviews, suites, etag=answer.etag or pull.etag, at=at)


def discover_pulls(*, mission_id: UUID, github: Client, at: datetime) -> None:
    """Ask which pull requests a mission's repository has; take in those of which no hook has told us.

    GithubBusy, GithubDown if it cannot be asked. A repository that is not there, or closed to us, is
    marked as asked.
    """
    mission = Mission.objects.get(id=mission_id)
    with within_limits(background=True, at=at):
        # Noted first, so that one which GitHub fails on does not stand in the way of the others.
        listing, _created = Listing.objects.update_or_create(mission=mission, defaults={"asked_at": at})
        try:
            found, etag = _listed(github, mission.repository, etag=listing.etag)
        except GithubHasNot:
            return
    known = set(Pull.objects.filter(mission=mission).values_list("number", flat=True))
    # As they were opened: of two by one member, the first is their submission.
    for fact in reversed(found):
        if fact.pull.number not in known and rules.is_news(fact.pull, opens_at=mission.opens_at):
            take_pull(cohort_id=mission.cohort_id, fact=fact, source=Source.POLL, at=at, asked=mission)
    Listing.objects.filter(mission=mission).update(etag=etag)


def compare_push(*, moment_id: int, github: Client, at: datetime) -> None:
    """Ask whether a push rewrote history: only a comparison tells. GithubBusy, GithubDown to stop asking."""
    moment = Moment.objects.select_related("pull__mission").get(id=moment_id)
    if moment.compare_at is None:
        return
    try:
        with within_limits(background=True, at=at):
            found = github.comparison(moment.pull.mission.repository, moment.before_sha, moment.sha)
    except GithubHasNot:
        moment.compare_at = None
    except (GithubBusy, GithubDown):
        moment.compare_at = at + COMPARE_AGAIN if at - moment.at < COMPARE_WITHIN else None
        moment.save(update_fields=["compare_at"])
        raise
    else:
        moment.compare_at = None
        moment.kind = Kind.FORCE_PUSHED if found.status == "diverged" else Kind.COMMITS_PUSHED
        moment.count = found.ahead_by or None
    moment.save(update_fields=["compare_at", "kind", "count"])


def _listed(github: Client, repository: str, *, etag: str) -> tuple[list[PullFact], str]:
    """The newest pull requests, none if nothing has changed; all of them, within reason, the first time."""
    found, answer = github.pulls(repository, etag=etag)
    keep_reserve(answer=answer)
    facts, etag_now, page = found or [], answer.etag or etag, 1
    while not etag and len(facts) == page * PER_PAGE and page < MOST_PAGES:
        page += 1
        more, answer = github.pulls(repository, page=page)
        keep_reserve(answer=answer)
        facts += more or []
    return facts, etag_now


def _suites(github: Client, pull: Pull, fact: PullFact | None, *, at: datetime) -> list[ChecksFact]:
    head = fact.pull.head_sha if fact else pull.head_sha
    if fact is None and (at - pull.github_updated_at > CHECKS_WITHIN or _has_checks(pull)):
        return []
    try:
        return github.suites(pull.mission.repository, head)
    except GithubHasNot:
        return []


def _has_checks(pull: Pull) -> bool:
    ended = [Kind.CHECKS_PASSED, Kind.CHECKS_FAILED]
    return Moment.objects.filter(pull=pull, sha=pull.head_sha, kind__in=ended).exists()


def _take(
    pull: Pull,
    fact: PullFact | None,
    reviews: list[Review],
    suites: list[ChecksFact],
    *,
    etag: str,
    at: datetime,
) -> None:
    """Each fact in a transaction of its own: cut short, it is asked again, since the etag comes last."""
    cohort_id, asked = pull.cohort_id, pull.mission
    if fact:
        take_pull(cohort_id=cohort_id, fact=fact, source=Source.POLL, at=at, asked=asked)
        for review in reviews:
            told = ReviewFact(pull=fact.pull, action="submitted", actor=review.author.login, review=review)
            take_review(cohort_id=cohort_id, fact=told, source=Source.POLL, at=at, asked=asked)
    for suite in suites:
        take_checks(cohort_id=cohort_id, fact=suite, source=Source.POLL, at=at, asked=asked)
    Pull.objects.filter(id=pull.id).update(etag=etag)
