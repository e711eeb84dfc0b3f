"""Request and fetch the changed files of a commit. GitHub is asked outside of transactions."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from study.discussions.models import Diff, DiffError
from study.discussions.rules import RETENTION, RETRY_DELAY, File, pack_files
from study.github.actions.polling import respect_rate_limits
from study.github.client import (
    Client,
    GitHubNotFound,
    GitHubRateLimited,
    GitHubRefused,
    GitHubResponseTooLarge,
    GitHubUnavailable,
)
from study.github.models import PullRequest
from study.github.rules.payloads import ChangedFile

# What GitHub's status says about the repository.
_ERRORS = {403: DiffError.REFUSED, 451: DiffError.BLOCKED}


@transaction.atomic
def request_diff(*, pull_request: PullRequest, head_sha: str, at: datetime) -> Diff:
    """Return the diff of a head, without its content. It waits to be fetched if GitHub has not answered.

    `requested_at` is `at` if it waits since now. After an error it waits again once RETRY_DELAY has passed.
    """
    diff, _created = Diff.objects.defer("content").get_or_create(
        pull_request=pull_request, head_sha=head_sha, defaults={"requested_at": at}
    )
    if diff.error and diff.requested_at is None and diff.fetched_at and diff.fetched_at <= at - RETRY_DELAY:
        diff.requested_at = at
        diff.save(update_fields=["requested_at"])
    return diff


def fetch_diff(*, diff_id: UUID, github: Client, at: datetime) -> None:
    """Fetch a diff that waits. Raise GitHubRateLimited and GitHubUnavailable, which the row records, too."""
    waiting = Diff.objects.defer("content").select_related("pull_request__repository")
    diff = waiting.filter(id=diff_id, requested_at__isnull=False).first()
    if diff is None:
        return
    repository, number = diff.pull_request.repository.name, diff.pull_request.number
    try:
        with respect_rate_limits(background=False, at=at):
            pull_request = github.get_pull_request(repository, number).body
            if pull_request is None:
                raise GitHubUnavailable("answered 304")
            # The commit that the branch left: once it is merged, the base branch contains the head.
            base = pull_request.base.sha or pull_request.base.ref
            files = github.list_changed_files(repository, base, diff.head_sha)
    except GitHubRefused as refused:
        _finish(diff, error=_ERRORS.get(refused.status, DiffError.NOT_FOUND), at=at)
    except GitHubNotFound:
        _finish(diff, error=DiffError.NOT_FOUND, at=at)
    except GitHubResponseTooLarge:
        _finish(diff, error=DiffError.TOO_LARGE, at=at)
    except GitHubRateLimited:
        _finish(diff, error=DiffError.RATE_LIMITED, at=at)
        raise
    except GitHubUnavailable:
        _finish(diff, error=DiffError.UNAVAILABLE, at=at)
        raise
    else:
        content = pack_files(map(_file_of, files))
        # Of an earlier head GitHub does not say how many files it changes.
        is_head = pull_request.head.sha == diff.head_sha
        diff.total_files = pull_request.changed_files if is_head else None
        diff.content = content
        _finish(diff, error=DiffError.TOO_LARGE if content is None else "", at=at)


def _finish(diff: Diff, *, error: str, at: datetime) -> None:
    diff.error, diff.fetched_at, diff.requested_at = error, at, None
    fields = ["error", "fetched_at", "requested_at"]
    diff.save(update_fields=[*fields, *([] if error else ["total_files", "content"])])


def _file_of(data: ChangedFile) -> File:
    return File(
        path=data.filename,
        status=data.status,
        additions=data.additions,
        deletions=data.deletions,
        previous_path=data.previous_filename,
        patch=data.patch,
    )


def delete_old_diffs(*, at: datetime, limit: int = 1000) -> int:
    """Delete the diffs that were fetched before RETENTION. Return how many."""
    old = Q(fetched_at__lt=at - RETENTION) | Q(fetched_at=None, requested_at__lt=at - RETENTION)
    ids = list(Diff.objects.filter(old).order_by("id").values_list("id", flat=True)[:limit])
    Diff.objects.filter(id__in=ids).delete()
    return len(ids)
