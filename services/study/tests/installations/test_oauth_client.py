"""The App's OAuth client reaches users once, and again after each rotation, whenever users answers."""

from __future__ import annotations

import pytest

from chassis.testing.github import CLIENT_SECRET
from study.installations.models import GitHubApp
from study.installations.tasks import send_oauth_client

pytestmark = pytest.mark.django_db


def test_it_is_sent_once_users_is_back(connected, peers, capsys):
    peers.answer = 503
    send_oauth_client()
    assert GitHubApp.objects.get().client_sent_at is None
    peers.answer = 204

    for _ in range(3):
        send_oauth_client()

    (path, body), *more = peers.received
    assert (path, more) == ("/internal/github/oauth-client", [])
    assert (body["client_id"], body["client_secret"]) == ("Iv1.client", CLIENT_SECRET)
    assert CLIENT_SECRET not in capsys.readouterr().out


def test_a_rotation_is_sent_again(connected, peers, owner):
    peers.answer = 204
    send_oauth_client()

    owner.post("/cohorts/github/credentials/", {"client_secret": "rotated"})
    send_oauth_client()

    secrets = [body["client_secret"] for _path, body in peers.received]
    times = [body["changed_at"] for _path, body in peers.received]
    assert secrets == [CLIENT_SECRET, "rotated"]
    assert times[0] < times[1]


def test_without_an_app_nothing_is_sent(peers):
    send_oauth_client()

    assert peers.received == []
