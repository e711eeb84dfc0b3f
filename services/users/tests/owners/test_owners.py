"""Set-up of the first owner, and the pages of owners."""

from __future__ import annotations

import io
import re
import sys
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from chassis.jobs.records import record_end, record_start, register
from chassis.testing import NOW
from chassis.web.auth import verify
from tests.conftest import CLIENT_INFO, PASSWORD, sign_in
from users.accounts.actions.roles import LastOwner, disable
from users.accounts.models import Account, AuditEntry, AuditKind
from users.celery import app
from users.owners.access import setup_code, setup_link
from users.ratelimit.rules import WINDOW

pytestmark = pytest.mark.django_db
JOBS = set(app.conf.beat_schedule)


def set_up(code: str, **fields: str) -> Any:
    form = {"code": code, "email": "olga@club.example", "name": "Olga", "password": PASSWORD, **fields}
    return Client().post("/accounts/setup/", form)


def test_the_code_from_the_log_makes_the_first_owner(caplog: Any, published: Any) -> None:
    assert Client().get("/accounts/setup/").status_code == 200
    assert setup_code() in caplog.text

    # However it is typed.
    assert set_up(setup_code().lower().replace("-", " ")).status_code == 302

    here = Client()
    token = sign_in(here, "olga@club.example").cookies["seodang"].value
    assert verify(token).roles == {"owner"}
    assert verify(token).can_create_cohorts
    assert published("users.account_changed.v1")[0]["name"] == "Olga"


def test_the_link_from_the_log_needs_no_code_to_be_typed() -> None:
    page = Client().get(setup_link().removeprefix(settings.PUBLIC_URL))

    assert f'value="{setup_code()}"' in page.content.decode()


def test_the_set_up_signs_the_owner_in() -> None:
    here = Client()
    form = {"code": setup_code(), "email": "olga@club.example", "name": "Olga", "password": PASSWORD}

    answer = here.post("/accounts/setup/", form)

    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert verify(answer.cookies["seodang"].value).roles == {"owner"}
    assert here.get("/accounts/people/").status_code == 200


def test_the_code_alone_signs_nobody_in_to_an_account_that_was_there(ada: Account) -> None:
    here = Client()
    form = {"code": setup_code(), "email": ada.email, "name": "Ada", "password": "another long password 7"}

    answer = here.post("/accounts/setup/", form)

    assert answer["Location"] == "/accounts/login/?next=/"
    assert "seodang" not in answer.cookies
    assert Account.objects.get(id=ada.id).is_owner
    assert sign_in(here, str(ada.email)).status_code == 302


def test_afterwards_there_is_no_such_page(olga: Account) -> None:
    assert Client().get("/accounts/setup/").status_code == 404
    assert set_up(setup_code(), email="eve@evil.example").status_code == 404
    assert not Account.objects.filter(email="eve@evil.example").exists()


def test_without_the_code_nobody_gets_it() -> None:
    answers = [set_up("AAAA-BBBB-CCCC") for _ in range(12)]

    assert answers[0].status_code == 422
    assert answers[-1].status_code == 429
    assert 0 < int(answers[-1]["Retry-After"]) <= WINDOW.total_seconds()
    assert not Account.objects.exists()


def test_the_owners_password_is_a_good_one_too() -> None:
    assert set_up(setup_code(), password="password1").status_code == 422


def run(*arguments: str, typed: str = PASSWORD) -> str:
    out, stdin = io.StringIO(), sys.stdin
    sys.stdin = io.StringIO(f"{typed}\n")
    try:
        call_command("create_owner", "--password-stdin", *arguments, stdout=out)
    finally:
        sys.stdin = stdin
    return out.getvalue()


def test_the_command_makes_an_owner_who_can_sign_in() -> None:
    assert run("--email", "Olga@Club.example", "--name", "Olga") == "olga@club.example is an owner.\n"

    assert sign_in(Client(), "olga@club.example").status_code == 302


def test_the_command_makes_an_owner_of_who_is_here_and_keeps_their_password(ada: Account) -> None:
    run("--email", ada.email or "", "--name", "Somebody", typed="another good password")

    ada.refresh_from_db()
    assert (ada.is_owner, ada.name) == (True, "Ada")
    assert sign_in(Client()).status_code == 302


def test_the_command_takes_an_address_from_a_squatter() -> None:
    Client().post("/accounts/signup/", {"email": "olga@club.example"})
    squatted = Account.objects.get()
    SocialAccount.objects.create(user=squatted, provider="github", uid="666")
    Account.objects.filter(id=squatted.id).update(name="Eve", github_id=666, github_login="eve")

    run("--email", "olga@club.example", "--name", "Olga")

    squatted.refresh_from_db()
    assert (squatted.name, squatted.github_id, squatted.is_owner) == ("Olga", None, True)
    assert not SocialAccount.objects.exists()
    assert sign_in(Client(), "olga@club.example", "password of eve").status_code == 422
    assert sign_in(Client(), "olga@club.example").headers["Location"] == "/"


