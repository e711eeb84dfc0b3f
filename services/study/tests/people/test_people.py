"""Personal data exports are sent to users in the background and retried until users accepts them."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from chassis.testing import NOW
from study.people import actions, queries
from study.people.models import Export
from study.people.rules import UsersUnavailable
from tests.conftest import ADA, CLARA
from tests.reviews.conftest import create_submission, work  # noqa: F401

REQUESTED = "users.export_requested.v1"


def test_a_copy_holds_what_is_theirs_and_nothing_of_others(work, django_assert_num_queries):  # noqa: F811
    with django_assert_num_queries(5):
        mine = queries.export_data(ADA)
    assert mine["account"]["name"] == "Ada"
    assert [membership["cohort_title"] for membership in mine["memberships"]] == ["16기"]
    assert [submission["mission_title"] for submission in mine["submissions"]] == ["django-vote"]
    assert len(mine["attempts"]) == 1
    assert mine["reviews"] == []
    assert queries.export_data(CLARA)["submissions"] == []


@pytest.mark.django_db
def test_an_export_is_asked_for_once_and_put_until_users_has_it(deliver_event):
    export_id = uuid4()
    deliver_event(REQUESTED, {"export_id": export_id, "account_id": ADA})
    deliver_event(REQUESTED, {"export_id": export_id, "account_id": ADA})
    put = []

    def down(*_):
        raise UsersUnavailable("users is away")

    actions.send_export(export_id=export_id, at=NOW, put=down)
    actions.send_export(export_id=export_id, at=NOW, put=lambda *ids: put.append(ids))
    assert put == []
    actions.send_export(export_id=export_id, at=NOW + timedelta(minutes=5), put=lambda *ids: put.append(ids))
    actions.send_export(export_id=export_id, at=NOW + timedelta(days=1), put=lambda *ids: put.append(ids))

    assert put == [(export_id, ADA)]
    assert Export.objects.get().sent_at is not None


def test_peers_rebuild_from_lists_by_cursor_and_people_may_not_look(club, api_as):
    peer = api_as("notification", use="service")

    cohorts = peer.get("/internal/cohorts").json()
    assert {cohort["title"] for cohort in cohorts["cohorts"]} == {"16기", "다른 동아리"}
    assert cohorts["next"] is None
    memberships = peer.get("/internal/memberships").json()["memberships"]
    assert {membership["role"] for membership in memberships} == {"operator", "mentor", "member"}
    assert api_as(ADA).get("/internal/cohorts").status_code == 403
    assert api_as(None).get("/internal/memberships").status_code == 401
