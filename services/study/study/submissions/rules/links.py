"""Links to pull requests, as members paste them."""

from __future__ import annotations

import re

_LINK = re.compile(
    r"(?:https?://)?(?:www\.)?[a-z0-9.-]+(?::\d+)?/(?P<owner>[a-z0-9][a-z0-9-]*)/(?P<name>[a-z0-9_.-]+)"
    r"/pull/(?P<number>[1-9]\d{0,8})(?:/(?:files|commits|checks|changes)?)?(?:[?#/].*)?",
    re.IGNORECASE,
)


def parse_link(link: str) -> tuple[str, int] | None:
    """Return the repository, "owner/name" in lower case, and the number; None for any other link."""
    found = _LINK.fullmatch(link.strip())
    return (f"{found['owner']}/{found['name']}".lower(), int(found["number"])) if found else None
