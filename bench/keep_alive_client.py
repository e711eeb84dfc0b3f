"""Send one request many times on one connection, in a process of its own; print the times of the answers.

The request is JSON on standard input: port, path, headers and count. The output is JSON: the times in
milliseconds, in order, and the size of the last answer in bytes. The exit code is 1 after another status than
200, or when the connection was closed.
"""

from __future__ import annotations

import json
import sys
import time
from http.client import HTTPConnection

TIMEOUT = 30


def send(port: int, path: str, headers: dict[str, str], count: int) -> tuple[list[float], int]:
    """Return the time of each answer in milliseconds, and the size of the last."""
    connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
    connection.connect()
    opened = connection.sock
    times = []
    body = b""
    for _ in range(count):
        began = time.perf_counter()
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        body = response.read()
        times.append(1000 * (time.perf_counter() - began))
        if response.status != 200:
            sys.exit(f"{path}: {response.status} {body[:500]!r}")
        if connection.sock is not opened:
            sys.exit(f"{path}: the server closed the connection")
    connection.close()
    return times, len(body)


if __name__ == "__main__":
    print(json.dumps(send(**json.load(sys.stdin))))
