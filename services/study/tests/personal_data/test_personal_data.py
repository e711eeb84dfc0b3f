"""Account deletion, personal-data export and the lists for mirrors, as other services see them."""

from __future__ import annotations

from uuid import uuid4

from chassis.account_mirror.models import AccountMirror
from chassis.personal_data.tasks import send_export
from chassis.testing.peers import FakePeers
from study.cohorts.models import Membership
from study.personal_data.queries import export_personal_data
from study.submissions.models import Submission
from tests.conftest import ADA, CLARA
from tests.reviews.conftest import create_submission, work  # noqa: F401


def test_a_copy_holds_what_is_theirs_and_nothing_of_others(work, django_assert_num_queries):  # noqa: F811
    with django_assert_num_queries(20):
        mine = export_personal_data(ADA)
    assert mine["account"]["name"] == "Ada"
    assert [membership["cohort_title"] for membership in mine["memberships"]] == ["16기"]
    assert [submission["mission_title"] for submission in mine["submissions"]] == ["django-vote"]
    assert len(mine["attempts"]) == 1
    assert mine["reviews"] == []
    assert export_personal_data(CLARA)["submissions"] == []


def test_a_closed_account_leaves_its_cohorts_and_its_history_stays(deliver_event, work):  # noqa: F811
    Membership.objects.filter(account_id=ADA).update(github_id=101, github_login="ada-codes")

    deliver_event("users.account_closed.v1", {"account_id": ADA, "version": 5})

    assert AccountMirror.objects.names([ADA]) == {ADA: ""}
    membership = Membership.objects.get(account_id=ADA)
    assert (membership.github_id, membership.github_login) == (None, "")
    assert membership.left_at is not None
    assert Submission.objects.filter(account_id=ADA).exists()


def test_an_export_is_sent_to_users_in_the_background(deliver_event, club, peers: FakePeers):
    export_id = uuid4()
    deliver_event("users.export_requested.v1", {"export_id": export_id, "account_id": ADA})

    send_export(export_id=str(export_id))

    ((path, body),) = peers.received
    assert path == f"/internal/exports/{export_id}/study"
    assert body["account"]["name"] == "Ada"


def test_peers_rebuild_from_lists_by_cursor_and_people_may_not_look(club, api_as):
    peer = api_as("notification", use="service")

    cohorts = peer.get("/internal/cohorts").json()
    assert {cohort["title"] for cohort in cohorts["results"]} == {"16기", "다른 동아리"}
    assert cohorts["next"] is None
    memberships = peer.get("/internal/memberships").json()["results"]
    assert {membership["role"] for membership in memberships} == {"operator", "mentor", "member"}
    assert api_as(ADA).get("/internal/cohorts").status_code == 403
    assert api_as(None).get("/internal/memberships").status_code == 401
