"""The account mirror applies events by version, in any order of arrival."""

from __future__ import annotations

from uuid import uuid4

import pytest

from study.cohorts.models import Membership
from study.mirrors.models import AccountMirror
from study.mirrors.templatetags.people import person
from tests.conftest import ADA

CHANGED, CLOSED = "users.account_changed.v1", "users.account_closed.v1"


def changed(account_id, name, version, github_id=None, login=""):
    return {
        "account_id": account_id,
        "name": name,
        "github_id": github_id,
        "github_login": login,
        "language": "ko",
        "time_zone": "Asia/Seoul",
        "version": version,
    }


@pytest.mark.django_db
def test_an_older_name_that_arrives_late_is_dropped(deliver_event):
    account_id = uuid4()

    deliver_event(CHANGED, changed(account_id, "새 이름", 2, github_id=7, login="New-Login"))
    deliver_event(CHANGED, changed(account_id, "옛 이름", 1))

    mirror = AccountMirror.objects.get()
    assert (mirror.name, mirror.github_id, mirror.github_login) == ("새 이름", 7, "new-login")


def test_a_closed_account_is_forgotten_and_its_history_stays(deliver_event, club):
    Membership.objects.filter(id=club.ada.id).update(github_id=101, github_login="ada-codes")

    deliver_event(CLOSED, {"account_id": ADA, "version": 5})
    deliver_event(CHANGED, changed(ADA, "Ada", 4, github_id=101))
    deliver_event(CHANGED, changed(ADA, "Ada", 6, github_id=101))

    mirror = AccountMirror.objects.get(account_id=ADA)
    assert (mirror.name, mirror.github_id, mirror.closed) == ("", None, True)
    membership = Membership.objects.get(account_id=ADA)
    assert (membership.github_id, membership.github_login) == (None, "")
    assert person(mirror.name) == "탈퇴한 회원"


@pytest.mark.django_db
def test_account_closed_may_arrive_first(deliver_event):
    account_id = uuid4()

    deliver_event(CLOSED, {"account_id": account_id, "version": 2})
    deliver_event(CHANGED, changed(account_id, "Late", 1))

    assert AccountMirror.objects.get().name == ""


def test_an_account_not_mirrored_yet_has_a_display_name():
    assert person(None) == "새 멤버"
    assert person("Ada") == "Ada"
