"""Run Seodang in the foreground: `make demo`, or .venv/bin/python deploy/demo/run.py.

PORT (8000), BIND (loopback; 0.0.0.0 opens it to the network), PUBLIC_URL and EMPTY (no sample data, and a
link to set it up) come from the environment.
"""

# ruff: noqa: PLC0415 - imports follow the checks that they need

from __future__ import annotations

import errno
import sys
import time

STARTED_AT = time.monotonic()


def main() -> int:
    """Check, start and run until the end. Return the exit code."""
    from demo.checks import StartError, require_installed

    try:
        require_installed()
        from demo.foreground import run

        return run(STARTED_AT)
    except StartError as refused:
        print(f"\n{refused}\n", file=sys.stderr)
    except OSError as failed:
        if failed.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        print(f"\nThe disk is full ({failed}).\nFree some space and run: make demo\n", file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    return 1


if __name__ == "__main__":
    sys.exit(main())
