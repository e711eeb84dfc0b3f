"""A form or an API call that is sent twice takes effect once, and both get the answer of the first."""

from __future__ import annotations

import threading
from datetime import timedelta
from uuid import UUID

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, OperationalError, connection, transaction
from django.template import Context, Template
from django.test import Client

from chassis.events.models import ProcessedEvent
from chassis.idempotency.models import IdempotencyRecord
from chassis.idempotency.tasks import prune_idempotency_records
from tests import stand_in

ADA = UUID("00000000-0000-4000-8000-00000000ada0")
BORIS = UUID("00000000-0000-4000-8000-0000000b0415")
KEY = "6f0d1a52-6a0c-4a55-8d0f-2b7b5f1f8a11"

pytestmark = pytest.mark.django_db


def send(browser, how, *, key=KEY, **typed):
    return browser.post(f"/making/{how}/", {"idempotency_key": key, "text": "hello", **typed})


def test_the_second_press_lands_on_the_result_of_the_first(as_principal):
    ada = as_principal(ADA)

    first, second = send(ada, "redirect"), send(ada, "redirect")

    assert first["Location"] == second["Location"]
    assert second.status_code == 302
    assert ProcessedEvent.objects.count() == 1


def test_nobody_has_keys_too():
    first, second = send(Client(), "redirect"), send(Client(), "redirect")

    assert first["Location"] == second["Location"]


def test_a_page_that_shows_a_secret_once_shows_it_to_the_second_press(as_principal):
    ada = as_principal(ADA)

    first, second = send(ada, "shown"), send(ada, "shown")

    assert (second.status_code, second.content) == (201, first.content)
    assert second["Cache-Control"] == "private, no-store"
    assert first.content.decode() not in IdempotencyRecord.objects.get().body_encrypted


@pytest.mark.parametrize("how", ["preview", "refused"])
def test_what_had_no_effect_can_be_sent_again(as_principal, how):
    ada = as_principal(ADA)
    before = send(ada, how)

    again = send(ada, how)

    assert again.status_code == before.status_code != 302
    assert not IdempotencyRecord.objects.exists()


def test_a_bug_leaves_nothing_behind_and_can_be_sent_again(as_principal):
    ada = as_principal(ADA)
    ada.raise_request_exception = False

    assert [send(ada, "bug").status_code, send(ada, "bug").status_code] == [500, 500]
    assert not ProcessedEvent.objects.exists()
    assert not IdempotencyRecord.objects.exists()


@pytest.fixture
def deadlocks(monkeypatch):
    """deadlocks(number) lets so many runs lose one, or another error, after they have written."""
    monkeypatch.setattr(stand_in, "committed", [])
    errors: list[Exception] = []
    monkeypatch.setattr(stand_in, "next_errors", errors)
    return lambda times, code=1213: errors.extend(OperationalError(code, "…") for _ in range(times))


def test_a_form_that_loses_deadlocks_is_run_again(
    as_principal, deadlocks, django_capture_on_commit_callbacks
):
    ada = as_principal(ADA)
    deadlocks(2)

    with django_capture_on_commit_callbacks(execute=True):
        first = send(ada, "shown", sheet=SimpleUploadedFile("sheet.csv", b"a,b"))

    event_id = ProcessedEvent.objects.get().event_id
    assert (first.status_code, first.content.decode()) == (201, f"made {event_id} ['a,b']")
    assert [str(message) for message in get_messages(first.wsgi_request)] == [f"made {event_id}"]
    assert stand_in.committed == [event_id]
    second = send(ada, "shown", sheet=SimpleUploadedFile("sheet.csv", b"a,b"))
    assert second.content == first.content
    assert ProcessedEvent.objects.count() == IdempotencyRecord.objects.count() == 1


def test_a_form_that_loses_a_deadlock_may_be_refused_in_the_end(as_principal, deadlocks):
    deadlocks(1)

    assert send(as_principal(ADA), "refused").status_code == 409


def test_an_api_call_that_loses_a_deadlock_is_run_again(api_as, deadlocks):
    ada = api_as(ADA)
    deadlocks(1)

    first = ada.post("/api/rows", {"text": "hello"}, headers={"Idempotency-Key": KEY})
    second = ada.post("/api/rows", {"text": "hello"}, headers={"Idempotency-Key": KEY})

    assert (first.status_code, first.json()["text"]) == (201, "hello")
    assert second.json() == first.json()
    assert ProcessedEvent.objects.count() == IdempotencyRecord.objects.count() == 1


def test_a_key_whose_claim_loses_a_deadlock_is_claimed_again(as_principal, deadlocks, monkeypatch):
    claim, errors = IdempotencyRecord.objects.create, [OperationalError(1213, "…")]

    def create(**fields):
        if errors:
            raise errors.pop()
        return claim(**fields)

    monkeypatch.setattr(IdempotencyRecord.objects, "create", create)

    assert send(as_principal(ADA), "redirect").status_code == 302
    assert not errors


