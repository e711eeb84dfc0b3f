"""C1, C2: requests to URLs that people entered reach public addresses only, by HTTPS, in a limited time."""

from __future__ import annotations

import random
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

import pytest
from urllib3.util import connection as urllib3_connection

from chassis.testing import NOW
from chassis.testing.https_stand_in import StandIn
from notification.outgoing import client
from notification.outgoing.rules import (
    AddressRefused,
    Gone,
    PermanentDeliveryError,
    TransientDeliveryError,
    is_public,
    parse_retry_after,
)

# IANA's registries of special-purpose addresses, multicast, and addresses that contain IPv4 addresses.
NOT_PUBLIC = [
    ip_network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
    )
]  # fmt: skip
MAPPED = ip_network("::ffff:0:0/96")
PUBLIC = ["1.1.1.1", "8.8.8.8", "151.101.1.140", "2606:4700::6810:1", "2a00:1450:4001:80f::200a"]
# Of this process, a cloud's metadata, a cluster.
WELL_KNOWN = ["127.0.0.1", "169.254.169.254", "fd00:ec2::254", "168.63.129.16", "10.96.0.1", "::1", "0.0.0.0"]
Random = random.Random


def is_private(address: IPv4Address | IPv6Address) -> bool:
    """Return True if the address is none of the Internet, by IANA's registries."""
    if isinstance(address, IPv6Address) and address in MAPPED:
        address = IPv4Address(int(address) & 0xFFFFFFFF)
    return any(address.version == network.version and address in network for network in NOT_PUBLIC)


def private_address(chance: Random) -> str:
    """Return an address that is not public: well-known, in any special network, or IPv4 inside IPv6."""
    network = chance.choice(NOT_PUBLIC)
    address = str(network[chance.randrange(min(network.num_addresses, 2**64))])
    inside = int(ip_address(chance.choice(["127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254"])))
    return chance.choice(
        [
            address,
            chance.choice(WELL_KNOWN),
            str(IPv6Address((0xFFFF << 32) | inside)),
            str(IPv6Address(int(IPv6Address("64:ff9b::")) | inside)),
            str(IPv6Address((0x2002 << 112) | (inside << 80) | 1)),
            str(IPv6Address(inside)),
        ]
    )


def spellings(address: str, chance: Random) -> str:
    """Return a host by which a URL can name the address."""
    found = ip_address(address)
    if isinstance(found, IPv6Address):
        return f"[{chance.choice([found.compressed, found.exploded, found.compressed.upper()])}]"
    number = int(found)
    octets = address.split(".")
    return chance.choice(
        [
            address,
            f"{address}.",
            str(number),
            hex(number),
            f"0{number:o}",
            ".".join(hex(int(octet)) for octet in octets),
            ".".join(f"0{int(octet):o}" for octet in octets),
            f"{octets[0]}.{number & 0xFFFFFF}",
            f"[::ffff:{address}]",
        ]
    )


def url_of(host: str, chance: Random) -> str:
    """Return a URL with that host, most often a plain one."""
    return chance.choice(
        [
            f"https://{host}/push/1",
            f"https://{host}:443/",
            f"HTTPS://{host.upper()}/a?b=c#d",
            f"https://{host}",
            f"http://{host}/",
            f"https://{host}:8443/",
            f"https://push.example@{host}/",
            f"https://{host}#@push.example/",
            f"https://push.example\\@{host}/",
            f"//{host}/",
        ]
    )


