from __future__ import annotations

from typing import Any

import MySQLdb
from django.db.backends.mysql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection whose `ssl_mode` REQUIRED is enforced.

    MariaDB's client library does not enforce it: with a server that has no TLS it continues in clear text.
    VERIFY_IDENTITY it does enforce.
    """

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect. OperationalError if TLS is required and the connection has none."""
        connection = super().get_new_connection(conn_params)
        if conn_params.get("ssl_mode") == "REQUIRED":
            cursor = connection.cursor()
            cursor.execute("SHOW SESSION STATUS LIKE 'Ssl_cipher'")
            if not cursor.fetchone()[1]:
                connection.close()
                raise MySQLdb.OperationalError(
                    2026, "DATABASE_SSL_MODE is required, and the server has no TLS"
                )
        return connection
