"""GitHub: parsing of webhook payloads, and a client of the REST API."""

from __future__ import annotations

from study.submissions.github.event_types import (
    ChecksEvent,
    GitHubEvent,
    Person,
    PingEvent,
    PullRequestData,
    PullRequestEvent,
    RepositoryEvent,
    Review,
    ReviewEvent,
)
from study.submissions.github.json_object import BadPayload
from study.submissions.github.payloads import parse_event
from study.submissions.github.rest import (
    PER_PAGE,
    Client,
    Comparison,
    GitHubNotFound,
    GitHubRateLimited,
    GitHubUnavailable,
    Response,
    client,
)

__all__ = [
    "PER_PAGE",
    "BadPayload",
    "ChecksEvent",
    "Client",
    "Comparison",
    "GitHubEvent",
    "GitHubNotFound",
    "GitHubRateLimited",
    "GitHubUnavailable",
    "Person",
    "PingEvent",
    "PullRequestData",
    "PullRequestEvent",
    "RepositoryEvent",
    "Response",
    "Review",
    "ReviewEvent",
    "client",
    "parse_event",
]
