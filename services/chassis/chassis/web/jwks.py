"""The public keys (JWKS) of the users service, cached."""

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
# However many unknown key ids arrive, users is asked this often at most; each second while there is no key.
REFETCH_SECONDS = 30


class KeyCache:
    """Keys by id. Stale keys stay in use while users cannot be reached."""

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
        if key_id not in self._keys or self._clock() - self._fetched_at > 3600:
            with self._lock:
                if self._clock() - self._tried_at >= (REFETCH_SECONDS if self._keys else 1):
                    self._tried_at = self._clock()
                    self._refresh()
        return self._keys.get(key_id)

    def warm(self, *, seconds: float) -> None:
        """Fetch the keys before the first request. Wait for at most this many seconds."""
        until = self._clock() + seconds
        while self.get("") is None and not self._keys and self._clock() < until:
            time.sleep(0.5)

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
    # Not on a kept connection: one made before the cluster knew the way to users leads elsewhere for good.
    response = _pool.request(
        "GET", f"{settings.USERS_URL}/.well-known/jwks.json", headers={"Connection": "close"}
    )
    if response.status != 200:
        raise OSError(f"users answered {response.status}")
    return dict(response.json())


keys = KeyCache(lambda: import_string(settings.JWKS_LOADER)())  # noqa: PLW0108 - the settings come later
