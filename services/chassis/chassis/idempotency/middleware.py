"""Run a request with an idempotency key at most once; a repeat gets the answer of the first.

A page's form carries the key in a hidden field ({% idempotency_key %}), an API call in the header
Idempotency-Key. The record is inserted before the view and commits with what the view wrote, so its primary
key holds among processes: a repeat that comes while the first runs waits for that commit.

A view whose class has `is_repeatable` is left out: it commits before it speaks to another server, and a
repeat does no harm.

A request whose transaction the database ends to resolve a deadlock is run again, as if it came anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import structlog
from django.contrib.messages.storage import default_storage
from django.db import IntegrityError, OperationalError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from chassis.crypto import decrypt, encrypt
from chassis.deadlocks import MAX_ATTEMPTS, is_deadlock
from chassis.idempotency.models import IdempotencyRecord
from chassis.web.auth import InvalidToken, verify
from chassis.web.problems import key_reused

FIELD = "idempotency_key"
HEADER = "Idempotency-Key"

log = structlog.get_logger()


@dataclass(frozen=True)
class _Key:
    digest: str
    payload_digest: str


@dataclass
class _Attempt:
    """One run of a request. Without a key it has no transaction and no record."""

    number: int
    transactions: ExitStack = field(default_factory=ExitStack)
    has_key: bool = False
    record: IdempotencyRecord | None = None
    is_deadlocked: bool = False


class IdempotencyMiddleware:
    """Run after CSRF and PrincipalMiddleware, whose results it needs, and inside what counts requests."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        number = 1
        while (response := self._run(request, _Attempt(number))) is None:
            log.warning("deadlock", view=request.resolver_match.view_name, attempt=number)  # type: ignore[union-attr]
            number += 1
            # The messages of what was rolled back are not shown.
            request._messages = default_storage(request)  # type: ignore[attr-defined]  # noqa: SLF001
        return response

    def _run(self, request: HttpRequest, attempt: _Attempt) -> HttpResponse | None:
        """Return the response, or None if a deadlock ended the transaction and another attempt is left."""
        request.idempotency = attempt  # type: ignore[attr-defined]
        with attempt.transactions:
            response = self.get_response(request)
            if attempt.is_deadlocked:
                transaction.set_rollback(True)
            elif attempt.record:
                _finish(attempt.record, request, response)
        return None if attempt.is_deadlocked else response

    def process_view(self, request: HttpRequest, view: Any, _args: Any, _kwargs: Any) -> HttpResponse | None:
        """Claim the key, or answer as the first request was answered."""
        key = _key_of(request, view)
        if key is None:
            return None
        attempt: _Attempt = request.idempotency  # type: ignore[attr-defined]
        attempt.has_key = True
        attempt.transactions.enter_context(transaction.atomic())
        try:
            with transaction.atomic():
                attempt.record = IdempotencyRecord.objects.create(
                    digest=key.digest, payload_digest=key.payload_digest, created_at=timezone.now()
                )
        except IntegrityError:
            record = IdempotencyRecord.objects.get(digest=key.digest)
            return _replayed(record) if record.payload_digest == key.payload_digest else key_reused()
        except OperationalError as error:
            # Repeats that wait for a first one without effect deadlock. Django asks only about views' errors.
            if response := self.process_exception(request, error):
                return response
            raise
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """End an attempt that lost a deadlock, without an error page. What is returned is not sent."""
        attempt: _Attempt = request.idempotency  # type: ignore[attr-defined]
        # Of a session that the view has changed, such as by signing in, the state before is lost.
        session_changed = getattr(getattr(request, "session", None), "modified", False)
        if attempt.has_key and attempt.number < MAX_ATTEMPTS and not session_changed and is_deadlock(error):
            attempt.is_deadlocked = True
            return HttpResponse(status=503)
        return None


def _key_of(request: HttpRequest, view: Any) -> _Key | None:
    if request.method != "POST" or getattr(getattr(view, "cls", None), "is_repeatable", False):
        return None
    if value := request.headers.get(HEADER):
        is_form = request.content_type == "multipart/form-data"
        # A body with files is larger than Django reads at once.
        payload, scope = _digest(value, _form_content(request) if is_form else request.body), ""
    # A view without CSRF protection reads the body itself (a webhook's signature is over its bytes).
    elif not getattr(view, "csrf_exempt", False) and (value := request.POST.get(FIELD)):
        # The content is part of the scope: a changed text that is submitted again means a second object.
        scope = payload = _digest(value, _form_content(request))
    else:
        return None
    account = _account(request)
    if account is None:
        return None
    return _Key(_digest(value, f"{account}\n{request.get_full_path()}\n{scope}".encode()), payload)


def _form_content(request: HttpRequest) -> bytes:
    """Return what was typed, and a digest of each file."""
    typed = request.POST.copy()
    typed.pop("csrfmiddlewaretoken", None)
    for name, files in request.FILES.lists():
        for file in files:
            # A view that has lost a deadlock may have read it.
            file.seek(0)
            typed.appendlist(name, hashlib.file_digest(file, "sha256").hexdigest())
            file.seek(0)
    return typed.urlencode().encode()


def _digest(key: str, content: bytes) -> str:
    # With the key, which is stored nowhere, so that nobody finds a password in it by trying.
    return hashlib.sha256(key.encode() + b"\n" + content).hexdigest()


def _account(request: HttpRequest) -> str | None:
    """Whose key it is; "" for nobody's, None for a token that the view will refuse."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme:
        try:
            return verify(token.strip()).subject
        except InvalidToken:
            return None
    principal = request.principal  # type: ignore[attr-defined]
    return principal.subject if principal else ""


def _finish(record: IdempotencyRecord, request: HttpRequest, response: HttpResponse) -> None:
    status = response.status_code
    if status >= 500 or transaction.get_rollback():
        transaction.set_rollback(True)
    # A page that answers 200 shows the form again or a preview; 307 sends the request elsewhere.
    elif status in {201, 302, 303} or (HEADER in request.headers and status < 300):
        record.status = status
        record.location = response.headers.get("Location", "")
        record.content_type = response.headers.get("Content-Type", "")[:100]
        record.body_encrypted = encrypt(response.content.decode()) if response.content else ""
        record.save(update_fields=["status", "location", "content_type", "body_encrypted"])
    else:
        record.delete()


def _replayed(record: IdempotencyRecord) -> HttpResponse:
    body = decrypt(record.body_encrypted) if record.body_encrypted else ""
    headers = {"Content-Type": record.content_type, "Cache-Control": "private, no-store"}
    if record.location:
        headers["Location"] = record.location
    return HttpResponse(body, status=record.status, headers=headers)
