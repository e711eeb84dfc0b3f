"""Access to copies: return the copy of a cohort that the account operates, or raise NotFound."""

from __future__ import annotations

from uuid import UUID

from study.cohorts.access import get_or_not_found, has_role
from study.cohorts.models import Role
from study.copies.models import CohortCopy


def copy_for_operator(cohort_id: UUID, copy_id: UUID, *, account_id: UUID) -> CohortCopy:
    """Return a copy of a cohort that the account operates, with both cohorts. One query."""
    copies = CohortCopy.objects.select_related("source", "cohort")
    is_operator = has_role(account_id, Role.OPERATOR, cohort="source")
    return get_or_not_found(copies, is_operator, source_id=cohort_id, id=copy_id)
