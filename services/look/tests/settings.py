"""The look alone, for its own tests."""

from __future__ import annotations

from pathlib import Path

from chassis import settings_base

SECRET_KEY = "only-for-tests"
INSTALLED_APPS = ["django.contrib.staticfiles", "template_partials", "look"]
TEMPLATES = [{**settings_base.templates()[0], "DIRS": [Path(__file__).parent / "templates"]}]
LANGUAGES = settings_base.LANGUAGES
LANGUAGE_CODE = settings_base.LANGUAGE_CODE
TIME_ZONE = settings_base.TIME_ZONE
USE_TZ = True
STATIC_URL = "/static/look/"
ROOT_URLCONF = "tests.settings"
urlpatterns: list[object] = []
