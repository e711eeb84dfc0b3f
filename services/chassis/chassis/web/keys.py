"""The public keys of the users service, fetched once and kept; the only wait for another service."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import structlog
import urllib3
from django.conf import settings
from django.utils.module_loading import import_string
from joserfc.jwk import KeySet

log = structlog.get_logger()
FRESH_SECONDS = 3600
# However many unknown key ids arrive, users is asked at most this often.
REFETCH_SECONDS = 30


class KeyCache:
    """Keys by id. Stale keys are used on while users cannot be reached."""

    def __init__(
        self, fetch: Callable[[], dict[str, Any]], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._lock = threading.Lock()
        self._keys: dict[str, Any] = {}
        self._fetched_at = self._tried_at = float("-inf")

    def get(self, key_id: str) -> Any | None:
        """The public key of that id, or None."""
        now = self._clock()
        if key_id not in self._keys or now - self._fetched_at > FRESH_SECONDS:
            with self._lock:
                if self._clock() - self._tried_at >= REFETCH_SECONDS:
                    self._tried_at = self._clock()
                    self._refresh()
        return self._keys.get(key_id)

    def _refresh(self) -> None:
        try:
            keys = KeySet.import_key_set(self._fetch())  # type: ignore[arg-type]
        except Exception as error:  # noqa: BLE001 - whatever it is, the old keys serve on
            log.warning("keys_not_fetched", error=f"{type(error).__name__}: {error}")
            return
        self._keys = {str(key.kid): key for key in keys.keys if key.kid}
        self._fetched_at = self._clock()


_pool = urllib3.PoolManager(timeout=urllib3.Timeout(connect=1, read=2), retries=1)


def fetch_over_http() -> dict[str, Any]:
    """The JWKS document of the users service."""
    response = _pool.request("GET", f"{settings.USERS_URL}/.well-known/jwks.json")
    if response.status != 200:
        raise OSError(f"users answered {response.status}")
    document: dict[str, Any] = response.json()
    return document


keys = KeyCache(lambda: import_string(settings.KEYS_FROM)())  # noqa: PLW0108 - the settings come later
