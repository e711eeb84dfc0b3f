"""The only client for URLs that people enter: HTTPS to public addresses, no redirects, in a limited time."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from datetime import timedelta
from http import HTTPStatus
from ipaddress import ip_address
from threading import Thread, Timer
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.utils import timezone
from requests.adapters import HTTPAdapter
from requests_hardened.ip_filter import InvalidIPAddress
from requests_hardened.ip_filter_adapter import IPFilterAdapter
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool
from urllib3.exceptions import HTTPError

from notification.outgoing.rules import (
    AddressRefused,
    Gone,
    PermanentDeliveryError,
    TransientDeliveryError,
    is_public,
    parse_retry_after,
)

# A resolver has no time limit of its own, and who owns a name decides how slowly it is answered.
RESOLVE_SECONDS = 2.0
CONNECT_SECONDS = 2.0
# For the whole exchange: a server that sends a byte now and then does not hold the worker.
TOTAL_SECONDS = 5.0
# For all requests of a client, of which the last may begin at the end: a task may take 30 s.
MAX_SECONDS = 10.0
HTTPS_PORT = 443
MAX_URL_LENGTH = 2000
# RFC 1035.
MAX_HOST_LENGTH = 253
# At malformed headers, and while debugging, they write the URL, which is a secret.
for logger in ("urllib3.connection", "urllib3.connectionpool"):
    logging.getLogger(logger).setLevel(logging.ERROR)


class _Connection(HTTPSConnection):
    """Ends after TOTAL_SECONDS, whatever the server sends."""

    is_late = False

    def getresponse(self) -> Any:
        timer = Timer(TOTAL_SECONDS, self._end)
        timer.daemon = True
        timer.start()
        try:
            response = super().getresponse()
        finally:
            timer.cancel()
        if self.is_late:
            # The end of the stream also ended the headers.
            response.close()
            raise TimeoutError
        return response

    def _end(self) -> None:
        self.is_late = True
        if self.sock:
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)


class _ConnectionPool(HTTPSConnectionPool):
    ConnectionCls = _Connection


class _Adapter(HTTPAdapter):
    """Limits the time, through a proxy, too."""

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = {"https": _ConnectionPool}

    def proxy_manager_for(self, *arguments: Any, **options: Any) -> Any:
        manager = super().proxy_manager_for(*arguments, **options)
        manager.pool_classes_by_scheme = {"https": _ConnectionPool}
        return manager


class _PublicAddressAdapter(_Adapter, IPFilterAdapter):  # type: ignore[misc] # the package has no types
    """Resolves the name once and connects to that address, if the package and `is_public` accept it."""

    def __init__(self) -> None:
        IPFilterAdapter.__init__(self, is_https_proto=True)

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        resolve = super().build_connection_pool_key_attributes
        host, pool = _within(RESOLVE_SECONDS, lambda: resolve(request, verify, cert))
        address = ip_address(host["host"].strip("[]"))
        if not is_public(address):
            raise InvalidIPAddress(address)
        return host, pool


def _within(seconds: float, function: Callable[[], Any]) -> Any:
    """Return what it returns; raise TimeoutError if that takes longer, and leave its thread alone."""
    future: Future[Any] = Future()

    def run() -> None:
        try:
            future.set_result(function())
        except BaseException as error:  # noqa: BLE001 - it is raised below
            future.set_exception(error)

    # Not an executor, which the end of the process would wait for.
    Thread(target=run, daemon=True).start()
    return future.result(timeout=seconds)


class Client:
    """Sends requests, and keeps neither connections nor cookies."""

    def __init__(self) -> None:
        self._ends_at = time.monotonic() + MAX_SECONDS
        self._session = requests.Session()
        # Without an adapter for http:// there is no way to send it.
        self._session.adapters.clear()
        self._session.mount("https://", _PublicAddressAdapter())
        for host in settings.OUTGOING_ALLOWED_HOSTS:
            self._session.mount(f"https://{host}/", _Adapter())

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Post; of the response only status and Retry-After are read. A redirect is an error.

        Raises Gone, AddressRefused, another PermanentDeliveryError, or TransientDeliveryError.
        """
        check_url(url)
        if time.monotonic() > self._ends_at:
            raise TransientDeliveryError("others took the time of this attempt")
        try:
            with self._session.post(
                url,
                data=body,
                headers={**headers, "Connection": "close"},
                timeout=(CONNECT_SECONDS, TOTAL_SECONDS),
                allow_redirects=False,
                stream=True,
            ) as response:
                self._session.cookies.clear()
                status, retry_after = response.status_code, response.headers.get("Retry-After")
        except (InvalidIPAddress, requests.exceptions.InvalidSchema, requests.exceptions.InvalidURL):
            raise AddressRefused("the address is not public") from None
        # UnicodeError: no resolver can be asked for the name. Not all errors of urllib3 are wrapped.
        except (requests.RequestException, HTTPError, OSError, UnicodeError) as error:
            # Not its text, which contains the URL, a secret.
            raise TransientDeliveryError(f"no answer: {type(error).__name__}") from None
        _raise_for(status, retry_after)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()


@contextmanager
def client() -> Iterator[Client]:
    """Yield a client and close it."""
    opened = Client()
    try:
        yield opened
    finally:
        opened.close()


def is_allowed_host(url: str) -> bool:
    """Return True if OUTGOING_ALLOWED_HOSTS contains the host and port of this URL."""
    return urlsplit(url).netloc.lower() in settings.OUTGOING_ALLOWED_HOSTS


def check_url(url: str) -> None:
    """Raise AddressRefused for a URL that is never posted to, before a name is resolved.

    It must be HTTPS, at port 443 unless OUTGOING_ALLOWED_HOSTS contains it, and without a user and password.
    """
    if len(url) > MAX_URL_LENGTH or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise AddressRefused("the address is not one of an HTTPS server")
    try:
        parts = urlsplit(url)
        port = HTTPS_PORT if parts.port is None else parts.port
    except ValueError:
        raise AddressRefused("the address is not one of an HTTPS server") from None
    is_host = 0 < len(parts.hostname or "") <= MAX_HOST_LENGTH
    is_plain = parts.scheme == "https" and is_host and "@" not in parts.netloc
    if not is_plain or (port != HTTPS_PORT and not is_allowed_host(url)):
        raise AddressRefused("the address is not one of an HTTPS server")


def _raise_for(status: int, retry_after: str | None) -> None:
    text = f"the server answered {status}"
    if status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        raise Gone(text)
    if status in {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS} or status >= 500:
        wait = parse_retry_after(retry_after, at=timezone.now())
        raise TransientDeliveryError(text, wait=wait or timedelta())
    if not 200 <= status < 300:
        raise PermanentDeliveryError(text)
