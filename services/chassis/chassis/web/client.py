"""REST calls to other services, authenticated by a service token for that audience."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import urllib3
from django.conf import settings
from structlog.contextvars import get_contextvars

from chassis.logs import REQUEST_ID_HEADER
from chassis.web.pagination import MAX_PAGE_SIZE

_pool = urllib3.PoolManager(retries=False)
_IN_BACKGROUND = urllib3.Timeout(connect=1, read=8)


class ServiceError(Exception):
    """The call failed. `status` is that of the answer, which is not 2xx, and `code` its problem's, or "".

    `status` is None if there was no answer, or no token for the call.
    """

    def __init__(self, text: str, status: int | None = None, code: str = "") -> None:
        super().__init__(text)
        self.status, self.code = status, code


class ServiceClient:
    """Another service, by its internal base URL.

    `token` is for users, which signs its own; the others get one from users. `timeout` is for a call that a
    person waits for.
    """

    def __init__(
        self, base_url: str, audience: str, *, token: str = "", timeout: urllib3.Timeout = _IN_BACKGROUND
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._audience = audience
        self._token = token
        self._expires_at = math.inf if token else 0.0
        self._timeout = timeout

    def get(self, path: str) -> Any:
        """Return the JSON at that path. Raises ServiceError."""
        return self._ask("GET", f"{self._base_url}{path}", None, self._bearer())

    def rows(self, path: str) -> Iterator[Any]:
        """Yield every row of a list, page by page. Raises ServiceError."""
        page: dict[str, Any] = {"next": ""}
        while page["next"] is not None:
            cursor = f"&cursor={quote(page['next'])}" if page["next"] else ""
            page = self.get(f"{path}?size={MAX_PAGE_SIZE}{cursor}")
            yield from page["results"]

    def put(self, path: str, body: Any) -> Any:
        """Put JSON at that path; return the answer's. Raises ServiceError."""
        return self._ask("PUT", f"{self._base_url}{path}", body, self._bearer())

    def _bearer(self) -> str:
        if time.time() > self._expires_at - 60:
            body = {
                "service": settings.SERVICE,
                "secret": settings.SERVICE_SECRET,
                "audience": self._audience,
            }
            try:
                answer = self._ask("POST", f"{settings.USERS_URL}/internal/token", body, None)
            except ServiceError as error:
                raise ServiceError(str(error)) from None
            self._token, self._expires_at = answer["access_token"], time.time() + answer["expires_in"]
        return self._token

    def _ask(self, method: str, url: str, body: Any, token: str | None) -> Any:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if request_id := get_contextvars().get("request_id"):
            headers[REQUEST_ID_HEADER] = request_id
        if token:
            headers["Authorization"] = f"Bearer {token}"
        try:
            data = None if body is None else json.dumps(body).encode()
            response = _pool.request(method, url, body=data, headers=headers, timeout=self._timeout)
        except urllib3.exceptions.HTTPError as error:
            raise ServiceError(f"{url}: {type(error).__name__}") from None
        if not 200 <= response.status < 300:
            raise ServiceError(f"{url}: answered {response.status}", response.status, _code(response))
        return response.json() if response.data else None


def _code(response: urllib3.BaseHTTPResponse) -> str:
    try:
        return str(response.json()["code"])
    except (ValueError, TypeError, KeyError):
        return ""
