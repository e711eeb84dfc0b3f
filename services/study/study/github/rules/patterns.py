"""Patterns of personal repositories, "owner/*" or "owner/prefix*"."""

from __future__ import annotations


def owner_and_prefix(pattern: str) -> tuple[str, str]:
    """Return the owner of a pattern's repositories, and how their names begin: "owner/prefix*"."""
    owner, _slash, name = pattern.partition("/")
    return owner, name.removesuffix("*")


def is_match(pattern: str, name: str) -> bool:
    """Return True if "owner/name" matches the pattern."""
    return name.startswith(pattern.removesuffix("*"))