@pytest.mark.parametrize(("email", "typed"), [("no address", PASSWORD), ("olga@club.example", "short")])
def test_the_command_refuses_what_the_page_would(email: str, typed: str) -> None:
    with pytest.raises(CommandError):
        run("--email", email, "--name", "Olga", typed=typed)


def test_an_owner_lets_someone_open_cohorts_and_withdraws_it(
    olga: Account, ada: Account, browser: Any
) -> None:
    here = browser(olga)
    assert "ada@club.example" in here.get("/accounts/people/").content.decode()

    here.post(f"/accounts/people/{ada.id}/opening/", {"may": "yes"})
    token = sign_in(Client()).cookies["seodang"].value
    assert verify(token).roles == {"cohort_creator"}

    here.post(f"/accounts/people/{ada.id}/opening/", {"may": "no"})
    token = sign_in(Client()).cookies["seodang"].value
    assert verify(token).roles == set()
    log = AuditEntry.objects.filter(account=ada, about="Olga").values_list("kind", flat=True)
    assert set(log) == {AuditKind.COHORT_CREATION_GRANTED, AuditKind.COHORT_CREATION_REVOKED}


def test_making_an_owner_asks_first(olga: Account, ada: Account, browser: Any) -> None:
    here = browser(olga)

    assert here.get(f"/accounts/people/{ada.id}/owner/").status_code == 200
    ada.refresh_from_db()
    assert not ada.is_owner

    here.post(f"/accounts/people/{ada.id}/owner/")
    ada.refresh_from_db()
    assert ada.is_owner


def test_people_are_found_by_name_and_by_whole_address(
    olga: Account, ada: Account, clara: Account, browser: Any
) -> None:
    here = browser(olga)

    def found(search: str) -> list[str]:
        page = here.get("/accounts/people/", {"search": search}).content.decode()
        return [name for name in ("ada@club", "clara@elsewhere") if name in page.partition("<tbody>")[2]]

    assert found("lar") == ["clara@elsewhere"]
    assert found("ADA@club.example") == ["ada@club"]
    assert found("@club") == []


def test_for_all_others_there_is_no_such_page(olga: Account, ada: Account, browser: Any) -> None:
    here = browser(ada)

    assert here.get("/accounts/people/").status_code == 404
    assert here.post(f"/accounts/people/{ada.id}/opening/", {"may": "yes"}).status_code == 404
    assert here.post(f"/accounts/people/{ada.id}/owner/").status_code == 404
    assert here.get("/accounts/installation/health/").status_code == 404
    ada.refresh_from_db()
    assert ada.roles == []


def test_a_role_that_is_gone_does_not_act_for_the_rest_of_its_token(
    olga: Account, ada: Account, browser: Any, api_for: Any
) -> None:
    api = api_for(olga)
    Account.objects.filter(id=olga.id).update(is_owner=False)

    assert api.get("/api/v1/users/accounts").status_code == 404
    assert api.put(f"/api/v1/users/accounts/{ada.id}/opening").status_code == 404


def test_disabling_by_command_and_back(olga: Account, ada: Account) -> None:
    call_command("disable_account", ada.email, stdout=io.StringIO())
    assert sign_in(Client()).headers["Location"] == "/accounts/inactive/"

    call_command("disable_account", ada.email, "--undo", stdout=io.StringIO())
    assert sign_in(Client()).headers["Location"] == "/"

    with pytest.raises(CommandError, match=r"."):
        call_command("disable_account", olga.email)
    with pytest.raises(CommandError):
        call_command("disable_account", "nobody@club.example")


def test_the_only_owner_stays(olga: Account) -> None:
    with pytest.raises(LastOwner):
        disable(account_id=olga.id, client=CLIENT_INFO, at=NOW)


def test_an_owner_sees_which_periodic_jobs_do_not_run(olga: Account, browser: Any) -> None:
    now = timezone.now()
    register(JOBS, at=now)
    record_start("send_due_emails", at=now)
    record_end("send_due_emails", at=now, error="OSError: no mail server")

    page = browser(olga).get("/accounts/installation/health/").content.decode()

    rows = dict(re.findall(r'<th scope="row"><code>(\w+)</code></th>(.*?)</tr>', page, re.DOTALL))
    assert set(rows) == JOBS
    assert "OSError: no mail server" in rows["send_due_emails"]
    assert "badge danger" in rows["send_due_emails"]
    assert "badge neutral" in rows["prune_events"]
    # The browser loads the fragments of the other services.
    for path in ("/cohorts/health/", "/notifications/health/"):
        assert f'hx-get="{path}"' in page
        assert f'href="{path}"' in page


def test_where_no_scheduler_ever_ran_every_job_is_red(olga: Account, browser: Any) -> None:
    page = browser(olga).get("/accounts/installation/health/").content.decode()
    assert page.count("badge danger") == len(JOBS)
    assert "badge success" not in page
