from __future__ import annotations

import socket
from typing import Any

import MySQLdb
from django.db.backends.mysql import base

# Bytes between the server's version and its capabilities in its first packet: thread, salt, filler.
BEFORE_CAPABILITIES = 4 + 8 + 1
CLIENT_SSL = 0x0800
ERROR = 0xFF


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's MySQL backend with the modes `preferred` and `required` as MySQL defines them.

    Asked to encrypt, MariaDB's client library sends the password in clear to a server that offers no TLS.
    So the server is asked first. With `verify_identity` the library itself refuses such a server.
    """

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect. OperationalError if TLS is required and the server offers none."""
        mode, host = conn_params.get("ssl_mode"), conn_params.get("host", "localhost")
        # The library takes `localhost` for the local socket.
        local = "unix_socket" in conn_params or host == "localhost"
        if mode in {"PREFERRED", "REQUIRED"} and not local and not offers_tls(host, conn_params):
            if mode == "REQUIRED":
                raise MySQLdb.OperationalError(2026, "TLS is required, and the server offers none")
            conn_params = {**conn_params, "ssl_mode": "DISABLED", "ssl": None}
        return super().get_new_connection(conn_params)


def offers_tls(host: str, conn_params: dict[str, Any]) -> bool:
    """Return whether a MySQL server's first packet offers TLS. OperationalError if none comes."""
    address = (host, conn_params["port"])
    try:
        connection = socket.create_connection(address, conn_params["connect_timeout"])
        with connection, connection.makefile("rb") as stream:
            header = stream.read(4)
            packet = stream.read(int.from_bytes(header[:3], "little"))
    except OSError as error:
        raise MySQLdb.OperationalError(2003, f"Can't connect to MySQL on {address} ({error})") from None
    if packet[:1] == bytes([ERROR]):
        code = int.from_bytes(packet[1:3], "little")
        raise MySQLdb.OperationalError(code, packet[3:].decode(errors="replace"))
    at = packet.find(b"\0") + 1 + BEFORE_CAPABILITIES
    if len(packet) < at + 2:
        raise MySQLdb.OperationalError(2013, f"{address} closed the connection, or is no MySQL")
    return bool(int.from_bytes(packet[at : at + 2], "little") & CLIENT_SSL)
