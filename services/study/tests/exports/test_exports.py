"""Tables of a cohort as its operators download them, and as a spreadsheet reads them."""

from __future__ import annotations

import csv
import io
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from chassis.account_mirror.models import AccountMirror
from chassis.testing import NOW, assert_constant_queries
from study.cohorts.models import Cohort, Membership, Role
from study.cohorts.rules import write_csv
from study.exports.queries import TABLES
from study.exports.rules import write_xlsx
from tests.conftest import ADA, BORIS, CLARA, OLGA
from tests.reviews.conftest import work  # noqa: F401


def rows_of(answer):
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_the_people_of_a_cohort(club, as_principal):
    answer = as_principal(OLGA).get(f"/cohorts/{club.cohort.id}/exports/people.csv")

    titles, *rows = rows_of(answer)
    assert "attachment" in answer["Content-Disposition"]
    assert titles[:3] == ["이름", "역할", "파트"]
    ada = next(row for row in rows if row[0] == "Ada")
    assert ada[1:6] == ["멤버", "백엔드", "", "1조", "ada-codes"]
    assert len(rows) == 3


def test_submissions_and_scores(club, work, as_principal):  # noqa: F811
    olga = as_principal(OLGA)

    titles, *submissions = rows_of(olga.get(f"/cohorts/{club.cohort.id}/exports/submissions.csv"))
    assert len(submissions) >= 1
    assert all(len(row) == len(titles) for row in submissions)
    titles, *scores = rows_of(olga.get(f"/cohorts/{club.cohort.id}/exports/scores.csv"))
    assert [row[0] for row in scores] == ["Ada"]
    assert titles[-1] == "합계"


@pytest.mark.parametrize("table", TABLES)
def test_a_workbook_holds_the_same(club, work, api_as, table):  # noqa: F811
    url = f"/api/v1/study/cohorts/{club.cohort.id}/exports/{table}"
    rows = rows_of(api_as(OLGA).get(f"{url}/csv"))

    content = b"".join(api_as(OLGA).get(f"{url}/xlsx").streaming_content)

    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    assert [["" if cell is None else str(cell) for cell in row] for row in sheet.values] == rows


def test_only_operators_export(club, as_principal):
    for account_id in (ADA, BORIS, CLARA):
        assert as_principal(account_id).get(f"/cohorts/{club.cohort.id}/exports/").status_code == 404
        assert (
            as_principal(account_id).get(f"/cohorts/{club.cohort.id}/exports/people.csv").status_code == 404
        )
    olga = as_principal(OLGA)
    assert olga.get(f"/cohorts/{club.cohort.id}/exports/").status_code == 200
    assert olga.get(f"/cohorts/{club.cohort.id}/exports/people.pdf").status_code == 404
    assert olga.get(f"/cohorts/{club.cohort.id}/exports/secrets.csv").status_code == 404


def test_the_statements_do_not_grow_with_the_people(club, api_as):
    url = f"/api/v1/study/cohorts/{club.cohort.id}/exports/scores/csv"

    def add_rows():
        for number in range(5):
            account = AccountMirror.objects.create(name=f"사람 {number}", version=1, account_id=uuid4())
            Membership.objects.create(
                cohort=club.cohort,
                account_id=account.account_id,
                role=Role.MEMBER,
                part=club.backend,
                joined_at=club.cohort.opened_at,
            )

    assert_constant_queries(lambda: api_as(OLGA).get(url), add_rows)


def test_alumni_are_those_who_are_in_no_open_cohort_of_the_operator(club, work, as_principal, api_as):  # noqa: F811
    url, olga = "/api/v1/study/alumni", api_as(OLGA)
    assert olga.get(url).json()["results"] == []
    for account_id in (ADA, CLARA):
        Membership.objects.create(
            cohort=club.other, account_id=account_id, role=Role.MEMBER, joined_at=NOW, left_at=NOW
        )

    Membership.objects.filter(id=club.ada.id).update(left_at=NOW)

    [row] = olga.get(url).json()["results"]
    assert (row["name"], row["cohort_title"], row["submitted"], row["part"]) == ("Ada", "16기", 1, "백엔드")
    assert "Ada" in as_principal(OLGA).get("/cohorts/alumni/").content.decode()
    titles, line = rows_of(as_principal(OLGA).get("/cohorts/alumni.csv"))
    assert (titles[1], line[0], line[1], line[9]) == ("기수", "Ada", "16기", "1")
    assert as_principal(ADA).get("/cohorts/alumni/").status_code == 404
    assert as_principal(ADA).get("/cohorts/alumni.csv").status_code == 404
    assert as_principal(OLGA).get("/cohorts/alumni.pdf").status_code == 404

    Membership.objects.create(cohort=club.cohort, account_id=ADA, role=Role.MEMBER, joined_at=NOW)
    assert olga.get(url).json()["results"] == []

    Cohort.objects.filter(id=club.cohort.id).update(closed_at=NOW)
    names = [row["name"] for row in olga.get(url).json()["results"]]
    assert names == ["Ada", "Ada", "Boris", "Olga"]


TEXTS = st.text(max_size=30) | st.sampled_from(
    ["=1+1", "+82", "-1", "@SUM(A1)", "\t=1", " =1", "＝1", "\u3000=1"]
)


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_no_text_is_a_formula(text):
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    [[cell]] = (
        csv.reader(io.StringIO(write_csv([[text]]).decode("utf-8-sig"), newline="")) if text else [[""]]
    )
    assert not cell.strip(" \u3000\xa0").startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))

    found = load_workbook(io.BytesIO(write_xlsx("t", [[text]]))).worksheets[0]["A1"]
    assert found.data_type != "f"
