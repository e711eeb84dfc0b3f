"""GitHub, the only outside thing that this app speaks to: its deliveries read, its REST API asked."""

from __future__ import annotations

from study.submissions.github.facts import (
    ChecksFact,
    Fact,
    Person,
    PingFact,
    PullFact,
    PullState,
    RepositoryFact,
    Review,
    ReviewFact,
)
from study.submissions.github.payloads import fact_of
from study.submissions.github.reading import BadPayload
from study.submissions.github.rest import (
    PER_PAGE,
    Answer,
    Client,
    Comparison,
    GithubBusy,
    GithubDown,
    GithubHasNot,
    client,
)

__all__ = [
    "PER_PAGE",
    "Answer",
    "BadPayload",
    "ChecksFact",
    "Client",
    "Comparison",
    "Fact",
    "GithubBusy",
    "GithubDown",
    "GithubHasNot",
    "Person",
    "PingFact",
    "PullFact",
    "PullState",
    "RepositoryFact",
    "Review",
    "ReviewFact",
    "client",
    "fact_of",
]