class Network:
    """Resolver and network. A name resolves to each of its answers in turn, then to the last again."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.names: dict[str, list[list[str]]] = {}
        self.connected: list[str] = []
        self._getaddrinfo = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", self._resolve)
        monkeypatch.setattr(urllib3_connection, "create_connection", self._connect)

    def _resolve(self, host: Any, port: Any, *arguments: Any, **options: Any) -> Any:
        answers = self.names.get(str(host).rstrip(".").lower())
        if answers is None:
            # An address in some spelling; names are not resolved outside.
            return self._getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        return [
            (
                socket.AF_INET6 if ":" in address else socket.AF_INET,
                socket.SOCK_STREAM,
                6,
                "",
                (address, port, 0, 0) if ":" in address else (address, port),
            )
            for address in found
        ]

    def _connect(self, address: tuple[str, int], *_: Any, **__: Any) -> Any:
        for *_rest, target in self._resolve(*address):
            self.connected.append(target[0])
        raise ConnectionRefusedError


def host_of(network: Network, chance: Random) -> str:
    """Return a host: a private address in some spelling, or a name with private or public addresses."""
    if chance.random() < 0.4:
        return spellings(private_address(chance), chance)
    name = f"h{chance.randrange(10**9)}.example"
    private, public = private_address(chance), chance.choice(PUBLIC)
    network.names[name] = chance.choice(
        [
            [[private]],
            [[public]],
            # Rebinding: the second answer is another one.
            [[public], [private]],
            [[public, private]],
            [[private, public]],
            [[public, public], [private, private]],
        ]
    )
    return chance.choice([name, f"{name}.", name.upper()])


@pytest.mark.parametrize("seed", range(10))
def test_ten_thousand_urls_reach_no_private_address(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    network, chance = Network(monkeypatch), Random(seed)

    with client.client() as sender:
        for _ in range(1000):
            with suppress(AddressRefused, TransientDeliveryError):
                sender.post(url_of(host_of(network, chance), chance), b"", {})

    assert [address for address in network.connected if is_private(ip_address(address))] == []
    # Those with a public address are reached, or this shows nothing.
    assert len(network.connected) > 100


def test_the_rule_and_the_registries_agree() -> None:
    chance = Random(1)
    for _ in range(2_000):
        assert not is_public(ip_address(private_address(chance)))
        number = chance.randrange(2**32)
        assert is_public(IPv4Address(number)) != is_private(IPv4Address(number))
    assert all(is_public(ip_address(address)) for address in PUBLIC)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://",
        "https:///x",
        "ftp://push.example/",
        "file:///etc/passwd",
        "https://[::1",
        "https://a:b/",
        "https://push.example:99999/",
        "https://push.example:0/",
        "https://" + 254 * "a" + "/",
        "https://пуш.example/",
        "https://push.example/\r\nHost: a",
        "https://" + 3000 * "a",
    ],
)
def test_what_is_no_https_url_is_refused_before_a_name_is_resolved(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = Network(monkeypatch)

    with client.client() as sender, pytest.raises(AddressRefused):
        sender.post(url, b"", {})

    assert network.connected == []


@pytest.fixture
def canary() -> Iterator[socket.socket]:
    """A listener on the loopback address that nobody may connect to."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield listener


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1", "[::ffff:127.0.0.1]"]
)
def test_a_listener_of_this_machine_sees_no_connection(
    host: str, canary: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Port 443 is refused by nothing else here, so the listener's port takes its place.
    monkeypatch.setattr(client, "HTTPS_PORT", canary.getsockname()[1])

    with client.client() as sender, pytest.raises(AddressRefused):
        sender.post(f"https://{host}:{canary.getsockname()[1]}/", b"", {})

    with pytest.raises(BlockingIOError):
        canary.accept()


def test_a_host_of_ones_own_is_reached_if_the_settings_allow_it(stand_in: StandIn) -> None:
    with client.client() as sender:
        sender.post(stand_in.url("/hook"), b"hello", {"Content-Type": "text/plain"})

    [request] = stand_in.requests
    assert (request.path, request.body) == ("/hook", b"hello")


def test_a_redirect_is_an_answer_and_is_not_followed(stand_in: StandIn) -> None:
    stand_in.answers["/hook"] = (307, {"Location": stand_in.url("/secret")})

    with client.client() as sender, pytest.raises(PermanentDeliveryError, match="307"):
        sender.post(stand_in.url("/hook"), b"", {})

    assert [request.path for request in stand_in.requests] == ["/hook"]


def test_the_wait_that_a_server_asks_for_is_returned(stand_in: StandIn) -> None:
    stand_in.answers["/hook"] = (429, {"Retry-After": "37.5"})

    with client.client() as sender, pytest.raises(TransientDeliveryError) as caught:
        sender.post(stand_in.url("/hook"), b"", {})

    assert caught.value.wait == timedelta(seconds=37.5)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (404, Gone),
        (410, Gone),
        (400, PermanentDeliveryError),
        (413, PermanentDeliveryError),
        (500, TransientDeliveryError),
        (503, TransientDeliveryError),
    ],
)
def test_the_status_says_whether_another_attempt_makes_sense(
    status: int, error: type[Exception], stand_in: StandIn
) -> None:
    stand_in.answers["/hook"] = (status, {})

    with client.client() as sender, pytest.raises(error, match=str(status)):
        sender.post(stand_in.url("/hook"), b"", {})


