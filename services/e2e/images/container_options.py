"""docker options of hardened containers with complete settings."""

from __future__ import annotations

import uuid

SERVICES = ("users", "study", "notification")
HARDENED = ("--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--user", "10001:10001",
          "--security-opt", "no-new-privileges:true", "--memory", "256m")  # fmt: skip
PASSWORD = uuid.uuid4().hex


def settings(service: str, **changes: str) -> list[str]:
    """Return docker's options for a complete set of settings."""
    values = {
        "PUBLIC_URL": "https://club.example",
        "ALLOWED_HOSTS": "localhost",
        "DATABASE_HOST": "mysql",
        "DATABASE_NAME": service,
        "DATABASE_USER": "root",
        "DATABASE_PASSWORD": PASSWORD,
        "BROKER_URL": "redis://redis:6379/0",
        "SECRET_KEY": uuid.uuid4().hex * 2,
        "FIELD_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
        "SERVICE_SECRET": uuid.uuid4().hex,
        "SERVICE_SECRETS": f"study:{uuid.uuid4().hex},notification:{uuid.uuid4().hex}",
        "USERS_URL": "http://users:8000",
        "STUDY_URL": "http://study:8000",
        "SMTP_URL": "smtp://mail:1025",
        **changes,
    }
    return [word for name, value in values.items() for word in ("-e", f"{name}={value}")]
