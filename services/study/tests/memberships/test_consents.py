"""Consent to what is collected: at joining, again for a new version, in the export, gone with the account."""

from __future__ import annotations

import pytest

from chassis.testing import NOW
from study.cohorts.models import Membership
from study.memberships.actions.consents import ConsentMissing
from study.memberships.actions.joining import join
from study.memberships.models import Consent
from study.memberships.rules import CONSENT_VERSION
from study.personal_data.actions import delete_personal_data
from study.personal_data.queries import export_personal_data
from tests.conftest import ADA, BORIS, CLARA, CONSENT

OLD = {"consent_version": "2001-01-01"}


@pytest.mark.parametrize("version", [None, "", "2001-01-01"])
def test_nobody_joins_without_it(club, invite, version):
    with pytest.raises(ConsentMissing):
        join(invitation=invite(), account_id=CLARA, consent_version=version, at=NOW)

    assert not Membership.objects.filter(cohort=club.cohort, account_id=CLARA).exists()
    assert not Consent.objects.exists()


def test_the_page_says_what_is_collected_and_one_press_agrees_and_joins(club, invite, as_principal):
    link, browser = invite(), as_principal(CLARA)
    page = browser.get(link.path).content.decode()
    for text in ("수집하는 정보", "보유 기간", "거부", CONSENT_VERSION, "동의하고 참여하기"):
        assert text in page

    stale = browser.post(link.path, OLD)
    assert stale.status_code == 422
    assert f'name="consent_version" value="{CONSENT_VERSION}"' in stale.content.decode()
    assert browser.post(link.path, CONSENT).status_code == 302

    consent = Consent.objects.get()
    assert (consent.membership.account_id, consent.version) == (CLARA, CONSENT_VERSION)


def test_a_new_version_asks_again(club, as_principal, api_as):
    Consent.objects.create(membership=club.ada, version="2001-01-01", given_at=NOW)
    browser, api = as_principal(ADA), api_as(ADA)
    here = f"/cohorts/{club.cohort.id}/me/consent/"
    assert here in browser.get(f"/cohorts/{club.cohort.id}/week/").content.decode()
    assert browser.get(here).status_code == 200
    url = f"/api/v1/study{here.rstrip('/')}"
    assert api.get(url).json() == {"version": CONSENT_VERSION, "given_at": None}

    assert browser.post(here, OLD).status_code == 422
    assert api.put(url, {"version": "2001-01-01"}).status_code == 422
    assert browser.post(here, CONSENT).status_code == 302

    assert here not in browser.get(f"/cohorts/{club.cohort.id}/week/").content.decode()
    first = api.get(url).json()["given_at"]
    assert first
    assert api.put(url, {"version": CONSENT_VERSION}).json()["given_at"] == first
    assert 'name="consent_version"' not in browser.get(here).content.decode()
    assert as_principal(CLARA).get(here).status_code == 404


def test_it_is_exported_and_erased_with_the_account(club):
    for membership in (club.ada, club.boris):
        Consent.objects.create(membership=membership, version=CONSENT_VERSION, given_at=NOW)

    [exported] = export_personal_data(ADA)["consents"]
    assert (exported["membership_id"], exported["version"]) == (str(club.ada.id), CONSENT_VERSION)
    assert exported["given_at"]

    delete_personal_data(account_id=ADA, at=NOW)
    delete_personal_data(account_id=ADA, at=NOW)

    assert [consent.membership.account_id for consent in Consent.objects.all()] == [BORIS]
