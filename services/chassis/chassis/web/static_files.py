"""Static files: a service's own below its STATIC_URL, and the fonts of all services at one address."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from whitenoise.middleware import WhiteNoiseMiddleware

# Every service's stylesheet has this address, so that a browser loads a font once. A file's name contains a
# hash of its content.
FONTS = "/static/look/fonts/"


class StaticFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]  # whitenoise has no types
    """Serve static files. Every service has the fonts; the gateway asks one of them."""

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self.add_files(f"{apps.get_app_config('look').path}/static/look/fonts", prefix=FONTS)

    def immutable_file_test(self, path: str, url: str) -> bool:
        """Return True if a browser may keep the file forever."""
        return url.startswith(FONTS) or super().immutable_file_test(path, url)
