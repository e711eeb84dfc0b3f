"""Installations and their repositories by delivery and polling; tokens; what is left after removal."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from chassis.testing.github import APP_ID, installation, repository
from study.github.client import client
from study.github.models import Repository, WebhookDelivery
from study.installations.actions import app, installations
from study.installations.client import AppClient
from study.installations.models import GitHubApp, Installation
from study.installations.tasks import sync_installations
from study.submissions.models import Submission
from tests.conftest import ADA, BORIS, CLARA, OLGA
from tests.github.payloads import fixture, make_mission, pull_request
from tests.installations.conftest import PEM

pytestmark = pytest.mark.django_db
ASSIGNMENT = repository(501, "club/assignment-1")


def text(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.fixture
def mission(club):
    return make_mission(club)


@pytest.fixture
def installed(connected, mission):
    """The App is installed on the organization of the mission's repository."""
    owner = mission.repository.partition("/")[0]
    connected.install(77, owner.upper(), repository(501, mission.repository))
    sync_installations()
    return connected


class TestDeliveries:
    def test_an_installation_and_its_repositories_are_saved(self, connected, send):
        made = {"action": "created", "installation": installation(77, "Club"), "repositories": [ASSIGNMENT]}

        assert send("installation", made).json() == {"results": []}
        changed = {
            "installation": installation(77, "Club"),
            "repositories_added": [repository(502, "Club/B")],
        }
        send("installation_repositories", {"action": "added", **changed})

        row = Installation.objects.get()
        assert (row.id, row.account_login, row.is_active) == (77, "club", True)
        assert list(row.repositories.order_by("github_id").values_list("name", flat=True)) == [
            "club/assignment-1",
            "club/b",
        ]

        removed = {"installation": installation(77, "Club"), "repositories_removed": [ASSIGNMENT]}
        send("installation_repositories", {"action": "removed", **removed})

        assert [found.name for found in row.repositories.all()] == ["club/b"]

    def test_seconds_since_1970_are_a_time_too(self, connected, send):
        data = installation(77, "Club", updated_at=1763600000)

        assert send("installation", {"action": "created", "installation": data}).status_code == 200

    def test_an_older_delivery_does_not_undo_a_newer_one(self, connected, send):
        suspended = installation(
            77, "Club", suspended_at="2026-11-21T00:00:00Z", updated_at="2026-11-21T00:00:00Z"
        )

        send("installation", {"action": "suspend", "installation": suspended})
        send("installation", {"action": "created", "installation": installation(77, "Club")})

        assert Installation.objects.get().suspended_at is not None

    def test_deletion_before_creation_stays(self, connected, send):
        for action in ("deleted", "created"):
            send("installation", {"action": action, "installation": installation(77, "Club")})

        assert Installation.objects.get().deleted_at is not None

    @pytest.mark.parametrize("secret", ["wrong", ""])
    def test_a_wrong_signature_is_refused(self, connected, send, secret):
        payload = {"action": "created", "installation": installation(77, "Club")}

        assert send("installation", payload, secret=secret).status_code == 401
        assert not Installation.objects.exists()

    def test_without_an_app_there_is_no_address(self, send):
        assert send("ping", {}).status_code == 404

    def test_what_github_does_not_send_is_said(self, connected, send):
        assert send("installation", {"action": "created"}).status_code == 422


class TestPullRequests:
    def test_a_delivery_reaches_every_running_cohort_that_watches_the_repository(
        self, club, connected, mission, send
    ):
        data = mission.github_repository
        Repository.objects.create(cohort=club.other, name=data.name)

        results = send("pull_request", pull_request(), delivery="d-1").json()["results"]

        assert len(results) == 2
        assert [result["repeated"] for result in results] == [False, False]
        assert set(WebhookDelivery.objects.values_list("cohort_id", flat=True)) == {
            club.cohort.id,
            club.other.id,
        }
        assert Submission.objects.count() == 1

    def test_a_delivery_sent_again_has_no_effect(self, connected, mission, send):
        for repeated in (False, True, True):
            results = send("pull_request", pull_request(), delivery="d-1").json()["results"]
            assert [result["repeated"] for result in results] == [repeated]

        assert WebhookDelivery.objects.count() == Submission.objects.count() == 1

    def test_a_closed_cohort_and_an_unknown_repository_receive_nothing(self, club, connected, mission, send):
        club.cohort.closed_at = timezone.now()
        club.cohort.save(update_fields=["closed_at"])

        assert send("pull_request", pull_request()).json() == {"results": []}
        assert not WebhookDelivery.objects.exists()

    def test_personal_repositories_are_found_by_their_pattern(self, club, connected, send):
        Repository.objects.create(cohort=club.other, name="ceos-developers/*")
        Repository.objects.create(cohort=club.cohort, name="ceos-dev/*")

        assert len(send("pull_request", pull_request()).json()["results"]) == 1

    def test_operators_see_the_deliveries(self, club, connected, mission, send, as_principal):
        send("pull_request", pull_request(), delivery="delivery-by-the-app")

        assert "delivery-by-the-app" in text(as_principal(OLGA).get(f"/cohorts/{club.cohort.id}/hook/"))

    def test_a_ping_is_answered(self, connected, send):
        assert send("ping", fixture("ping")).json() == {"results": []}


