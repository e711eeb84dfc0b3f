"""The gateway behind a TLS-terminating proxy: only trusted proxies may set forwarding headers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from gateways import Gateway, running


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """Run a gateway that trusts this machine."""
    trusted = "10.0.0.0/8 127.0.0.1/32"
    with running(
        tmp_path_factory.mktemp("behind"), services=("users",), GATEWAY_TRUSTED_PROXIES=trusted
    ) as found:
        yield found


def test_its_word_on_the_client_is_passed_on(behind: Gateway) -> None:
    said = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
    request = behind.ask("/accounts/", headers=said).request["headers"]
    assert (request["x-forwarded-for"], request["x-forwarded-proto"]) == ("203.0.113.9", "https")


def test_what_the_client_told_it_is_not(behind: Gateway) -> None:
    said = {"X-Forwarded-For": "192.0.2.1, 203.0.113.9", "X-Real-Ip": "192.0.2.1"}
    request = behind.ask("/accounts/", headers=said).request["headers"]
    assert request["x-forwarded-for"] == "203.0.113.9"
    assert "x-real-ip" not in request
