"""From ids to patterns, personal repositories and template runs, or NotFound."""

from __future__ import annotations

from uuid import UUID

from study.cohorts.access import get_or_not_found, has_role
from study.cohorts.models import Role
from study.github.models import Repository
from study.repositories.models import TemplateRun


def pattern_for_operator(cohort_id: UUID, pattern_id: UUID, *, account_id: UUID) -> Repository:
    """Return a pattern of a cohort that the account operates, with the cohort. One query."""
    patterns = Repository.objects.select_related("cohort").filter(name__endswith="*")
    return get_or_not_found(patterns, has_role(account_id, Role.OPERATOR), cohort_id=cohort_id, id=pattern_id)


def repository_for_operator(cohort_id: UUID, repository_id: UUID, *, account_id: UUID) -> Repository:
    """Return a personal repository of a cohort that the account operates, with the cohort. One query."""
    repositories = Repository.objects.select_related("cohort").filter(pattern__isnull=False)
    return get_or_not_found(
        repositories, has_role(account_id, Role.OPERATOR), cohort_id=cohort_id, id=repository_id
    )


def run_for_operator(cohort_id: UUID, run_id: UUID, *, account_id: UUID) -> TemplateRun:
    """Return a template run of a cohort that the account operates, with cohort and pattern. One query."""
    runs = TemplateRun.objects.select_related("cohort", "pattern")
    return get_or_not_found(runs, has_role(account_id, Role.OPERATOR), cohort_id=cohort_id, id=run_id)
