"""The pytest plugin of every service: an environment, and fixtures.

Importing it sets environment variables. Tests of whole processes, which would inherit them, import the other
modules of chassis.testing alone.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from chassis.testing import ISSUER

pytest_plugins = [
    "chassis.testing.clients",
    "chassis.testing.event_pipe",
    "chassis.testing.peers",
    "chassis.testing.redis",
]
_ENVIRONMENT = {
    "PUBLIC_URL": ISSUER,
    "SECRET_KEY": "a-key-for-tests-alone-0123456789abcdefghijk",
    "FIELD_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    "SERVICE_SECRET": "a-credential-for-tests-alone-0123456789",
    "SERVICE_SECRETS": "study:a-credential-for-tests-alone-0123456789,"
    "notification:another-credential-for-tests-0123456789",
    "BROKER_URL": "redis://127.0.0.1:1/0",
    "USERS_URL": "http://127.0.0.1:1",
    "STUDY_URL": "http://127.0.0.1:1",
    "SMTP_URL": "smtp://127.0.0.1:1",
    "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
}
for _name, _value in _ENVIRONMENT.items():
    os.environ.setdefault(_name, _value)
if "DATABASE_HOST" not in os.environ:
    os.environ.setdefault("DATABASE_PATH", str(Path(tempfile.mkdtemp(prefix="seodang-test-")) / "db.sqlite3"))
