"""Creating repositories needs a permission that the App asks for only then."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.testing.github import installation, repository
from study.github.models import Repository
from study.installations.models import Installation
from study.installations.rules.manifest import PERMISSIONS
from study.installations.tasks import sync_installations
from study.repositories.models import CreationState, RepositoryCreation
from study.repositories.tasks import create_repositories
from tests.conftest import OLGA

pytestmark = pytest.mark.django_db
OWNER = "ceos-developers"
TEMPLATE = f"{OWNER}/template"
PAGE = f"https://github.com/organizations/{OWNER}/settings/installations/77"
WRITE = {"administration": "write", "contents": "read"}


@pytest.fixture
def pattern(club, connected, settings):
    """The App is installed in the pattern's organization, without the permission."""
    settings.GITHUB_TOKEN = ""
    connected.install(77, OWNER, repository(501, TEMPLATE), html_url=PAGE, permissions={"contents": "read"})
    sync_installations()
    connected.answers[f"/repos/{TEMPLATE}"] = {"id": 501, "full_name": TEMPLATE, "is_template": True}
    return Repository.objects.create(cohort=club.cohort, name=f"{OWNER}/*")


@pytest.fixture
def path(pattern):
    return f"/cohorts/{pattern.cohort_id}/repositories/patterns/{pattern.id}/"


def text(answer: Any) -> str:
    return str(answer.content.decode())


def grant(server: Any, send: Any) -> None:
    server.installations[77] |= {"permissions": WRITE, "updated_at": "2026-11-21T00:00:00Z"}
    payload = {"action": "new_permissions_accepted", "installation": server.installations[77]}
    assert send("installation", payload).status_code == 200


def start(olga: Any, path: str) -> str:
    typed = {"template": TEMPLATE, "prefix": "week-", "part_id": ""}
    form = olga.post(path, typed).context["form"]
    return str(olga.post(path, typed | {"seen": form.digest})["Location"])


def test_the_manifest_does_not_ask_for_it():
    assert "administration" not in PERMISSIONS


def test_it_is_said_before_with_where_it_is_granted(connected, send, path, as_principal):
    olga = as_principal(OLGA)
    page = text(olga.get(path))
    assert PAGE in page
    assert "https://github.com/apps/seodang-club" in page

    grant(connected, send)

    assert PAGE not in text(olga.get(path))


def test_it_is_said_after_github_refused_and_once_granted_the_next_try_succeeds(
    connected, send, path, as_principal
):
    olga = as_principal(OLGA)
    run = start(olga, path)
    # The server knows no such path: GitHub answers 404 without the permission, too.
    create_repositories()
    assert RepositoryCreation.objects.get().error_code == "owner_refused"
    assert PAGE in text(olga.get(run))

    grant(connected, send)
    name = RepositoryCreation.objects.get().name
    connected.answers[f"/repos/{TEMPLATE}/generate"] = {"id": 502, "full_name": name}
    connected.answers[f"/repos/{name}/collaborators/ada-codes"] = {}
    olga.post(f"{run}retry/")
    create_repositories()

    creation = RepositoryCreation.objects.get()
    assert (creation.error_message, creation.state) == ("", CreationState.DONE)
    asked = [token for method, asked, token in connected.asked if asked == f"/repos/{TEMPLATE}/generate"]
    # A token keeps the permissions that it was made with.
    assert len(set(asked)) == len(asked) == 2
    assert PAGE not in text(olga.get(run))


def test_with_a_personal_token_the_app_needs_none(path, as_principal, settings):
    settings.GITHUB_TOKEN = "a-personal-token"

    assert PAGE not in text(as_principal(OLGA).get(path))


def test_one_of_the_release_before_is_completed_by_the_next_poll(connected, pattern, path, as_principal):
    Installation.objects.update(can_create_repositories=None, html_url="")
    assert "Administration" not in text(as_principal(OLGA).get(path))

    sync_installations()

    assert PAGE in text(as_principal(OLGA).get(path))


def test_an_older_delivery_changes_nothing(connected, send, pattern, path, as_principal):
    grant(connected, send)
    old = installation(77, OWNER, html_url=PAGE, permissions={"contents": "read"})

    send("installation", {"action": "created", "installation": old})

    assert PAGE not in text(as_principal(OLGA).get(path))
