"""The settings that have one value in every service, from the environment. Production is the default."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

from chassis import env, settings_base
from chassis.settings_base import (  # noqa: F401 - a service imports every name of this module
    GAUGES,
    LANGUAGE_CODE,
    LANGUAGES,
    MIDDLEWARE,
    REST_FRAMEWORK,
    STORAGES,
    TIME_ZONE,
)

DEBUG = env.boolean("DEBUG")
PUBLIC_URL = settings_base.public_url()
SECURE = PUBLIC_URL.startswith("https://")
SECRET_KEY = env.secret("SECRET_KEY")
TOKEN_COOKIE = "__Host-seodang" if SECURE else "seodang"

DATABASES = {"default": env.database()}
BROKER_URL = env.url("BROKER_URL")
BROKER_TLS = env.tls_files("BROKER_SSL")
MAX_EVENT_ATTEMPTS = 5
# Divides the intervals of periodic jobs, to at least 5 s. For tests.
SCHEDULE_SCALE = env.number("SCHEDULE_SCALE", 1)
RELAY_POLL = env.number("RELAY_POLL", 0.2)
RELAY_MAX_WAIT = env.number("RELAY_MAX_WAIT", 60)
METRICS_PORT = env.optional_port("METRICS_PORT")

TEMPLATES = settings_base.templates()
CONTENT_SECURITY_POLICY = {"DIRECTIVES": settings_base.CSP_DIRECTIVES}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# The gateway terminates TLS and redirects to it; HSTS for subdomains and preload are the operator's choice.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]

ALLOWED_HOSTS = [str(urlsplit(PUBLIC_URL).hostname), *env.list_of("ALLOWED_HOSTS")]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL, *env.list_of("TRUSTED_ORIGINS")]
CSRF_COOKIE_NAME = "csrftoken"
CSRF_COOKIE_SECURE = SECURE
CSRF_FAILURE_VIEW = "chassis.web.problems.csrf_failure"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if SECURE else 0
SECURE_REFERRER_POLICY = "same-origin"
LANGUAGE_COOKIE_SECURE = SECURE
LANGUAGE_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "chassis.web.messages.ServiceCookieStorage"

USE_TZ = True
STATIC_ROOT = env.string("STATIC_ROOT", "")
LOGGING_CONFIG = None
