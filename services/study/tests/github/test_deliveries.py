"""GitHub's deliveries: believed if signed, applied once, refused without a trace."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import uuid
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from study.github.actions.webhooks import rotate_secret
from study.github.models import PullRequest, TimelineEvent, Webhook, WebhookDelivery
from study.submissions.models import Attempt, Submission
from tests.conftest import ADA, BORIS, OLGA, mission_page
from tests.github.conftest import signature
from tests.github.payloads import ADA_ON_GITHUB, fixture, make_mission, pull_request, push

pytestmark = pytest.mark.django_db


def nothing_was_written() -> bool:
    return not any(
        table.objects.exists() for table in (WebhookDelivery, PullRequest, Submission, TimelineEvent, Attempt)
    )


def test_a_members_pull_request_becomes_their_submission_by_itself(mission, send, club, published):
    # A delivery is dated by the server's clock, whatever the tests' NOW is.
    mission.due_at = timezone.now() + timedelta(days=1)
    mission.save()

    answer = send("pull_request", pull_request(), delivery="first")

    assert (answer.status_code, answer.json()) == (200, {"outcome": "submitted", "repeated": False})
    submission = Submission.objects.get()
    assert (submission.membership, submission.account_id, submission.mission) == (club.ada, ADA, mission)
    assert (submission.state, submission.awaits_review, submission.attempts_count) == ("waiting", True, 1)
    assert submission.pull_request
    assert submission.pull_request.head_repository == "ada-codes/django-vote-15th"
    attempt = submission.attempts.get()
    assert (attempt.number, attempt.head_sha, attempt.source) == (1, "a" * 40, "webhook")
    assert (attempt.due_at, attempt.late_seconds) == (mission.due_at, 0)
    (received,) = published("study.submission_received.v1")
    assert received["recipients"] == [str(ADA)]
    assert (received["attempt"], received["member_name"], received["late"]) == (1, "Ada", False)
    delivery = WebhookDelivery.objects.get()
    assert (delivery.delivery_id, delivery.event_type, delivery.action) == ("first", "pull_request", "opened")
    assert delivery.outcome == "submitted"


def test_the_mentor_who_reviews_it_hears_of_new_commits(mission, send, published):
    send("pull_request", pull_request())
    Submission.objects.update(mentor_id=BORIS)

    send("pull_request", push("a" * 40, "b" * 40, at=5))

    assert published("study.submission_received.v1")[-1]["recipients"] == [str(ADA), str(BORIS)]


def test_a_delivery_may_come_as_a_form(mission, send):
    body = urlencode({"payload": json.dumps(pull_request())}).encode()

    answer = send("pull_request", body, content_type="application/x-www-form-urlencoded")

    assert answer.json()["outcome"] == "submitted"
    assert Submission.objects.count() == 1


def test_a_redelivery_changes_nothing_and_is_answered_well(mission, send, published):
    send("pull_request", pull_request(), delivery="same")
    before = (
        list(Submission.objects.values()),
        list(TimelineEvent.objects.values()),
        list(PullRequest.objects.values()),
    )

    answer = send("pull_request", push("a" * 40, "b" * 40, at=9), delivery="same")

    assert (answer.status_code, answer.json()) == (200, {"outcome": "submitted", "repeated": True})
    after = (
        list(Submission.objects.values()),
        list(TimelineEvent.objects.values()),
        list(PullRequest.objects.values()),
    )
    assert after == before
    assert WebhookDelivery.objects.count() == len(published("study.submission_received.v1")) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Hub-Signature-256": None},
        {"X-Hub-Signature-256": ""},
        {"X-Hub-Signature-256": "sha256=" + "0" * 64},
        {"X-Hub-Signature-256": "sha256=ä"},
        {"X-Hub-Signature-256": None, "X-Hub-Signature": "sha1=" + "0" * 40},
    ],
    ids=["missing", "empty", "wrong", "no-hex", "sha1-only"],
)
def test_what_is_not_signed_is_refused_and_leaves_no_row(mission, send, headers):
    answer = send("pull_request", pull_request(), headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert nothing_was_written()


def test_a_right_sha1_signature_is_not_enough(mission, send, webhook):
    body = json.dumps(pull_request()).encode()
    sha1 = hmac.new(webhook.secret.encode(), body, hashlib.sha1).hexdigest()

    answer = send(
        "pull_request", body, headers={"X-Hub-Signature-256": None, "X-Hub-Signature": f"sha1={sha1}"}
    )

    assert answer.status_code == 401
    assert nothing_was_written()


def test_the_signature_is_of_the_body_to_the_byte(mission, send, webhook):
    signed = signature(json.dumps(pull_request()).encode(), webhook.secret)

    answer = send(
        "pull_request", json.dumps(pull_request()).encode() + b" ", headers={"X-Hub-Signature-256": signed}
    )

    assert answer.status_code == 401


def test_a_body_that_is_not_signed_is_not_even_parsed(mission, send):
    answer = send("pull_request", b"{", headers={"X-Hub-Signature-256": "sha256=" + "0" * 64})

    assert answer.status_code == 401


def test_both_secrets_are_good_for_a_day_after_a_change(mission, send, webhook):
    now = timezone.now()
    new = rotate_secret(webhook=webhook.webhook, at=now - timedelta(hours=23), by=OLGA)

    assert send("ping", fixture("ping")).status_code == 200
    assert send("ping", fixture("ping"), secret=new.secret).status_code == 200

    Webhook.objects.update(previous_secret_expires_at=now - timedelta(seconds=1))
    assert send("ping", fixture("ping")).status_code == 401
    assert send("ping", fixture("ping"), secret=new.secret).status_code == 200


def test_another_cohorts_secret_opens_nothing(mission, send, club):
    other = Webhook.objects.create(
        cohort=club.other, secret=Webhook.objects.get().secret, created_at=timezone.now()
    )
    rotate_secret(webhook=other, at=timezone.now() - timedelta(days=2), by=OLGA)

    assert send("pull_request", pull_request(), webhook_id=other.id).status_code == 401
    assert nothing_was_written()


def test_an_unknown_webhook_is_not_there(mission, send):
    answer = send("pull_request", pull_request(), webhook_id=uuid.uuid4())

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert nothing_was_written()


def test_a_webhook_only_takes_posts(webhook):
    assert Client().get(f"/hooks/github/{webhook.webhook.id}").status_code == 405


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data; boundary=x", "application/xml", ""])
def test_another_content_type_is_refused(mission, send, kind):
    assert send("pull_request", pull_request(), content_type=kind).status_code == 415
    assert nothing_was_written()


@pytest.mark.parametrize(
    "headers",
    [
        {"X-GitHub-Event": None},
        {"X-GitHub-Delivery": None},
        {"X-GitHub-Delivery": "x" * 65},
        {"X-GitHub-Delivery": "a b"},
        {"X-GitHub-Event": "pull request"},
        {"X-GitHub-Event": "p" * 65},
    ],
)
def test_a_delivery_without_githubs_headers_is_refused(mission, send, headers):
    assert send("pull_request", pull_request(), headers=headers).status_code == 400
    assert nothing_was_written()


def test_a_large_delivery_is_read_whole_here_and_nowhere_else(mission, send, as_principal):
    payload = pull_request()
    payload["installation"] = {"note": "x" * (6 * 1024 * 1024)}

    assert send("pull_request", payload).json()["outcome"] == "submitted"
    too_much = as_principal(ADA).post(f"{mission_page(mission)}submit/", {"link": "x" * (3 * 1024 * 1024)})
    assert too_much.status_code == 413


def test_more_than_25_mib_is_refused(mission, send):
    answer = send("pull_request", b" " * (25 * 1024 * 1024 + 1))

    assert answer.status_code == 413
    assert nothing_was_written()


def test_a_ping_is_noted(send, webhook):
    answer = send("ping", fixture("ping"))

    assert answer.json()["outcome"] == "ping"
    pinged_at = Webhook.objects.get().last_ping_at
    assert pinged_at is not None
    assert timezone.now() - pinged_at < timedelta(minutes=1)


@pytest.mark.parametrize("event", ["push", "issues", "a_later_invention", "star"])
def test_what_means_nothing_to_us_is_answered_well_and_ignored(mission, send, event):
    answer = send(event, {"ref": "refs/heads/main", "repository": {"created_at": 1}})

    assert (answer.status_code, answer.json()["outcome"]) == (200, "ignored")
    assert WebhookDelivery.objects.get().outcome == "ignored"
    assert not PullRequest.objects.exists()


NOISE = bytes(range(256)) * 4096
DEEP = b'{"action":"opened","pull_request":' + b"[" * 100_000 + b"]" * 100_000 + b"}"


@pytest.mark.parametrize(
    "body",
    [
        NOISE,
        b"",
        b"{",
        json.dumps(pull_request()).encode()[:-20],
        b"\xff\xfe",
        b"\x00",
        b"null",
        b"[]",
        b'"text"',
        b"1e999",
        b"NaN",
        b"9" * 5000,
        DEEP,
        b'{"action": "completed"}',
        b'{"action": "completed", "pull_request": [], "review": 1, "check_suite": "x", "check_run": []}',
    ],
    ids=lambda body: repr(body[:12]),
)
@pytest.mark.parametrize("event", ["pull_request", "pull_request_review", "check_suite", "check_run"])
def test_garbage_with_a_right_signature_is_refused_and_leaves_no_row(mission, send, body, event):
    assert send(event, body).status_code in {400, 415, 422}
    assert nothing_was_written()


@pytest.mark.parametrize("body", [b"payload", b"payload=", b"other=%7B%7D", b"payload=%FF", b"&" * 100])
def test_a_form_without_a_payload_is_refused(mission, send, body):
    answer = send("pull_request", body, content_type="application/x-www-form-urlencoded")

    assert answer.status_code == 400
    assert nothing_was_written()


WRONG = [
    ("number", "42"),
    ("number", -1),
    ("number", True),
    ("number", 2**40),
    ("number", 4.5),
    ("id", None),
    ("id", 2**70),
    ("title", ["a"]),
    ("title", "a\x00b"),
    ("title", "\ud83d"),
    ("html_url", "javascript:alert(1)"),
    ("html_url", None),
    ("state", "half-open"),
    ("draft", "no"),
    ("user", "ada"),
    ("user", {"id": "101", "login": "ada-codes"}),
    ("user", {"id": 101, "login": "a\x00"}),
    ("head", None),
    ("head", {"ref": "x", "sha": "zz"}),
    ("head", {"ref": "x", "sha": 5}),
    ("base", []),
    ("created_at", 1573000000),
    ("created_at", "yesterday"),
    ("updated_at", "2026-02-30T00:00:00Z"),
    ("updated_at", "2026-02-20T00:00:00"),
    ("updated_at", "0000-01-01T00:00:00Z"),
    ("merged_at", {}),
    ("requested_reviewers", {"login": "x"}),
]


@pytest.mark.parametrize(("field", "value"), WRONG, ids=[f"{name}={value!r:.24}" for name, value in WRONG])
def test_a_field_of_another_type_is_refused_with_its_place(mission, send, field, value):
    answer = send("pull_request", pull_request(**{field: value}) if field != "number" else _numbered(value))

    assert (answer.status_code, answer.json()["code"]) == (422, "bad_payload")
    assert f"payload.pull_request.{field}" in answer.json()["title"]
    assert nothing_was_written()


def _numbered(value):
    payload = pull_request()
    payload["pull_request"]["number"] = value
    return payload


@pytest.mark.parametrize("repository", ["no-slash", "a/b/c", "../..", "a" * 100 + "/" + "b" * 100, "a/ b"])
def test_a_repository_that_cannot_be_is_refused(mission, send, repository):
    assert send("pull_request", pull_request(repository=repository)).status_code == 422
    assert nothing_was_written()


def test_a_delivery_that_fails_half_way_leaves_no_row(mission, send):
    # The outside world that fails here is the database, at the last statement of the delivery.
    from django.db import DatabaseError

    def refuse(execute, sql, params, many, context):
        if "github_webhookdelivery" in sql and sql.startswith("UPDATE"):
            raise DatabaseError("gone")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse), pytest.raises(DatabaseError):
        send("pull_request", pull_request())

    assert nothing_was_written()


def test_a_delivery_that_loses_a_deadlock_is_processed_again(mission, send):
    deadlocks = [OperationalError(1213, "Deadlock found when trying to get lock")]

    def lose(execute, sql, params, many, context):
        if deadlocks and "github_webhookdelivery" in sql and sql.startswith("UPDATE"):
            raise deadlocks.pop()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(lose):
        answer = send("pull_request", pull_request())

    assert (answer.status_code, answer.json()["repeated"], deadlocks) == (200, False, [])
    assert Submission.objects.count() == TimelineEvent.objects.count() == WebhookDelivery.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    connection.vendor == "sqlite",
    reason="an in-memory SQLite has one writer and no row locks; MySQL runs this",
)
@pytest.mark.parametrize("same", [True, False], ids=["same-delivery", "two-deliveries"])
def test_the_same_delivery_at_once_has_one_effect(club, webhook, send, same):
    make_mission(club)
    answers, ready = [], threading.Barrier(4)

    def arrive(number: int) -> None:
        ready.wait(60)
        answers.append(
            send("pull_request", pull_request(), delivery="same" if same else f"delivery-{number}")
        )
        connection.close()

    threads = [threading.Thread(target=arrive, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert [answer.status_code for answer in answers] == [200] * 4
    assert sorted(answer.json()["repeated"] for answer in answers) == [False, *([same] * 3)]
    assert Submission.objects.count() == Attempt.objects.count() == TimelineEvent.objects.count() == 1
    assert WebhookDelivery.objects.count() == (1 if same else 4)


def test_a_delivery_costs_no_more_statements_with_a_longer_timeline(mission, send):
    send("pull_request", pull_request())
    costs = []
    for n in range(1, 7):
        with CaptureQueriesContext(connection) as statements:
            send("pull_request", push(f"{n - 1:x}" * 40, f"{n:x}" * 40, at=n, sender=ADA_ON_GITHUB))
        costs.append(len(statements))

    assert max(costs) == costs[0]


def test_a_secret_encrypted_with_a_lost_key_verifies_nothing(mission, send, settings):
    settings.FIELD_KEYS = ["bG9zdGxvc3Rsb3N0bG9zdGxvc3Rsb3N0bG9zdGxvc3Q="]

    assert send("pull_request", pull_request()).status_code == 401
    assert nothing_was_written()
