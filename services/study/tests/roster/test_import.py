"""From the sheet to the membership: the operator's pages, the worker, the mail's link, the person's page."""

from __future__ import annotations

from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from chassis.account_mirror.models import AccountMirror
from chassis.crypto import decrypt
from chassis.testing import NOW, assert_constant_queries
from study.cohorts.actions import close_cohort
from study.cohorts.models import Membership, Part, Role, Team
from study.memberships.models import Invitation, Invitee
from study.personal_data.actions import delete_personal_data
from study.personal_data.queries import export_personal_data
from study.roster import tasks
from study.roster.actions import invite_row
from study.roster.models import RosterImport, RosterRow, RowState
from study.roster.queries import rows_waiting
from tests.conftest import ADA, CLARA, CONSENT, OLGA, STRANGER
from tests.missions.test_pages import text_of
from tests.roster.test_table import workbook

EVENT = "study.invitation_email_requested.v1"
SHEET = (
    "타임스탬프,성함,학교 메일,파트,조,깃허브\n"
    "2026-03-02 10:00,김서당,Kim@example.com,백엔드,1조,kim-codes\n"
    "2026-03-02 10:01,박서당,park@example.com,,,\n"
)


def address(club):
    return f"/cohorts/{club.cohort.id}/members/import/"


def preview(browser, club, text=SHEET, **sent):
    return browser.post(address(club), {"text": text, **sent})


def confirm(browser, club, text=SHEET, **changes):
    """Press the button of the preview."""
    form = preview(browser, club, text).context["form"]
    sent = {key: value for key, value in form.data.items() if value is not None} | {"seen": form.digest}
    return browser.post(address(club), sent | changes)


def test_a_preview_shows_everyone_and_writes_nothing(club, olga, published):
    assert olga.get(address(club)).status_code == 200

    answer = preview(olga, club)

    page = text_of(answer)
    assert answer.status_code == 200
    for shown in ["김서당", "kim@example.com", "백엔드", "1조", "kim-codes", "2명"]:
        assert shown in page
    assert not RosterImport.objects.exists()
    assert not Invitation.objects.exists()
    assert not published(EVENT)


def test_confirmed_people_are_invited_by_mail(club, olga, published):
    answer = confirm(olga, club)

    found = RosterImport.objects.get()
    assert answer["Location"] == f"{address(club)}{found.id}/"
    assert "kim@example.com" not in str(list(found.rows.values()))

    tasks.invite_people()

    kim, park = published(EVENT)
    assert (kim["name"], kim["email"], kim["role"]) == ("김서당", "kim@example.com", "member")
    assert (kim["cohort_title"], kim["invited_by"], kim["language"]) == ("16기", "Olga", "ko")
    invitation = Invitation.objects.get(token=kim["link"].split("/")[2])
    assert (invitation.part, invitation.max_uses) == (club.backend, 1)
    assert Invitation.objects.get(token=park["link"].split("/")[2]).part is None
    assert list(found.rows.values_list("state", "email_encrypted")) == [(RowState.INVITED, "")] * 2
    assert decrypt(invitation.invitee.email_encrypted) == "kim@example.com"
    assert "초대" in text_of(olga.get(answer["Location"]))
    assert "김서당" in text_of(olga.get(f"/cohorts/{club.cohort.id}/invitations/?unopened"))


def test_a_confirmation_of_something_else_is_a_preview_again(club, olga):
    form = preview(olga, club).context["form"]

    answer = confirm(olga, club, part="")

    assert answer.status_code == 200
    assert "seen" not in form.data
    assert not RosterImport.objects.exists()


def test_a_file_is_carried_to_the_confirmation(club, olga, published):
    rows = [line.split(",") for line in SHEET.splitlines()]
    file = SimpleUploadedFile("people.xlsx", workbook(rows))
    form = olga.post(address(club), {"file": file}).context["form"]

    olga.post(address(club), form.data | {"seen": form.digest})
    tasks.invite_people()

    assert len(published(EVENT)) == 2


def test_with_a_mistake_nothing_is_written_and_the_sheet_comes_back(club, olga):
    answer = confirm(olga, club, SHEET + "2026-03-02 10:02,,lee@,기획,,\n")

    page = text_of(answer)
    assert answer.status_code == 422
    assert page.count("4행") + page.count("4번째") + page.count("줄 4") + page.count("Line 4") >= 3
    assert "lee@" in answer.content.decode()
    assert not RosterImport.objects.exists()


