"""The key of a mailed invitation: what the join page offers with it, and what users gets to know by it."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.utils import timezone

from chassis.testing import NOW
from study.cohorts.actions import close_cohort
from study.cohorts.models import Role
from study.memberships.actions.invitations import withdraw_invitation
from study.memberships.actions.invitees import invite_by_email, resend_invitation
from study.memberships.actions.joining import join
from study.memberships.models import Invitation, Invitee
from study.memberships.rules import hash_key
from tests.conftest import ADA, CLARA, CONSENT, OLGA

URL = "/internal/invited-people/{}"


@pytest.fixture
def mail(club, published):
    """Invite Kim; mail() → the path and the key of the link that was mailed last."""
    at = timezone.now()
    invite_by_email(
        cohort=club.cohort,
        name="김서당",
        email="kim@example.com",
        role=Role.MEMBER,
        part_id=club.backend.id,
        team_id=None,
        study_team_id=None,
        github_login="",
        by=OLGA,
        at=at,
    )
    return lambda: published("study.invitation_email_requested.v1")[-1]["link"].split("?key=")


@pytest.fixture
def ask(api_as):
    """ask(key) → the answer to users."""
    return lambda key: api_as("users", use="service").get(URL.format(hash_key(key)))


def test_only_its_hash_is_kept(mail):
    path, key = mail()

    invitee = Invitee.objects.get()
    assert len(key) == 32
    assert key not in str(list(Invitee.objects.values()) + list(Invitation.objects.values()))
    assert invitee.key_hash == hash_key(key)
    assert path == invitee.invitation.path


def test_with_it_the_page_offers_an_account_without_a_confirmation(mail, as_principal):
    path, key = mail()

    page = as_principal(None).get(f"{path}?key={key}")
    assert f'href="/accounts/signup/invited/?key={key}"' in page.content.decode()
    assert page["Referrer-Policy"] == "same-origin"
    assert "no-store" in page["Cache-Control"]
    for wrong in ("", "?key=", "?key=wrong", f"?key={hash_key(key)}", f"?key={quote(chr(0))}"):
        page = as_principal(None).get(path + wrong).content.decode()
        assert "/accounts/signup/invited/" not in page
        assert f"/accounts/signup/?next={quote(path, safe='')}" in page
    assert "/signup/" not in as_principal(CLARA).get(f"{path}?key={key}").content.decode()


def test_an_operator_who_sees_the_invitation_does_not_see_it(club, mail, as_principal, api_as):
    _path, key = mail()

    page = as_principal(OLGA).get(f"/cohorts/{club.cohort.id}/invitations/")
    listed = api_as(OLGA).get(f"/api/v1/study/cohorts/{club.cohort.id}/invitations")

    assert "김서당" in page.content.decode()
    for answer in (page, listed):
        assert key not in answer.content.decode()
        assert hash_key(key) not in answer.content.decode()


def test_users_gets_the_address_by_it(mail, ask):
    path, key = mail()

    answer = ask(key)

    assert answer.status_code == 200
    assert answer.json() == {"name": "김서당", "email": "kim@example.com", "path": path}
    assert ask("wrong").status_code == 404


def test_sending_again_replaces_it(mail, ask):
    _path, former = mail()
    at = timezone.now() + timedelta(minutes=11)
    resend_invitation(invitation=Invitation.objects.get(), by=OLGA, at=at)

    _path, key = mail()

    assert key != former
    assert ask(former).status_code == 404
    assert ask(key).status_code == 200


@pytest.mark.parametrize(
    "spoil",
    [
        lambda link: withdraw_invitation(invitation=link, by=OLGA, at=NOW),
        lambda _link: Invitation.objects.update(expires_at=NOW - timedelta(days=4000)),
        lambda link: join(invitation=link, account_id=CLARA, **CONSENT, at=timezone.now()),
        lambda link: close_cohort(cohort=link.cohort, at=NOW),
    ],
    ids=["withdrawn", "over", "used", "cohort closed"],
)
def test_with_its_invitation_it_is_over(mail, ask, spoil):
    _path, key = mail()

    spoil(Invitation.objects.get())

    assert ask(key).status_code == 404


def test_an_address_whose_encryption_key_is_gone_is_not_found(mail, ask):
    _path, key = mail()
    Invitee.objects.update(email_encrypted="gone")

    assert ask(key).status_code == 404


def test_it_is_for_users_alone(mail, api_as):
    _path, key = mail()
    url = URL.format(hash_key(key))

    assert api_as("notification", use="service").get(url).status_code == 403
    assert api_as(ADA).get(url).status_code == 403
    assert api_as(OLGA).get(url).status_code == 403
    assert api_as(None).get(url).status_code == 401
