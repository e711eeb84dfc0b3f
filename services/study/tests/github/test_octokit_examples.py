"""Every payload that GitHub gives as an example is understood, or left alone; none is refused."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from chassis.account_mirror.models import AccountMirror
from study.github.models import PullRequest, TimelineEvent, WebhookDelivery
from study.submissions.models import Submission
from tests.conftest import ADA
from tests.github.payloads import make_mission

FOLDER = os.environ.get("OCTOKIT_EXAMPLES", "")

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        not FOLDER,
        reason="OCTOKIT_EXAMPLES does not name the folder of @octokit/webhooks-examples with an index.json",
    ),
]


def examples() -> list[tuple[str, dict[str, Any]]]:
    index = json.loads((Path(FOLDER) / "index.json").read_text())
    return [(event["name"], payload) for event in index for payload in event["examples"]]


def test_every_example_is_answered_with_2xx(send, webhook):
    refused = [
        (event, payload.get("action"), answer.json())
        for event, payload in examples()
        if (answer := send(event, payload)).status_code != 200
    ]

    assert refused == []
    assert WebhookDelivery.objects.count() == len(examples()) > 300


def test_every_example_is_answered_with_2xx_where_its_repository_is_a_missions(send, webhook, club):
    repositories = {
        name.lower()
        for _, payload in examples()
        if isinstance(name := (payload.get("repository") or {}).get("full_name"), str)
    }
    for name in repositories:
        make_mission(club, repository=name)
    AccountMirror.objects.filter(account_id=ADA).update(github_id=21031067)

    outcomes: dict[str, set[str]] = {}
    for event, payload in examples():
        answer = send(event, payload)
        assert answer.status_code == 200, (event, payload.get("action"), answer.json())
        outcomes.setdefault(event, set()).add(answer.json()["outcome"])

    assert "submitted" in outcomes["pull_request"]
    assert outcomes["push"] == outcomes["issues"] == {"ignored"}
    assert outcomes["ping"] == {"ping"}
    assert Submission.objects.exists()
    assert PullRequest.objects.exists()
    assert TimelineEvent.objects.exists()


@pytest.mark.parametrize("example", range(4))
def test_an_example_is_refused_once_its_signature_is_not_ours(send, webhook, example):
    event, payload = examples()[example * 80]

    assert send(event, payload, secret="another").status_code == 401
    assert not WebhookDelivery.objects.exists()