def test_a_second_import_changes_nothing(club, olga, published):
    confirm(olga, club)
    tasks.invite_people()

    page = preview(olga, club)
    assert page.context["invited_count"] == 0
    assert 'name="seen"' not in page.content.decode()
    confirm(olga, club)
    tasks.invite_people()

    assert len(published(EVENT)) == 2
    assert Invitation.objects.count() == 2
    again = RosterImport.objects.latest("created_at")
    assert set(again.rows.values_list("state", flat=True)) == {RowState.ALREADY_INVITED}


def test_a_kill_in_the_middle_goes_on_where_it_was(club, olga, published):
    people = "".join(f"2026,사람{n},p{n}@example.com,,,\n" for n in range(30))
    confirm(olga, club, "타임스탬프,성함,학교 메일,파트,조,깃허브\n" + people)
    first, rest = rows_waiting(limit=30)[:11], rows_waiting(limit=30)[11:]
    for row_id in first:
        invite_row(row_id=row_id, at=NOW)
    with transaction.atomic():
        invite_row(row_id=rest[0], at=NOW)
        # As a connection that ends before the commit.
        transaction.set_rollback(True)
    assert len(published(EVENT)) == 11

    tasks.invite_people()
    tasks.invite_people()

    assert [event["email"] for event in published(EVENT)] == [f"p{n}@example.com" for n in range(30)]
    assert not RosterRow.objects.filter(state=RowState.WAITING).exists()


def test_rows_whose_key_is_gone_fail_and_block_no_others(club, olga, settings):
    confirm(olga, club)
    settings.FIELD_KEYS = ["2Vx0OQ2bT0YhYH4tZy4nYpJ6f0T6nqG2cVQ5y0m3n1A="]
    confirm(olga, club, "이름,이메일\n최서당,choi@example.com\n")

    tasks.invite_people()

    assert list(RosterRow.objects.order_by("id").values_list("state", "email_encrypted")) == [
        (RowState.FAILED, ""),
        (RowState.FAILED, ""),
        (RowState.INVITED, ""),
    ]
    page = olga.get(f"{address(club)}{RosterImport.objects.earliest('created_at').id}/")
    assert page.context["progress"].failed == 2


def test_rows_of_a_former_operator_invite_nobody(club, olga, published):
    confirm(olga, club, "이름,이메일,역할\n김서당,kim@example.com,운영진\n박서당,park@example.com,\n")
    Membership.objects.filter(cohort=club.cohort, account_id=OLGA).update(role=Role.MEMBER)

    tasks.invite_people()

    assert not published(EVENT)
    assert not Invitation.objects.exists()
    states = RosterRow.objects.values_list("state", "email_encrypted")
    assert list(states) == [(RowState.FAILED, "")] * 2


def test_rows_of_a_closed_cohort_wait(club, olga, published):
    confirm(olga, club)
    close_cohort(cohort=club.cohort, at=NOW)

    tasks.invite_people()

    assert not published(EVENT)
    assert RosterRow.objects.filter(state=RowState.WAITING).count() == 2


def test_members_are_recognised_by_their_github_login(club, olga, published):
    page = preview(olga, club, "이름,이메일,깃허브\n에이다,ada@example.com,Ada-Codes\n")

    assert page.context["plan"][0].state == RowState.ALREADY_MEMBER
    assert page.context["invited_count"] == 0


def test_who_opens_the_link_joins_as_the_sheet_says_and_the_address_is_deleted(
    club, olga, published, as_principal
):
    AccountMirror.objects.create(account_id=STRANGER, name="김", version=1)
    confirm(olga, club)
    tasks.invite_people()
    link = published(EVENT)[0]["link"]
    invitee = Invitee.objects.get(name="김서당")

    assert as_principal(None).get(link).status_code == 200
    invitee.refresh_from_db()
    assert invitee.opened_at is not None
    assert as_principal(STRANGER).post(link, CONSENT).status_code == 302

    membership = Membership.objects.get(account_id=STRANGER)
    assert (membership.role, membership.part, membership.team) == (Role.MEMBER, club.backend, club.team)
    assert membership.github_login == "kim-codes"
    invitee.refresh_from_db()
    assert invitee.email_encrypted == ""
    assert "kim@example.com" not in str(list(Invitee.objects.values()))
    # Nobody else can use it, and the sheet changes nothing.
    assert as_principal(CLARA).post(link, CONSENT).status_code == 403
    assert preview(olga, club).context["plan"][0].state == RowState.ALREADY_MEMBER


