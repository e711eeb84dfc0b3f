"""Parts of the settings from which a service chooses: apps, policies, and functions of its name."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from chassis import env
from look.styles import STYLES_SOURCES

# The contracts lie beside the chassis, in the repository as in the images.
CONTRACTS = Path(__file__).resolve().parents[2] / "contracts"

TOKEN_LIFETIME = timedelta(minutes=10)

APPS = [
    "django.contrib.staticfiles",
    "django.contrib.messages",
    "rest_framework",
    "drf_spectacular",
    "django_htmx",
    "template_partials",
    "csp",
    "look",
    "django.forms",  # its templates, after those of look
    "chassis",
    "chassis.events",
    "chassis.idempotency",
    "chassis.jobs",
]
# For services that mirror the accounts of users.
ACCOUNT_APPS = ["chassis.account_mirror", "chassis.personal_data"]


def templates(*builtins: str) -> list[dict[str, Any]]:
    """Django's TEMPLATES; `builtins` are a service's own tag modules, known in every template."""
    own = [
        "look.templatetags.tags",
        "look.templatetags.components",
        "django.templatetags.i18n",
        "django.templatetags.static",
    ]
    processors = ["request", "i18n", "tz"]
    return [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "builtins": [*own, *builtins],
                "context_processors": [
                    *(f"django.template.context_processors.{name}" for name in processors),
                    "django.contrib.messages.context_processors.messages",
                ],
            },
        }
    ]


CSP_DIRECTIVES: dict[str, Any] = {
    "default-src": [NONE],
    "script-src": [SELF],
    "style-src": [SELF, *STYLES_SOURCES],
    "img-src": [SELF, "data:"],
    "font-src": [SELF],
    "connect-src": [SELF],
    "manifest-src": [SELF],
    "form-action": [SELF],
    "base-uri": [NONE],
    "frame-ancestors": [NONE],
    "object-src": [NONE],
}


def openapi(service: str) -> dict[str, Any]:
    """drf-spectacular's settings."""
    return {
        "TITLE": f"Seodang {service}",
        "VERSION": "1",
        "OAS_VERSION": "3.1.1",
        "SERVE_INCLUDE_SCHEMA": False,
        "SCHEMA_PATH_PREFIX": f"/api/v1/{service}",
        "SERVERS": [{"url": "/"}],
        "COMPONENT_SPLIT_REQUEST": True,
        "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
        "PREPROCESSING_HOOKS": ["chassis.web.openapi.only_public"],
        "POSTPROCESSING_HOOKS": [
            "drf_spectacular.hooks.postprocess_schema_enums",
        ],
    }


def public_url() -> str:
    """Return PUBLIC_URL without a trailing slash. Raises ImproperlyConfigured if it is no URL."""
    url = env.url("PUBLIC_URL").rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path:
        raise env.ImproperlyConfigured(f"PUBLIC_URL must look like https://club.example, not {url!r}.")
    return url


def consumers(producer: str) -> dict[str, list[str]]:
    """Return the consumers of each event of a producer, from the contracts."""
    table: dict[str, list[str]] = json.loads((CONTRACTS / "consumers.json").read_text())
    return {name: queues for name, queues in table.items() if name.startswith(f"{producer}.")}


def mail() -> dict[str, Any]:
    """Django's e-mail settings from SMTP_URL: smtp://, smtps:// or smtp+starttls://[user:password@]host[:port]."""
    url = urlsplit(env.url("SMTP_URL"))
    if url.scheme not in {"smtp", "smtps", "smtp+starttls"} or not url.hostname:
        raise env.ImproperlyConfigured(
            "SMTP_URL must look like smtp+starttls://user:password@mail.example:587."
        )
    return {
        "EMAIL_BACKEND": "chassis.smtp.EmailBackend",
        "EMAIL_HOST": url.hostname,
        "EMAIL_PORT": url.port or {"smtp": 25, "smtps": 465}.get(url.scheme, 587),
        "EMAIL_HOST_USER": url.username or "",
        "EMAIL_HOST_PASSWORD": url.password or "",
        "EMAIL_USE_SSL": url.scheme == "smtps",
        "EMAIL_USE_TLS": url.scheme == "smtp+starttls",
        "EMAIL_TIMEOUT": 5,
    }
