"""The one function that is called when a pull request has changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string

from study.github.models import Outcome, PullRequest, Source, TimelineEvent


@dataclass(frozen=True)
class IngestResult:
    """The outcome of an event, with its pull request, if any."""

    outcome: Outcome
    pull_request: PullRequest | None = None


class PullRequestSubscriber(Protocol):
    def __call__(
        self,
        *,
        pull_request: PullRequest,
        source: Source,
        at: datetime,
        changed: bool = True,
        review: TimelineEvent | None = None,
    ) -> Outcome:
        """Take over a pull request, and return what became of it.

        Called in the transaction of the event, with the pull request's row locked, after its timeline was
        recorded. `changed` is False if nothing was; `review` is the review that was.
        """


def pull_request_subscriber() -> PullRequestSubscriber:
    """Return the function that the setting PULL_REQUEST_SUBSCRIBER names."""
    return cast("PullRequestSubscriber", import_string(settings.PULL_REQUEST_SUBSCRIBER))