def test_a_server_that_never_ends_its_answer_is_left(
    stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "TOTAL_SECONDS", 0.2)
    stand_in.drips = True

    with client.client() as sender, pytest.raises(TransientDeliveryError):
        sender.post(stand_in.url("/hook"), b"", {})


def test_slow_servers_do_not_hold_a_worker_one_after_another(
    stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    with client.client() as sender:
        sender.post(stand_in.url("/1"), b"", {})
        monkeypatch.setattr(sender, "_ends_at", 0.0)
        with pytest.raises(TransientDeliveryError):
            sender.post(stand_in.url("/2"), b"", {})

    assert [request.path for request in stand_in.requests] == ["/1"]


def test_a_resolver_that_never_answers_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: ended.wait())
    monkeypatch.setattr(client, "RESOLVE_SECONDS", 0.05)

    with client.client() as sender, pytest.raises(TransientDeliveryError, match="TimeoutError"):
        sender.post("https://push.example/", b"", {})

    ended.set()


def test_malformed_headers_do_not_log_the_url(stand_in: StandIn, caplog: pytest.LogCaptureFixture) -> None:
    stand_in.answers["/secret"] = (200, {"X-Odd\r\nno header": "1"})

    with client.client() as sender, suppress(TransientDeliveryError):
        sender.post(stand_in.url("/secret"), b"", {})

    assert len(stand_in.requests) == 1
    assert "secret" not in caplog.text


def test_the_time_is_limited_through_a_proxy_too() -> None:
    adapter = client._PublicAddressAdapter()

    manager = adapter.proxy_manager_for("http://proxy.example:3128")

    assert isinstance(manager.connection_from_host("1.1.1.1", 443, "https"), client._ConnectionPool)


def test_an_unknown_certificate_is_refused(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")

    with client.client() as sender, pytest.raises(TransientDeliveryError, match="SSLError"):
        sender.post(stand_in.url("/hook"), b"", {})

    assert stand_in.requests == []


def test_an_error_does_not_contain_the_url(monkeypatch: pytest.MonkeyPatch) -> None:
    network = Network(monkeypatch)
    network.names["push.example"] = [["1.1.1.1"]]

    with client.client() as sender, pytest.raises(TransientDeliveryError) as caught:
        sender.post("https://push.example/secret", b"", {})

    assert "secret" not in repr(caught.value)
    assert network.connected == ["1.1.1.1"]


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        ("0", 1),
        ("1.5", 1.5),
        ("99999999", 86400),
        ("Tue, 24 Nov 2026 09:01:00 GMT", 60),
        ("Tue, 24 Nov 2020 09:01:00 GMT", 1),
        ("soon", None),
        ("", None),
        (None, None),
        ("nan", None),
        ("1e999", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str | None, seconds: float | None) -> None:
    wait = parse_retry_after(value, at=NOW)

    assert wait == (None if seconds is None else timedelta(seconds=seconds))
