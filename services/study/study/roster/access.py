"""Access to imports: return the row, or raise NotFound."""

from __future__ import annotations

from uuid import UUID

from study.cohorts.access import get_or_not_found, has_role
from study.cohorts.models import Role
from study.roster.models import RosterImport


def import_for_operator(cohort_id: UUID, import_id: UUID, *, account_id: UUID) -> RosterImport:
    """Return an import of a cohort that the account operates, with its cohort."""
    imports = RosterImport.objects.select_related("cohort")
    return get_or_not_found(imports, has_role(account_id, Role.OPERATOR), cohort_id=cohort_id, id=import_id)
