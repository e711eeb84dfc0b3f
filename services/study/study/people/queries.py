"""Personal data of an account, and lists from which other services rebuild their mirrors."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Exists, F, OuterRef

from chassis.web.pagination import Page, page_of
from study.cohorts.models import Cohort, Membership, Role
from study.mirrors.models import AccountMirror
from study.reviews.models import Score
from study.submissions.models import Attempt, Submission


def export_data(account_id: UUID) -> dict[str, Any]:
    """Return the account's personal data as JSON types; reviews only if released. Five queries."""
    submissions = Submission.objects.filter(account_id=account_id)
    data = {
        "account": AccountMirror.objects.filter(account_id=account_id)
        .values("name", "github_id", "github_login")
        .first(),
        "memberships": list(
            Membership.objects.filter(account_id=account_id)
            .order_by("joined_at", "id")
            .values(
                *("id", "role", "joined_at", "left_at", "github_id", "github_login", "github_claim"),
                cohort_title=F("cohort__title"),
                part_name=F("part__name"),
                team_name=F("team__name"),
            )
        ),
        "submissions": [
            {"pull_request": row.pop("url"), **row}
            for row in submissions.order_by("created_at", "id").values(
                *("id", "state", "points", "max_points", "released_at", "created_at"),
                was_late=F("is_late"),
                mission_title=F("mission__title"),
                url=F("pull_request__url"),
            )
        ],
        "attempts": list(
            Attempt.objects.filter(submission__in=submissions)
            .order_by("received_at", "id")
            .values("submission_id", "number", "head_sha", "source", "received_at", "due_at", "late_seconds")
        ),
        "reviews": list(
            Score.objects.filter(review__submission__in=submissions, review__released_at__isnull=False)
            .order_by("review__released_at", "criterion__position", "id")
            .values(
                "comment",
                submission_id=F("review__submission_id"),
                version=F("review__version"),
                on_the_whole=F("review__comment"),
                released_at=F("review__released_at"),
                criterion_title=F("criterion__title"),
                points=F("level__points"),
            )
        ),
    }
    exact: dict[str, Any] = json.loads(json.dumps(data, cls=DjangoJSONEncoder))
    return exact


def cohorts_to_hand_over(account_id: UUID) -> list[Cohort]:
    """Return cohorts whose only operator is this account and that have other members, by title. One query."""
    others = (
        Membership.objects.live()
        .with_open_account()
        .filter(cohort=OuterRef("cohort"))
        .exclude(account_id=account_id)
    )
    sole_operators = (
        Membership.objects.live()
        .filter(Exists(others), account_id=account_id, role=Role.OPERATOR)
        .exclude(Exists(others.filter(role=Role.OPERATOR)))
    )
    return list(Cohort.objects.filter(id__in=sole_operators.values("cohort")).order_by("title", "id"))


def all_cohorts(after: str | None) -> Page[Cohort]:
    """Return a page of all cohorts. One query."""
    return page_of(Cohort.objects.all(), order=("id",), cursor=after, size=100)


def all_memberships(after: str | None) -> Page[Membership]:
    """Return a page of all memberships, also ended ones. One query."""
    return page_of(Membership.objects.all(), order=("id",), cursor=after, size=100)
