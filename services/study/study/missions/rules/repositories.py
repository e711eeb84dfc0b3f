"""A GitHub repository, however a person writes it."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# As wide as the column.
REPOSITORY_LENGTH = 140
_PREFIX = re.compile(
    r"^(?:(?:https?://|ssh://git@|git://)?(?:www\.)?github\.com[/:]|git@github\.com:)", re.IGNORECASE
)
# GitHub's limits: 39 characters for an owner, 100 for a name. Hyphens in a row or at the end are not given
# out any more, but old accounts have them; managed users have an underscore.
_NAME = re.compile(r"(?P<owner>[a-z0-9][a-z0-9_-]{0,38})/(?P<name>[a-z0-9._-]{1,100})", re.ASCII)


def clean_repository(text: str) -> str:
    """Return `owner/name` in lower case, from that, or from a web, git or ssh address.

    GitHub's names do not differ by case, so lower case is what is stored and compared. What follows the
    name in a web address (a branch, a query, a slash) is dropped. "owner/*" and "owner/prefix*" are patterns
    of repositories. ValidationError if it is neither.
    """
    rest, addresses = _PREFIX.subn("", text.strip())
    path = re.split(r"[?#]", rest, maxsplit=1)[0].strip("/").lower()
    if addresses:
        path = "/".join(path.split("/")[:2])
    path = path.removesuffix(".git")
    # A star at the end means any rest of the name: the pattern of personal repositories.
    match = _NAME.fullmatch(path[:-1] + "x" if path.endswith("*") else path)
    if not match or match["name"] in {".", ".."}:
        message = _("“%(found)s” is not a repository on GitHub.")
        raise ValidationError(message, params={"found": text.strip()[:80]})
    return path


def repository_url(name: str) -> str:
    """Return the address of a repository's page; of a pattern, its owner's."""
    return f"https://github.com/{name.partition('/')[0] if name.endswith('*') else name}"
