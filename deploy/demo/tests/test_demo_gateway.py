"""The demo's gateway: its host names and the mail sink."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from gateways import ROOT, Gateway, running, start_echo


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """Run the demo's gateway with an echo as the mail sink and the services down."""
    mail = start_echo("mail")
    with running(
        tmp_path_factory.mktemp("gateway"),
        services=(),
        GATEWAY_EXTRA=str(ROOT / "deploy/demo/gateway.caddy"),
        DEMO_HOSTS="localhost 127.0.0.1 192.168.0.7",
        DEMO_MAIL=f"127.0.0.1 {mail.server_address[1]}",
        PUBLIC_URL="http://localhost:8000",
    ) as found:
        yield found
    mail.shutdown()
    mail.server_close()


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8000", "127.0.0.1:9", "192.168.0.7:80", "LOCALHOST"]
)
def test_it_answers_to_its_own_names(gateway: Gateway, host: str) -> None:
    answer = gateway.ask("/_mail/messages.json?to=a", headers={"Host": host})
    assert answer.status == 200
    assert answer.request["path"] == "/_mail/messages.json?to=a"


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "10.0.0.1", "evil.example:8000"])
@pytest.mark.parametrize("path", ["/_mail/", "/accounts/", "/_gateway/seodang.css"])
def test_it_answers_to_no_other(gateway: Gateway, host: str, path: str) -> None:
    answer = gateway.ask(path, headers={"Host": host})
    assert answer.status == 421
    assert b"http://localhost:8000" in answer.body


def test_the_mails_are_found_without_the_slash(gateway: Gateway) -> None:
    answer = gateway.ask("/_mail", headers={"Host": "localhost"})
    assert answer.status == 308
    assert answer.header_values("Location") == ["/_mail/"]
