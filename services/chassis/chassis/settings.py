"""The settings that have one value in every service, from the environment. Production is the default."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from chassis import env, settings_base

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
# Gauges on /metrics: name → function, whose docstring becomes the help text.
GAUGES = {
    "seodang_oldest_open_event_seconds": "chassis.events.gauges.oldest_open_seconds",
    "seodang_dead_letters": "chassis.events.gauges.dead_letters",
    "seodang_queue_depth": "chassis.events.gauges.queue_depth",
}
# Functions that return why something of the service is off, or "", for the owners' health page.
HEALTH_NOTICES: list[str] = []

MIDDLEWARE = [
    "chassis.web.health.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "chassis.web.static_files.StaticFilesMiddleware",
    "chassis.web.access_log.AccessLogMiddleware",
    "chassis.web.policy.PolicyMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "chassis.web.auth.PrincipalMiddleware",
    "chassis.web.problems.DomainErrorMiddleware",
    # It may run a view twice, which counts once.
    "chassis.idempotency.middleware.IdempotencyMiddleware",
]
TEMPLATES = settings_base.templates()
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["chassis.web.rest.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["chassis.web.rest.SignedIn"],
    "DEFAULT_RENDERER_CLASSES": ["chassis.web.rest.CompactJSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["chassis.web.rest.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "chassis.web.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "chassis.web.problems.problem",
    "UNAUTHENTICATED_USER": None,
    # A query cannot choose the format: every answer is JSON.
    "URL_FORMAT_OVERRIDE": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
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

LANGUAGES = [("ko", "한국어"), ("en", "English")]
LANGUAGE_CODE = "ko"
TIME_ZONE = "Asia/Seoul"
USE_TZ = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
STATIC_ROOT = env.string("STATIC_ROOT", "")
LOGGING_CONFIG = None
