"""The fonts are at one address in every service, and kept by browsers."""

from __future__ import annotations

from pathlib import Path

from django.apps import apps

from chassis.web.static_files import FONTS


def test_every_service_serves_the_fonts_at_one_address_forever(client):
    folder = Path(apps.get_app_config("look").path, "static/look/fonts")
    file = next(folder.glob("latin.*.woff2"))

    answer = client.get(FONTS + file.name)

    assert answer.status_code == 200
    assert b"".join(answer.streaming_content) == file.read_bytes()
    assert answer["Content-Type"] == "font/woff2"
    assert "immutable" in answer["Cache-Control"]


def test_nothing_else_is_there(client):
    for name in ("none.woff2", "../seodang.css", "../../../templates/404.html"):
        assert client.get(FONTS + name).status_code == 404
