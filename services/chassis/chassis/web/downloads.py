"""Respond with what somebody uploaded: a browser saves it, and never renders it from our origin."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header


def download_response(chunks: Iterable[bytes], *, name: str, size: int) -> StreamingHttpResponse:
    """Return a download of `size` bytes under that name (RFC 6266), read as it is sent."""
    return StreamingHttpResponse(
        chunks,
        # Whatever it is: a browser saves this type.
        content_type="application/octet-stream",
        headers={
            "Content-Length": str(size),
            "Content-Disposition": content_disposition_header(as_attachment=True, filename=name)
            or "attachment",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": "private, no-store",
        },
    )
