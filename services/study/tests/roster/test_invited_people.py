"""Those whom a sheet has invited: sent again, expired, left, withdrawn."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from study.cohorts.models import Membership, Team, TeamKind
from study.memberships.actions.invitees import MAX_UNUSED_AGE
from study.memberships.models import Invitation, Invitee
from study.roster import tasks
from study.roster.models import RosterImport, RosterRow
from tests.conftest import CONSENT, OLGA, STRANGER
from tests.roster.test_import import EVENT, address, confirm, preview


def test_a_team_that_became_one_of_the_other_kind_stays_the_team(club, olga, published, as_principal):
    confirm(olga, club)
    tasks.invite_people()
    Team.objects.filter(id=club.team.id).update(kind=TeamKind.STUDY)

    as_principal(STRANGER).post(published(EVENT)[0]["link"], CONSENT)

    membership = Membership.objects.get(account_id=STRANGER)
    assert (membership.study_team, membership.team) == (club.team, None)


def test_who_left_is_invited_again(club, olga, published, as_principal):
    confirm(olga, club)
    tasks.invite_people()
    as_principal(STRANGER).post(published(EVENT)[0]["link"], CONSENT)
    as_principal(STRANGER).post(f"/cohorts/{club.cohort.id}/leave/")

    text = "이름,이메일\n김서당,kim@example.com\n"
    assert preview(olga, club, text).context["invited_count"] == 1
    confirm(olga, club, text)
    tasks.invite_people()

    assert len(published(EVENT)) == 3


def test_a_github_login_of_somebody_else_is_left_out(club, olga, published, as_principal):
    confirm(olga, club)
    tasks.invite_people()
    Membership.objects.filter(id=club.boris.id).update(github_login="kim-codes")

    as_principal(STRANGER).post(published(EVENT)[0]["link"], CONSENT)

    assert Membership.objects.get(account_id=STRANGER).github_login == ""


def test_an_invitation_is_sent_again_and_not_too_soon(club, olga, api_as, published):
    confirm(olga, club)
    tasks.invite_people()
    invitee = Invitee.objects.get(name="김서당")
    emails = f"/api/v1/study/cohorts/{club.cohort.id}/invitations/{invitee.pk}/emails"

    assert api_as(OLGA).post(emails).status_code == 409
    Invitee.objects.update(mailed_at=timezone.now() - timedelta(days=20))
    Invitation.objects.update(expires_at=timezone.now() - timedelta(days=6))
    answer = api_as(OLGA).post(emails)

    assert answer.status_code == 200
    assert answer.json()["state"] == "open"
    first, _park, again = published(EVENT)
    assert first["email"] == again["email"]
    # The same link with another key.
    assert first["link"] != again["link"]
    assert first["link"].split("?")[0] == again["link"].split("?")[0]
    assert first["email_id"] != again["email_id"]


def test_who_let_an_invitation_expire_is_invited_anew_by_a_sheet(club, olga, published):
    confirm(olga, club)
    tasks.invite_people()
    Invitation.objects.update(expires_at=timezone.now() - timedelta(days=1))

    assert preview(olga, club).context["invited_count"] == 2
    confirm(olga, club)
    tasks.invite_people()

    assert len({event["link"] for event in published(EVENT)}) == 4
    assert Invitee.objects.count() == 2
    assert preview(olga, club).context["invited_count"] == 0


def test_what_the_release_before_withdrew_or_used_is_not_mailed(club, olga, api_as, published):
    confirm(olga, club)
    tasks.invite_people()
    Invitee.objects.update(mailed_at=timezone.now() - timedelta(hours=1))
    kim, park = Invitee.objects.order_by("name")
    Invitation.objects.filter(id=kim.pk).update(withdrawn_at=timezone.now())
    Invitation.objects.filter(id=park.pk).update(uses=1)

    for invitee in (kim, park):
        emails = f"/api/v1/study/cohorts/{club.cohort.id}/invitations/{invitee.pk}/emails"
        assert api_as(OLGA).post(emails).json()["code"] == "invitation_not_mailed"

    assert len(published(EVENT)) == 2
    assert preview(olga, club).context["invited_count"] == 2


def test_an_address_whose_key_is_gone_is_not_mailed(club, olga, api_as, settings):
    confirm(olga, club)
    tasks.invite_people()
    Invitee.objects.update(mailed_at=timezone.now() - timedelta(hours=1))
    settings.FIELD_KEYS = ["2Vx0OQ2bT0YhYH4tZy4nYpJ6f0T6nqG2cVQ5y0m3n1A="]
    emails = f"/api/v1/study/cohorts/{club.cohort.id}/invitations/{Invitee.objects.all()[0].pk}/emails"

    assert api_as(OLGA).post(emails).json()["code"] == "invitation_address_lost"


def test_columns_of_the_same_title_can_be_told_apart(club, olga):
    page = preview(olga, club, "이름,이메일 주소,이메일 주소,\n김서당,a@example.com,kim@example.com,x\n")

    labels = [label for _value, label in page.context["form"].fields["email"].choices][1:]
    assert labels == ["이름", "이메일 주소 (B)", "이메일 주소 (C)", "(D)"]


def test_a_withdrawn_invitation_deletes_the_address(club, olga, api_as):
    confirm(olga, club)
    tasks.invite_people()
    invitee = Invitee.objects.get(name="김서당")

    olga.post(f"/cohorts/{club.cohort.id}/invitations/{invitee.pk}/withdraw/")

    assert not Invitee.objects.filter(name="김서당").exists()
    assert olga.get(f"/cohorts/{club.cohort.id}/invitations/?past").status_code == 200
    emails = f"/api/v1/study/cohorts/{club.cohort.id}/invitations/{invitee.pk}/emails"
    assert api_as(OLGA).post(emails).status_code == 409
    assert preview(olga, club).context["invited_count"] == 1


def test_addresses_that_nobody_used_are_deleted(club, olga):
    confirm(olga, club)
    tasks.invite_people()
    Invitation.objects.update(expires_at=timezone.now() - MAX_UNUSED_AGE - timedelta(days=1))
    RosterImport.objects.update(created_at=timezone.now() - timedelta(days=91))

    tasks.delete_old_people()

    assert not Invitee.objects.exists()
    assert not RosterRow.objects.exists()
    assert olga.get(f"{address(club)}{RosterImport.objects.get().id}/").status_code == 200
