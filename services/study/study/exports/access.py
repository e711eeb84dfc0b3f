"""Access to what operators export of several cohorts."""

from __future__ import annotations

from uuid import UUID

from chassis.errors import NotFound
from study.exports.queries import is_any_operator


def ensure_any_operator(*, account_id: UUID) -> None:
    """Raise NotFound unless the account operates a cohort."""
    if not is_any_operator(account_id):
        raise NotFound
