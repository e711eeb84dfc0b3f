"""Organizers write notes about a member, for each other."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest

from chassis.errors import NotFound
from chassis.testing import NOW, assert_constant_queries
from study.cohorts.actions import close_cohort
from study.cohorts.models import AuditEntry, AuditKind, Membership, Role
from study.notes.actions import create_note
from study.notes.models import Note
from study.personal_data.actions import delete_personal_data
from study.personal_data.queries import export_personal_data
from tests.conftest import ADA, BORIS, OLGA

SAID = "통화함. **다음 주까지** 지켜보기."


@pytest.fixture
def page(club):
    return f"/cohorts/{club.cohort.id}/members/{club.ada.id}/missions/"


@pytest.fixture
def here(club):
    return f"/cohorts/{club.cohort.id}/members/{club.ada.id}/notes/"


@pytest.fixture
def write(club):
    def write(body=SAID, by=OLGA, at=NOW):
        return create_note(membership=club.ada, body=body, by=by, at=at)

    return write


@pytest.fixture
def second(club):
    """Another organizer of the cohort."""
    return Membership.objects.create(
        cohort=club.cohort, account_id=uuid4(), role=Role.OPERATOR, joined_at=NOW
    ).account_id


def audited():
    rows = AuditEntry.objects.filter(kind=AuditKind.NOTE).order_by("at", "id")
    return [(row.actor_id, row.subject_id, row.field) for row in rows]


def test_an_organizer_writes_a_note_and_others_read_it_newest_first(
    club, as_principal, page, here, second, write
):
    write("먼저 쓴 메모", at=NOW - timedelta(days=30))

    answer = as_principal(OLGA).post(here, {"body": SAID})

    assert (answer.status_code, answer["Location"]) == (302, f"{page}#h-notes")
    shown = as_principal(second).get(page).content.decode()
    assert "<strong>다음 주까지</strong>" in shown
    assert shown.index("<strong>다음 주까지") < shown.index("먼저 쓴 메모")
    assert "Olga" in shown
    assert f"{Note.objects.get(body=SAID).id}/delete/" not in shown
    assert audited()[-1] == (OLGA, ADA, "")
    assert not AuditEntry.objects.filter(after__contains="통화함").exists()


def test_members_and_mentors_do_not_see_it(club, as_principal, api_as, page, here, write):
    note = write()
    for who in (ADA, BORIS):
        assert as_principal(who).get(page).status_code == 404
        assert as_principal(who).get(here).status_code == 404
        assert as_principal(who).get(f"{here}{note.id}/").status_code == 404
        listed = as_principal(who).get(f"/cohorts/{club.cohort.id}/members/").content.decode()
        assert "통화함" not in listed


def test_an_organizer_does_not_see_notes_about_themselves(club, as_principal, api_as, page, here, write):
    write()
    Membership.objects.filter(id=club.ada.id).update(role=Role.OPERATOR)

    shown = as_principal(ADA).get(page)

    assert shown.status_code == 200
    assert "통화함" not in shown.content.decode()
    assert "h-notes" not in shown.content.decode()
    assert as_principal(ADA).get(here).status_code == 404
    api = f"/api/v1/study/cohorts/{club.cohort.id}/members/{club.ada.id}/notes"
    assert api_as(ADA).get(api).status_code == 404
    assert api_as(ADA).post(api, {"body": "내 칭찬"}).status_code == 404


def test_only_its_author_edits_and_deletes_it(club, as_principal, api_as, here, second, write):
    note = write()
    for path in (f"{here}{note.id}/", f"{here}{note.id}/delete/"):
        assert as_principal(second).post(path, {"body": "바꿈"}).status_code == 404
    api = f"/api/v1/study/cohorts/{club.cohort.id}/members/{club.ada.id}/notes/{note.id}"
    assert api_as(second).put(api, {"body": "바꿈"}).status_code == 404
    assert api_as(second).delete(api).status_code == 404
    assert Note.objects.get().body == SAID

    olga = as_principal(OLGA)
    assert SAID in olga.get(f"{here}{note.id}/").content.decode()
    assert olga.post(f"{here}{note.id}/", {"body": "바꿈"}).status_code == 302
    note.refresh_from_db()
    assert (note.body, note.edited_at is None) == ("바꿈", False)

    asked = olga.get(f"{here}{note.id}/delete/")
    assert asked.status_code == 200
    assert Note.objects.exists()
    assert olga.post(f"{here}{note.id}/delete/").status_code == 302
    assert not Note.objects.exists()
    assert sorted(field for *_who, field in audited()) == ["", "", "body"]
    assert not AuditEntry.objects.filter(kind=AuditKind.NOTE, field="body").exclude(after="").exists()


def test_what_was_typed_comes_back(club, as_principal, here, write):
    olga, long = as_principal(OLGA, locale="en"), "가" * 2001

    answer = olga.post(here, {"body": long})
    assert answer.status_code == 422
    assert long in answer.content.decode()
    blank = olga.post(here, {"body": " "})
    assert blank.status_code == 422
    assert "Write a note." in blank.content.decode()
    note = write()
    changed = olga.post(f"{here}{note.id}/", {"body": long})
    assert changed.status_code == 422
    assert long in changed.content.decode()
    assert [row.body for row in Note.objects.all()] == [SAID]


def test_a_note_sent_twice_is_there_once(club, as_principal, here):
    olga, typed = as_principal(OLGA), {"body": SAID, "idempotency_key": str(uuid4())}

    first, again = olga.post(here, typed), olga.post(here, typed)

    assert first["Location"] == again["Location"]
    assert Note.objects.count() == 1


def test_a_closed_cohort_takes_no_notes_and_lets_them_be_deleted(club, as_principal, page, here, write):
    note, olga = write(), as_principal(OLGA)
    close_cohort(cohort=club.cohort, at=NOW)

    assert olga.post(here, {"body": "하나 더"}).status_code == 422
    assert olga.post(f"{here}{note.id}/", {"body": "바꿈"}).status_code == 422
    assert f'action="{here}"' not in olga.get(page).content.decode()
    assert olga.post(f"{here}{note.id}/delete/").status_code == 302
    assert not Note.objects.exists()


def test_nobody_writes_about_who_has_left_meanwhile(club, write):
    Membership.objects.filter(id=club.ada.id).update(left_at=NOW)

    with pytest.raises(NotFound):
        write()


def test_a_copy_of_the_data_of_its_subject_has_the_text_and_not_the_author(club, write):
    write()

    (note,) = export_personal_data(ADA)["notes"]

    assert (note["body"], note["cohort_title"]) == (SAID, "16기")
    assert str(OLGA) not in str(note)
    assert export_personal_data(OLGA)["notes"] == []


def test_closing_the_account_of_its_subject_deletes_it(club, write):
    write()

    delete_personal_data(account_id=ADA, at=NOW)

    assert not Note.objects.exists()


def test_closing_the_account_of_its_author_leaves_it_without_one(club, as_principal, second, write, page):
    write(by=second)

    delete_personal_data(account_id=second, at=NOW)

    assert Note.objects.get().author_id is None
    assert "통화함" in as_principal(OLGA).get(page).content.decode()


def test_who_comes_back_has_the_same_notes(club, as_principal, write):
    write()
    Membership.objects.filter(id=club.ada.id).update(left_at=NOW)
    back = Membership.objects.create(
        cohort=club.cohort, account_id=ADA, role=Role.MEMBER, joined_at=NOW + timedelta(days=1)
    )

    shown = as_principal(OLGA).get(f"/cohorts/{club.cohort.id}/members/{back.id}/missions/")

    assert "통화함" in shown.content.decode()


def test_the_page_of_a_member_shows_the_newest_and_the_list_all(club, as_principal, page, here, write):
    for n in range(30):
        write(f"메모-{n}-", at=NOW + timedelta(minutes=n))
    olga = as_principal(OLGA)

    first = olga.get(page).content.decode()
    assert first.count('id="note-') == 5
    assert "메모-29-" in first
    assert here in first
    listed = olga.get(here).context["notes"]
    assert len(listed.rows) == 25
    assert len(olga.get(here, {"cursor": listed.next}).context["notes"].rows) == 5


def test_the_number_of_statements_does_not_grow_with_the_notes(club, as_principal, page, here, write):
    olga = as_principal(OLGA)
    write()

    for path in (page, here):
        assert_constant_queries(partial(olga.get, path), lambda: [write() for _n in range(4)])
