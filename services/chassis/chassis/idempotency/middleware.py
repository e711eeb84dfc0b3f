"""Run a request with an idempotency key at most once; a repeat gets the answer of the first.

A page's form carries the key in a hidden field ({% idempotency_key %}), an API call in the header
Idempotency-Key. The record is inserted before the view and commits with what the view wrote, so its primary
key holds among processes: a repeat that comes while the first runs waits for that commit.

A view whose class has `is_repeatable` is left out: it commits before it speaks to another server, and a
repeat does no harm.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from chassis.crypto import decrypt, encrypt
from chassis.idempotency.models import IdempotencyRecord
from chassis.web.auth import InvalidToken, verify
from chassis.web.problems import key_reused

FIELD = "idempotency_key"
HEADER = "Idempotency-Key"


@dataclass(frozen=True)
class _Key:
    digest: str
    payload_digest: str


class IdempotencyMiddleware:
    """Run after CSRF and PrincipalMiddleware, whose results it needs."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with ExitStack() as transactions:
            request.idempotency = transactions  # type: ignore[attr-defined]
            response = self.get_response(request)
            if record := getattr(request, "idempotency_record", None):
                _finish(record, request, response)
        return response

    def process_view(self, request: HttpRequest, view: Any, _args: Any, _kwargs: Any) -> HttpResponse | None:
        """Claim the key, or answer as the first request was answered."""
        key = _key_of(request, view)
        if key is None:
            return None
        request.idempotency.enter_context(transaction.atomic())  # type: ignore[attr-defined]
        try:
            with transaction.atomic():
                request.idempotency_record = IdempotencyRecord.objects.create(  # type: ignore[attr-defined]
                    digest=key.digest, payload_digest=key.payload_digest, created_at=timezone.now()
                )
        except IntegrityError:
            record = IdempotencyRecord.objects.get(digest=key.digest)
            return _replayed(record) if record.payload_digest == key.payload_digest else key_reused()
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
