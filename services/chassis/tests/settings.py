"""A service of nothing but the chassis, for its own tests."""

from __future__ import annotations

from chassis import env, settings_base
from chassis.settings import *  # noqa: F403 - what has one value in every service

SERVICE = "study"
FIELD_KEYS = env.list_of("FIELD_KEY")
SERVICE_SECRET = env.secret("SERVICE_SECRET")
USERS_URL = env.url("USERS_URL")
JWKS_LOADER = "chassis.web.jwks.fetch_over_http"
ACCOUNT_IS_CLOSED = "tests.stand_in.is_closed"
EXPORT_PERSONAL_DATA = "tests.stand_in.export_personal_data"
DELETE_PERSONAL_DATA = "tests.stand_in.delete_personal_data"
MIRRORS = {"accounts": ("users", "chassis.personal_data.handlers.upsert_account")}

PEER_BROKER_URLS: dict[str, str] = {}
CONSUMERS = settings_base.consumers(SERVICE)
SUBSCRIPTIONS = "tests.stand_in.SUBSCRIPTIONS"
MAX_EVENT_ATTEMPTS = 3
CELERY = "tests.celery"
RELAY_POLL = 0.05

INSTALLED_APPS = [*settings_base.APPS, *settings_base.ACCOUNT_APPS]
SPECTACULAR_SETTINGS = settings_base.openapi(SERVICE)
ROOT_URLCONF = "tests.stand_in"
STATIC_URL = "/static/study/"
