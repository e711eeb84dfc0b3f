"""The audit log: who sees it, what the filter finds, its download, and how long it is kept."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.utils import timezone

from chassis.testing import NOW, assert_constant_queries
from study.audit.actions import AUDIT_RETENTION, record_change
from study.audit.tasks import delete_old_entries
from study.cohorts.models import AuditEntry, AuditKind
from study.personal_data.queries import export_personal_data
from tests.conftest import ADA, BORIS, CLARA, OLGA


@pytest.fixture
def record(club):
    """record(kind, before, after, …) → an entry that Olga wrote about Ada."""

    def write(kind=AuditKind.ROLE, before="member", after="mentor", **rest):
        usual = {"cohort_id": club.cohort.id, "by": OLGA, "at": NOW, "subject_id": ADA}
        field = rest.pop("field", "")
        record_change(kind=kind, changes={field: (before, after)}, **usual | rest)

    return write


@pytest.fixture
def here(club):
    return f"/cohorts/{club.cohort.id}/audit/"


@pytest.fixture
def api(club):
    return f"/api/v1/study/cohorts/{club.cohort.id}/audit"


def text_of(answer) -> str:
    return str(answer.content.decode())


def rows_of(answer) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text_of(answer).removeprefix("\ufeff"))))


@pytest.mark.parametrize("account_id", [ADA, BORIS, CLARA])
def test_only_operators_see_it(account_id, here, club, record, as_principal):
    record()
    for path in (here, f"/cohorts/{club.cohort.id}/audit.csv"):
        assert as_principal(account_id).get(path).status_code == 404


def test_an_operator_reads_who_what_and_from_what_to_what(here, record, as_principal):
    record()
    record(AuditKind.DEADLINE, NOW, NOW + timedelta(hours=3), subject_id=None, about="투표")
    record(AuditKind.EXTENSION, None, 24, about="투표")
    record(AuditKind.GITHUB, None, "ada-codes", by=None)
    record(AuditKind.MISSION, "가", "나", field="body", subject_id=None, about="투표")

    page = text_of(as_principal(OLGA).get(here))

    for text in ("Olga", "Ada", "멤버", "멘토", "투표", "+24시간", "자동", "ada-codes", "설명", "변경됨"):
        assert text in page, text
    assert timezone.localtime(NOW).strftime("%Y-%m-%d") in page


def test_the_filter_finds_kind_person_and_days(here, api, record, as_principal, api_as):
    record(AuditKind.ROLE)
    record(AuditKind.PART, "백엔드", "프론트엔드", subject_id=BORIS, at=NOW - timedelta(days=3))
    record(AuditKind.PART, "앱", None, by=BORIS, at=NOW - timedelta(days=9))
    day = timezone.localtime(NOW - timedelta(days=3)).date().isoformat()

    def found(**query) -> list[str]:
        results = api_as(OLGA).get(api, query).json()["results"]
        return [row["before"] for row in results]

    assert found() == ["member", "백엔드", "앱"]
    assert found(kind="part") == ["백엔드", "앱"]
    assert found(person_id=str(BORIS)) == ["백엔드", "앱"]
    assert found(since=(NOW - timedelta(days=4)).isoformat(), until=NOW.isoformat()) == ["백엔드"]
    page = text_of(as_principal(OLGA).get(here, {"since": day, "until": day}))
    assert "프론트엔드" in page
    assert "앱" not in page
    for wrong in ({"kind": "nonsense"}, {"since": "0001-01-01T00:00:00+14:00"}, {"cursor": "x"}):
        assert api_as(OLGA).get(api, wrong).status_code == 400


def test_a_filter_that_cannot_be_read_says_so_and_keeps_what_was_typed(here, record, as_principal):
    record()

    answer = as_principal(OLGA).get(here, {"since": "gestern", "kind": "role"})

    assert answer.status_code == 422
    assert 'value="gestern"' in text_of(answer)
    assert "찾은 것이 없어요" not in text_of(answer), "nothing was looked for"


def test_pages_go_on_where_the_last_one_ended(api, record, api_as):
    for n in range(5):
        record(after=f"role-{n}", at=NOW + timedelta(minutes=n))

    first = api_as(OLGA).get(api, {"size": 3}).json()
    record(after="new", at=NOW + timedelta(hours=1))
    second = api_as(OLGA).get(api, {"size": 3, "cursor": first["next"]}).json()

    seen = [row["after"] for row in first["results"] + second["results"]]
    assert seen == [f"role-{n}" for n in (4, 3, 2, 1, 0)]
    assert second["next"] is None


def test_the_download_has_what_the_filter_finds_and_runs_no_formula(club, record, as_principal):
    record(AuditKind.MISSION, None, "=HYPERLINK(1)", about="=HYPERLINK(1)", subject_id=None)
    record(AuditKind.ROLE)
    path = f"/cohorts/{club.cohort.id}/audit.csv"

    answer = as_principal(OLGA, locale="en").get(path, {"kind": "mission"})

    heading, row = rows_of(answer)
    assert heading == ["When", "Who", "What", "About", "Person", "Before", "After"]
    assert row[1:] == ["Olga", "Mission", "'=HYPERLINK(1)", "", "", "'=HYPERLINK(1)"]
    assert "attachment" in answer["Content-Disposition"]
    assert as_principal(OLGA).get(path, {"since": "x"}).status_code == 422


def test_another_cohorts_entries_are_not_there(club, api, record, api_as):
    record(cohort_id=club.other.id)

    assert api_as(OLGA).get(api).json()["results"] == []


def test_the_statements_do_not_grow_with_the_entries(here, record, as_principal):
    browser = as_principal(OLGA)
    record()

    def more() -> None:
        for n in range(20):
            record(after=f"role-{n}", at=NOW + timedelta(minutes=n))

    assert_constant_queries(lambda: browser.get(here), more)


def test_entries_are_kept_for_two_years(record):
    now = timezone.now()
    record(at=now - AUDIT_RETENTION - timedelta(minutes=1), after="old")
    record(at=now - AUDIT_RETENTION + timedelta(hours=1), after="kept")

    delete_old_entries()

    assert [entry.after for entry in AuditEntry.objects.all()] == ["kept"]


def test_a_copy_of_personal_data_has_what_happened_to_them_and_what_they_did(record):
    record()
    record(AuditKind.SCORE, None, "3/4", by=ADA, subject_id=BORIS, about="투표")

    mine = export_personal_data(ADA)

    assert [(row["kind"], row["after"]) for row in mine["changes"]] == [("role", "mentor")]
    assert [(row["kind"], row["about"]) for row in mine["changes_made"]] == [("score", "투표")]
    assert "3/4" not in str(mine), "Boris's score"
    assert export_personal_data(CLARA)["changes"] == []


def test_a_closed_account_leaves_its_entries_without_its_login_and_name(
    here, record, deliver_event, as_principal
):
    record(AuditKind.GITHUB, None, "ada-codes")

    deliver_event("users.account_closed.v1", {"account_id": ADA, "version": 5})

    [github] = AuditEntry.objects.filter(kind=AuditKind.GITHUB)
    assert (github.before, github.after, github.subject_id) == ("", "", ADA)
    page = text_of(as_principal(OLGA).get(here))
    assert "ada-codes" not in page
    assert ">Ada<" not in page