class TestReturningFromGitHub:
    def test_an_operator_comes_back_to_the_cohort_with_its_repositories(self, club, connected, as_principal):
        connected.install(77, "Club", ASSIGNMENT)
        olga = as_principal(OLGA)
        page = text(olga.get(f"/cohorts/{club.cohort.id}/hook/app/"))
        assert f"https://github.com/apps/seodang-club/installations/new?state={club.cohort.id}" in page

        answer = olga.get(
            "/cohorts/github/installed/",
            {"installation_id": "77", "setup_action": "install", "state": str(club.cohort.id)},
            follow=True,
        )

        assert answer.redirect_chain[-1][0] == f"/cohorts/{club.cohort.id}/hook/app/"
        assert "club/assignment-1" in text(answer)

    def test_a_missions_form_offers_the_repositories(self, club, installed, mission, as_principal):
        page = text(as_principal(OLGA).get(f"/cohorts/{club.cohort.id}/missions/new/"))

        assert f'<option value="{mission.repository}">' in page

    @pytest.mark.parametrize("number", ["78", "-1", "x", "9" * 30, ""])
    def test_an_installation_of_another_app_is_not_saved(self, club, connected, as_principal, number):
        connected.install(77, "Club", ASSIGNMENT)

        as_principal(OLGA).get("/cohorts/github/installed/", {"installation_id": number, "state": "x"})

        assert not Installation.objects.exists()

    @pytest.mark.parametrize("who", [ADA, BORIS, CLARA])
    def test_the_cohorts_page_is_its_operators(self, club, as_principal, who):
        assert as_principal(who).get(f"/cohorts/{club.cohort.id}/hook/app/").status_code == 404


class TestDeliveriesDuringASync:
    def test_an_installation_that_is_made_or_removed_meanwhile_stays_so(self, connected, send):
        connected.install(77, "Club", ASSIGNMENT)
        sync_installations()

        class Slow(AppClient):
            def list_installations(self):
                found = super().list_installations()
                send("installation", {"action": "deleted", "installation": installation(77, "Club")})
                send("installation", {"action": "created", "installation": installation(78, "Other")})
                return found

        github = Slow(connected.url, app_id=APP_ID, private_key=PEM)
        installations.sync_installations(github=github, at=timezone.now())

        states = {row.id: row.deleted_at is None for row in Installation.objects.all()}
        assert states == {77: False, 78: True}

    def test_a_repository_that_is_added_or_removed_meanwhile_stays_so(self, connected, send):
        kept, gone = repository(502, "club/kept"), repository(503, "club/gone")
        connected.install(77, "Club", ASSIGNMENT, kept, gone)
        sync_installations()
        new, added = repository(504, "club/new"), repository(505, "club/added")
        connected.repositories[77] = [ASSIGNMENT, repository(502, "club/renamed"), new]

        class Slow(AppClient):
            def list_granted_repositories(self, installation_id):
                found = super().list_granted_repositories(installation_id)
                changed = {
                    "installation": installation(77, "Club"),
                    "repositories_added": [added],
                    "repositories_removed": [ASSIGNMENT],
                }
                send("installation_repositories", {"action": "added", **changed})
                return found

        github = Slow(connected.url, app_id=APP_ID, private_key=PEM)
        installations.sync_repositories(installation_id=77, github=github, at=timezone.now())

        names = Installation.objects.get().repositories.order_by("name").values_list("name", flat=True)
        assert list(names) == ["club/added", "club/new", "club/renamed"]

    def test_an_error_with_the_key_before_says_nothing_of_the_new_one(self, connected, owner):
        before = GitHubApp.objects.get().private_key
        owner.post("/cohorts/github/credentials/", {"private_key": PEM})

        app.record_rejection(private_key=before, at=timezone.now())

        assert GitHubApp.objects.get().refused_at is None


