"""The look alone, for its own tests."""

from __future__ import annotations

from pathlib import Path

from chassis import settings_base

SECRET_KEY = "only-for-tests"
INSTALLED_APPS = ["django.contrib.staticfiles", "template_partials", "look", "django.forms"]
TEMPLATES = [{**settings_base.templates()[0], "DIRS": [Path(__file__).parent / "templates"]}]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
LANGUAGES = [("ko", "한국어"), ("en", "English")]
LANGUAGE_CODE = "ko"
TIME_ZONE = "Asia/Seoul"
USE_TZ = True
STATIC_URL = "/static/look/"
ROOT_URLCONF = "tests.settings"
urlpatterns: list[object] = []