@pytest.mark.parametrize(
    ("code", "key", "runs"),
    [(1213, KEY, 3), (1205, KEY, 1), (1213, "", 1)],
    ids=["always", "other", "no key"],
)
def test_what_is_not_run_again_is_unavailable(as_principal, deadlocks, code, key, runs):
    ada = as_principal(ADA)
    ada.raise_request_exception = False
    deadlocks(4, code)

    assert send(ada, "redirect", key=key).status_code == 503
    assert len(stand_in.next_errors) == 4 - runs
    # Without a key there is no transaction.
    assert ProcessedEvent.objects.count() == (0 if key else 1)
    assert not IdempotencyRecord.objects.exists()


def test_another_text_another_key_another_person_are_other_requests(as_principal):
    ada = as_principal(ADA)
    send(ada, "redirect")

    send(ada, "redirect", text="changed")
    send(ada, "redirect", key="another")
    send(as_principal(BORIS), "redirect")

    assert ProcessedEvent.objects.count() == 4


def test_a_new_csrf_token_does_not_make_another_request(as_principal):
    ada = as_principal(ADA)

    send(ada, "redirect", csrfmiddlewaretoken="one")
    send(ada, "redirect", csrfmiddlewaretoken="two")

    assert ProcessedEvent.objects.count() == 1


def test_a_form_without_a_key_is_taken_as_it_comes(as_principal):
    ada = as_principal(ADA)

    for _ in range(2):
        assert ada.post("/making/redirect/", {"text": "hello"}).status_code == 302
    assert ProcessedEvent.objects.count() == 2


def test_a_forged_form_is_refused_before_its_key_is_claimed(as_principal):
    ada = as_principal(ADA)
    ada.handler.enforce_csrf_checks = True

    assert send(ada, "redirect").status_code == 403
    assert not IdempotencyRecord.objects.exists()


def test_an_api_call_repeats_by_its_header(api_as):
    ada = api_as(ADA)

    first = ada.post("/api/rows", {"text": "hello"}, headers={"Idempotency-Key": KEY})
    second = ada.post("/api/rows", {"text": "hello"}, headers={"Idempotency-Key": KEY})
    other = ada.post("/api/rows", {"text": "changed"}, headers={"Idempotency-Key": KEY})

    assert (second.status_code, second.json()) == (201, first.json())
    assert second["Content-Type"] == first["Content-Type"]
    assert (other.status_code, other["Content-Type"]) == (422, "application/problem+json")
    assert other.json()["code"] == "idempotency_key_reused"
    assert ProcessedEvent.objects.count() == 1


def test_an_api_call_with_a_bad_token_claims_nothing(api_as):
    nobody = api_as(None)
    nobody.credentials(HTTP_AUTHORIZATION="Bearer nonsense")

    refused = nobody.post("/api/rows", {"text": "hello"}, headers={"Idempotency-Key": KEY})

    assert refused.status_code == 401
    assert not IdempotencyRecord.objects.exists()


def test_the_key_holds_by_the_database(as_principal):
    send(as_principal(ADA), "redirect")
    record = IdempotencyRecord.objects.get()

    with pytest.raises(IntegrityError), transaction.atomic():
        IdempotencyRecord.objects.create(digest=record.digest, created_at=record.created_at)


def test_answers_are_forgotten_after_a_day(as_principal):
    ada = as_principal(ADA)
    send(ada, "redirect")
    send(ada, "redirect", key="old")
    old = IdempotencyRecord.objects.latest("created_at")
    IdempotencyRecord.objects.filter(pk=old.pk).update(created_at=old.created_at - timedelta(hours=25))

    prune_idempotency_records()

    assert IdempotencyRecord.objects.count() == 1


def test_every_form_gets_a_key_of_its_own():
    tag = Template("{% idempotency_key %}")

    assert tag.render(Context()) != tag.render(Context())


def at_once(call, times):
    answers = []

    def ask():
        try:
            answers.append(call())
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite lets one write at a time")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("presses", [2, 20])
def test_presses_at_the_same_time_land_on_one_result(as_principal, presses):
    browsers = [as_principal(ADA) for _ in range(presses)]

    answers = at_once(lambda: send(browsers.pop(), "redirect"), presses)

    assert {answer.status_code for answer in answers} == {302}
    assert len({answer["Location"] for answer in answers}) == 1
    assert ProcessedEvent.objects.count() == 1


@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite lets one write at a time")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("how", "status"), [("preview", 200), ("refused", 409), ("bug", 500)])
def test_presses_at_the_same_time_that_had_no_effect_block_nobody(as_principal, how, status):
    browsers = [as_principal(ADA) for _ in range(8)]
    for browser in browsers:
        browser.raise_request_exception = False

    answers = at_once(lambda: send(browsers.pop(), how), 8)

    # A deadlock in the database is answered with 503 and can be sent again.
    assert {answer.status_code for answer in answers} <= {status, 503}
    assert status in {answer.status_code for answer in answers}
    assert not IdempotencyRecord.objects.exists()