def test_a_copy_of_personal_data_has_what_the_sheet_said_and_erasure_deletes_it(
    club, olga, published, as_principal
):
    confirm(olga, club)
    tasks.invite_people()
    as_principal(STRANGER).post(published(EVENT)[0]["link"], CONSENT)

    [said] = export_personal_data(STRANGER)["invitations"]
    assert (said["name"], said["github_login"], said["cohort_title"]) == ("김서당", "kim-codes", "16기")
    # Found by the invitation, and by the login.
    confirm(olga, club)
    confirm(olga, club, "이름,이메일,깃허브\n김서당,kim@example.net,kim-codes\n")
    tasks.invite_people()
    assert RosterRow.objects.filter(name="김서당", state=RowState.ALREADY_MEMBER).count() == 2

    delete_personal_data(account_id=STRANGER, at=NOW)

    assert not Invitee.objects.filter(name="김서당").exists()
    assert not RosterRow.objects.filter(name="김서당").exists()


def test_unknown_parts_and_teams_are_created_if_asked(club, olga):
    text = "이름,이메일,파트,팀\n김서당,kim@example.com,기획,2조\n"
    assert preview(olga, club, text).status_code == 422
    shown = olga.post(
        address(club),
        {"text": text, "name": "0", "email": "1", "part": "2", "team": "3", "creates_groups": "on"},
    ).context["form"]

    olga.post(address(club), shown.data | {"seen": shown.digest})

    assert Part.objects.filter(cohort=club.cohort, name="기획").exists()
    assert Team.objects.filter(cohort=club.cohort, name="2조").exists()
    assert RosterRow.objects.filter(part__name="기획", team__name="2조").count() == 1


def test_the_api_does_the_same(club, api_as, published):
    url = f"/api/v1/study/cohorts/{club.cohort.id}/people-imports"
    body = {"text": SHEET, "columns": {"name": "성함"}}

    dry = api_as(OLGA).post(url, {**body, "dry_run": True}, format="json")
    assert dry.status_code == 200
    assert dry.json()["columns"]["email"] == "학교 메일"
    assert [person["state"] for person in dry.json()["people"]] == ["invited", "invited"]
    assert not RosterImport.objects.exists()

    started = api_as(OLGA).post(url, body, format="json")
    assert started.status_code == 201
    tasks.invite_people()
    progress = api_as(OLGA).get(f"{url}/{started.json()['id']}").json()
    assert (progress["total"], progress["waiting"], progress["invited"]) == (2, 0, 2)
    rows = api_as(OLGA).get(f"{url}/{started.json()['id']}/rows").json()
    assert [row["line"] for row in rows["results"]] == [2, 3]

    wrong = api_as(OLGA).post(url, {"text": "이름,이메일\n,\n", "dry_run": True}, format="json")
    assert wrong.json()["faults"]
    bad = api_as(OLGA).post(url, {**body, "columns": {"name": "별명"}}, format="json")
    assert (bad.status_code, bad.json()["code"]) == (400, "bad_sheet")


def test_only_operators_import(club, as_principal):
    for account_id in (ADA, CLARA):
        assert as_principal(account_id).get(address(club)).status_code == 404
        assert as_principal(account_id).post(address(club), {"text": SHEET}).status_code == 404


def test_the_statements_of_a_preview_do_not_grow_with_the_people(club, olga):
    lines = ["이름,이메일,깃허브\n"]

    def add_rows():
        first = len(lines)
        lines.extend(f"사람,p{n}@example.com,p{n}\n" for n in range(first, first + 20))

    add_rows()
    assert_constant_queries(lambda: preview(olga, club, "".join(lines)), add_rows)


def test_an_import_of_another_cohort_is_not_found(club, olga):
    other = RosterImport.objects.create(cohort=club.other, columns={}, created_by=CLARA, created_at=NOW)

    assert olga.get(f"{address(club)}{other.id}/").status_code == 404
    assert olga.get(f"{address(club)}{UUID(int=1)}/").status_code == 404
