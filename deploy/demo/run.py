"""Run Seodang in the foreground: `make demo`, or .venv/bin/python deploy/demo/run.py.

PORT (8000), BIND (loopback; 0.0.0.0 opens it to the network) and PUBLIC_URL come from the environment.
"""

# ruff: noqa: PLC0415 - imports follow the checks that they need

from __future__ import annotations

import sys
import time

STARTED_AT = time.monotonic()


def main() -> int:
    """Check, start and run until the end. Return the exit code."""
    if sys.version_info < (3, 11):  # noqa: UP036 - a clear message for old versions
        print(f"Seodang needs Python 3.11 or newer; this is {sys.version.split()[0]}.\nRun: make demo")
        return 1
    from demo.checks import StartError, require_installed
    from demo.redis import find_server

    try:
        require_installed(find_server())
        from demo.foreground import run

        run(STARTED_AT)
    except StartError as refused:
        print(f"\n{refused}\n", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
