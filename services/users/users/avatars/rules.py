"""What an avatar may be, and how old."""

from __future__ import annotations

from datetime import timedelta

# Pixels: the largest avatar has 44 on a page, and screens have up to two for each.
SIZE = 88
MAX_BYTES = 64 * 1024
# A new avatar at GitHub is seen after at most this time.
LIFETIME = timedelta(days=7)
RETRY_AFTER = timedelta(hours=1)

_SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}


def media_type_of(content: bytes) -> str:
    """Return the media type by the first bytes, whatever the server said; "" for what is no such image."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in _SIGNATURES.items() if content.startswith(start)), "")