class TestTokens:
    def test_a_repository_is_read_with_its_installations_token(self, installed, mission):
        path = f"/repos/{mission.repository}/pulls/3"
        installed.answers[path] = pull_request()["pull_request"]

        for _ in range(3):
            client().get_pull_request(mission.repository, 3)

        assert installed.count("POST", "/app/installations/77/access_tokens") == 1
        used = {token for _method, asked, token in installed.asked if asked == path}
        assert used == {token for token, number in installed.tokens.items() if number == 77}

    def test_another_owners_repository_is_read_with_the_personal_token(self, installed):
        installed.answers["/repos/else/where/pulls/3"] = pull_request()["pull_request"]

        client().get_pull_request("else/where", 3)

        assert installed.asked[-1][2] == "a-personal-token"

    def test_a_token_is_renewed_before_it_expires(self, installed, mission):
        installed.answers[f"/repos/{mission.repository}/pulls/3"] = pull_request()["pull_request"]
        installed.token_lifetime = timedelta(minutes=4)
        from study.installations import client as clients

        clients._tokens.clear()
        before = installed.count("POST", "/app/installations/77/access_tokens")

        client().get_pull_request(mission.repository, 3)
        client().get_pull_request(mission.repository, 3)

        assert installed.count("POST", "/app/installations/77/access_tokens") == before + 2

    def test_a_revoked_token_is_replaced_at_once(self, installed, mission):
        installed.answers[f"/repos/{mission.repository}/pulls/3"] = pull_request()["pull_request"]
        client().get_pull_request(mission.repository, 3)
        installed.tokens.clear()

        assert client().get_pull_request(mission.repository, 3).body is not None

    def test_a_sync_replaces_a_revoked_token_and_the_app_stays_accepted(self, installed):
        installed.tokens.clear()
        Installation.objects.update(polled_at=None)

        sync_installations()

        assert GitHubApp.objects.get().refused_at is None
        assert installed.count("GET", "/installation/repositories") == 3

    def test_a_token_refused_again_stops_neither_the_app_nor_other_installations(
        self, installed, monkeypatch
    ):
        installed.install(78, "Other", repository(502, "other/one"))
        Installation.objects.update(polled_at=None)
        find = installed.installation_of
        monkeypatch.setattr(
            installed, "installation_of", lambda token: None if find(token) == 77 else find(token)
        )

        sync_installations()

        assert [path for path, _token in installed.unauthorized] == ["/installation/repositories"] * 2
        assert GitHubApp.objects.get().refused_at is None
        assert [row.name for row in Installation.objects.get(id=78).repositories.all()] == ["other/one"]
        assert Installation.objects.get(id=77).repositories.exists()

    def test_an_expired_token_is_refused_and_replaced(self, installed, mission):
        installed.answers[f"/repos/{mission.repository}/pulls/3"] = pull_request()["pull_request"]
        client().get_pull_request(mission.repository, 3)
        installed.elapsed = timedelta(hours=1)

        assert client().get_pull_request(mission.repository, 3).body is not None
        assert [path for path, _token in installed.unauthorized] == [f"/repos/{mission.repository}/pulls/3"]

    def test_an_organization_with_all_repositories_needs_no_list(self, connected):
        connected.install(77, "Club", repository_selection="all")
        sync_installations()
        connected.answers["/repos/club/new/pulls/3"] = pull_request()["pull_request"]

        client().get_pull_request("club/new", 3)

        assert connected.asked[-1][2] in connected.tokens


class TestRemoval:
    def test_operators_see_it_and_polling_goes_on_with_the_personal_token(
        self, club, installed, mission, as_principal
    ):
        installed.remove(77)

        sync_installations()

        assert Installation.objects.get().deleted_at is not None
        for path in (f"/cohorts/{club.cohort.id}/", f"/cohorts/{club.cohort.id}/hook/app/"):
            assert "GitHub에서 앱이 제거됐어요" in text(as_principal(OLGA).get(path))
        assert "앱이 제거됐어요" not in text(as_principal(CLARA).get(f"/cohorts/{club.other.id}/"))
        installed.answers[f"/repos/{mission.repository}/pulls/3"] = pull_request()["pull_request"]
        client().get_pull_request(mission.repository, 3)
        assert installed.asked[-1][2] == "a-personal-token"

    def test_removed_between_two_syncs_is_no_error(self, installed, mission):
        installed.answers[f"/repos/{mission.repository}/pulls/3"] = pull_request()["pull_request"]
        installed.remove(77)

        assert client().get_pull_request(mission.repository, 3).body is not None
        assert installed.asked[-1][2] == "a-personal-token"

    def test_installed_again_ends_the_notice(self, club, installed, mission, as_principal):
        owner = mission.repository.partition("/")[0]
        installed.remove(77)
        sync_installations()
        installed.install(78, owner, repository(501, mission.repository))

        sync_installations()

        assert "제거됐어요" not in text(as_principal(OLGA).get(f"/cohorts/{club.cohort.id}/"))

    def test_a_suspended_installation_is_said(self, club, installed, as_principal):
        installed.installations[77] |= {
            "suspended_at": "2026-11-23T00:00:00Z",
            "updated_at": "2026-11-23T00:00:00Z",
        }

        sync_installations()

        assert "앱이 일시 중지됐어요" in text(as_principal(OLGA).get(f"/cohorts/{club.cohort.id}/"))

    def test_a_deleted_app_is_said_to_the_owner_and_comes_back_with_a_key(
        self, club, installed, owner, as_principal
    ):
        key, installed.key = installed.key, None

        sync_installations()

        assert GitHubApp.objects.get().refused_at is not None
        assert Installation.objects.get().is_active
        for answer in (
            owner.get("/cohorts/github/"),
            as_principal(OLGA).get(f"/cohorts/{club.cohort.id}/hook/app/"),
        ):
            assert "GitHub이 더는 앱을 받아들이지 않아요" in text(answer)
        installed.key = key
        sync_installations()
        assert GitHubApp.objects.get().refused_at is None

    def test_a_github_that_does_not_answer_changes_nothing(self, installed, settings):
        settings.GITHUB_API_URL = "http://127.0.0.1:1"

        sync_installations()

        assert Installation.objects.get().is_active
        assert GitHubApp.objects.get().refused_at is None
