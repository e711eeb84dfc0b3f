from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from chassis.testing import NOW
from study.github.models import Repository
from study.repositories.actions.templates import start_template_run
from tests.authorization import operators

RUN = {"template": "club/template", "prefix": "week-"}
ROWS = {
    "list_repository_patterns": operators(200),
    "create_repository_pattern": operators(201, {"name": "club/*"}),
    # Without `name`.
    "count_pattern_matches": operators(400),
    "list_personal_repositories": operators(200),
    "assign_personal_repository": operators(200, {"membership_id": "{membership_id}"}),
    "list_template_runs": operators(200),
    "start_template_run": operators(201, RUN),
    "list_repository_creations": operators(200),
    "retry_template_run": operators(200),
}


def create_rows(club: SimpleNamespace) -> dict[str, Any]:
    pattern = Repository.objects.create(cohort=club.cohort, name="club/*")
    repository = Repository.objects.create(
        cohort=club.cohort, name="club/ada", github_id=1, named_at=NOW, pattern=pattern
    )
    run = start_template_run(
        pattern=pattern, template="club/other", prefix="", part_id=None, is_private=True, at=NOW
    )
    return {
        "cohort_id": club.cohort.id,
        "pattern_id": pattern.id,
        "repository_id": repository.id,
        "run_id": run.id,
        "membership_id": club.ada.id,
    }
