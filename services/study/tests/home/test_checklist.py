"""The first steps of a cohort: ticked by facts, until all are done or an operator hides them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from study.cohorts.models import Cohort, Membership, Role
from study.github.models import Repository
from study.home.queries.checklist import checklist
from study.missions.models import Mission
from tests.conftest import ADA, CLARA, OLGA, STRANGER

pytestmark = pytest.mark.django_db


def test_each_step_is_ticked_by_a_fact(club: SimpleNamespace, as_principal: Callable[..., Any]) -> None:
    clara, here = as_principal(CLARA), f"/cohorts/{club.other.id}/"
    page = clara.get(here).content.decode()
    for link in ("settings/parts/", "hook/app/", "missions/new/", "invitations/"):
        assert f'href="{here}{link}"' in page
    assert not any(vars(clara.get(here).context["checklist"]).values())

    club.other.parts.create(name="백엔드", position=1)
    assert clara.get(here).context["checklist"].has_parts
    repository = Repository.objects.create(cohort=club.other, name="club/first")
    assert not clara.get(here).context["checklist"].has_github
    Repository.objects.filter(id=repository.id).update(github_id=7)
    assert clara.get(here).context["checklist"].has_github
    Membership.objects.create(cohort=club.other, account_id=ADA, role=Role.MEMBER, joined_at=timezone.now())
    assert clara.get(here).context["checklist"].has_people

    week = club.other.weeks.create(number=1, starts_on=timezone.now().date())
    Mission.objects.create(
        cohort=club.other,
        week=week,
        title="첫 미션",
        github_repository=repository,
        opens_at=timezone.now(),
        due_at=timezone.now() + timedelta(days=7),
        created_at=timezone.now(),
    )
    assert clara.get(here).context["checklist"] is None


def test_an_operator_hides_it_for_all(club: SimpleNamespace, as_principal: Callable[..., Any]) -> None:
    olga, here = as_principal(OLGA), f"/cohorts/{club.cohort.id}/"
    assert "checklist/hide/" in olga.get(here).content.decode()

    assert olga.post(f"{here}checklist/hide/")["Location"] == here
    hidden_at = Cohort.objects.get(id=club.cohort.id).checklist_hidden_at
    olga.post(f"{here}checklist/hide/")

    assert "checklist/hide/" not in olga.get(here).content.decode()
    assert hidden_at
    assert Cohort.objects.get(id=club.cohort.id).checklist_hidden_at == hidden_at
    assert as_principal(ADA).post(f"{here}checklist/hide/").status_code == 404


def test_a_closed_cohort_has_none(club: SimpleNamespace) -> None:
    club.cohort.closed_at = timezone.now()

    assert checklist(club.cohort) is None


def test_it_costs_one_statement(club: SimpleNamespace, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        checklist(club.cohort)


def test_who_may_create_a_cohort_sees_what_comes_before_there_is_one(
    names: None, as_principal: Callable[..., Any]
) -> None:
    page = as_principal(STRANGER, roles=["owner"]).get("/cohorts/").content.decode()

    assert 'id="h-checklist"' in page
    assert 'href="/cohorts/new/"' in page
    assert 'id="h-checklist"' not in as_principal(STRANGER).get("/cohorts/").content.decode()
