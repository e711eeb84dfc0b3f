"""Patterns of personal repositories: what they match on GitHub."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from study.github.actions.polling import pause_near_limit, respect_rate_limits
from study.github.actions.repositories import resolve_repository
from study.github.client import PER_PAGE, Client, GitHubNotFound, GitHubRateLimited, GitHubUnavailable
from study.github.models import Repository
from study.github.rules.patterns import is_match, owner_and_prefix
from study.github.rules.payloads import RepositoryData

# Pages of an owner's repositories that are read: 1,000 repositories, the newest.
MAX_PAGES = 10


@dataclass(frozen=True)
class PatternMatches:
    """How many repositories match a pattern. `count` is None if GitHub did not answer."""

    pattern: str
    count: int | None
    # There are more repositories than were counted.
    has_more: bool = False


def count_matches(*, pattern: str, github: Client, at: datetime) -> PatternMatches:
    """Ask GitHub how many repositories match a pattern, among the owner's newest. Writes nothing."""
    owner, _prefix = owner_and_prefix(pattern)
    count, page = 0, 0
    try:
        with respect_rate_limits(background=False, at=at):
            while page < MAX_PAGES:
                page += 1
                found = github.list_repositories(owner, page=page).body or []
                count += sum(is_match(pattern, data.name) for data in found)
                if len(found) < PER_PAGE:
                    return PatternMatches(pattern, count)
    except GitHubNotFound:
        return PatternMatches(pattern, 0)
    except (GitHubRateLimited, GitHubUnavailable):
        return PatternMatches(pattern, None)
    return PatternMatches(pattern, count, has_more=True)


def discover_repositories(*, pattern_id: UUID, github: Client, at: datetime) -> None:
    """Watch the repositories on GitHub that match a pattern and that no webhook delivered.

    Raises GitHubRateLimited and GitHubUnavailable. A pattern without an owner is marked as polled.
    """
    pattern = Repository.objects.get(id=pattern_id)
    cohort_id = pattern.cohort_id
    with respect_rate_limits(background=True, at=at):
        # Save the time first, so that a failing one does not block the others.
        Repository.objects.filter(id=pattern_id).update(polled_at=at)
        try:
            found, etag = _list_new(github, pattern)
        except GitHubNotFound:
            return
    for data in found:
        _watch(cohort_id, data, at=at)
    # The etag is saved last, so an aborted poll is repeated.
    Repository.objects.filter(id=pattern_id, polled_at=at).update(etag=etag)


def _list_new(github: Client, pattern: Repository) -> tuple[list[RepositoryData], str]:
    """Return the matching repositories that have no row, and the etag. No page after one without any."""
    owner, _prefix = owner_and_prefix(pattern.name)
    known = set(
        Repository.objects.filter(cohort_id=pattern.cohort_id, github_id__isnull=False).values_list(
            "github_id", flat=True
        )
    )
    response = github.list_repositories(owner, etag=pattern.etag)
    pause_near_limit(response=response)
    etag, page, new = response.etag or pattern.etag, 1, []
    while response.body:
        here = [data for data in response.body if is_match(pattern.name, data.name) and data.id not in known]
        new += here
        # Newest first: what follows a page without a new one is known, except in the first poll.
        if len(response.body) < PER_PAGE or page == MAX_PAGES or (pattern.etag and not here):
            break
        page += 1
        response = github.list_repositories(owner, page=page)
        pause_near_limit(response=response)
    return new, etag


@transaction.atomic
def _watch(cohort_id: UUID, data: RepositoryData, *, at: datetime) -> None:
    repository = resolve_repository(cohort_id=cohort_id, data=data, as_of=at)
    if repository is not None:
        # Its pull requests are polled at once.
        Repository.objects.filter(id=repository.id).update(polled_at=None)
