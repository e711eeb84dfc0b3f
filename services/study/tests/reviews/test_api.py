"""The same by REST."""

from __future__ import annotations

from uuid import uuid4

from tests.conftest import ADA, BORIS, OLGA


def test_a_review_from_draft_to_release(work, club, api_as):
    boris, ada = api_as(BORIS), api_as(ADA)
    address = f"/api/v1/study/submissions/{work.submission.id}/review"
    assert [row["name"] for row in boris.get("/api/v1/study/reviews").json()["results"]] == ["Ada"]
    assert ada.get(address).status_code == 404

    scores = [
        {"criterion_id": str(line.criterion.id), "level_id": str(line.levels[2].id)} for line in work.rubric
    ]
    half = boris.put(f"{address}/draft", {"comment": "", "scores": scores[:1]}, format="json")
    assert (half.json()["points"], half.json()["max_points"]) == (4, 8)
    refused = boris.post(f"{address}/release")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_scored")
    boris.put(f"{address}/draft", {"comment": "좋아요", "scores": scores}, format="json")
    assert boris.post(f"{address}/release").json()["points"] == 8

    assert ada.get(address).json()["comment"] == "좋아요"
    assert ada.get(f"{address}/draft").status_code == 404


def test_a_draft_that_names_its_revision_overwrites_nothing_newer(work, api_as):
    address = f"/api/v1/study/submissions/{work.submission.id}/review/draft"
    boris, olga = api_as(BORIS), api_as(OLGA)
    seen = boris.get(address).json()["revision"]
    olga.put(address, {"comment": "먼저", "scores": [], "revision": seen}, format="json")

    refused = boris.put(address, {"comment": "나중", "scores": [], "revision": seen}, format="json")

    assert (refused.status_code, refused.json()["code"]) == (409, "edit_conflict")
    assert boris.get(address).json()["comment"] == "먼저"
    assert boris.put(address, {"comment": "나중", "scores": []}, format="json").json()["comment"] == "나중"


def test_assigning(work, club, api_as):
    olga, address = api_as(OLGA), f"/api/v1/study/cohorts/{club.cohort.id}/reviewers"

    assert olga.put(f"{address}/{work.submission.id}", {"mentor_id": None}, format="json").status_code == 204
    assert olga.post(address).json() == {"assigned": 1}
    assert [row["name"] for row in olga.get(address).json()["results"]] == ["Boris", "Olga"]
    refused = olga.put(f"{address}/{work.submission.id}", {"mentor_id": str(ADA)}, format="json")
    assert refused.json()["code"] == "not_a_mentor"
    assert api_as(BORIS).post(address).status_code == 404


def test_assigning_several_at_once_is_all_or_none(work, club, api_as, as_principal):
    olga, address = api_as(OLGA), f"/api/v1/study/cohorts/{club.cohort.id}/reviewers"
    body = {"submission_ids": [str(work.submission.id)], "mentor_id": str(OLGA)}

    stranger = body | {"submission_ids": [*body["submission_ids"], str(uuid4())]}
    assert olga.patch(address, stranger).json()["code"] == "submission_not_in_cohort"
    assert olga.patch(address, body | {"mentor_id": str(ADA)}).json()["code"] == "not_a_mentor"
    work.submission.refresh_from_db()
    assert work.submission.mentor_id != OLGA

    assert olga.patch(address, body).json() == {"assigned": 1}
    page = as_principal(OLGA)
    given = body | {"mentor_id": str(BORIS)}
    assert page.post(f"/cohorts/{club.cohort.id}/reviewers/several/", given).status_code == 302
    work.submission.refresh_from_db()
    assert work.submission.mentor_id == BORIS
    nothing = page.post(f"/cohorts/{club.cohort.id}/reviewers/several/", {"mentor_id": ""}, follow=True)
    assert "골라" in nothing.content.decode()
    assert 'form="several"' in nothing.content.decode()
