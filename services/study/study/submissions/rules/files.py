"""The type of a file, by its content."""

from __future__ import annotations

from codecs import getincrementaldecoder

# Where a signature begins, the signature, and the type. Office documents are ZIP archives.
_SIGNATURES = (
    (0, b"%PDF-", "application/pdf"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF8", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftyp", "video/mp4"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"\x1f\x8b", "application/gzip"),
    # Documents of Office before 2007, and of Hangul.
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
)
UNKNOWN_TYPE = "application/octet-stream"


def sniff_type(content: bytes) -> str:
    """Return the media type that the content, or its beginning, shows: text/plain also for HTML and SVG."""
    for start, signature, content_type in _SIGNATURES:
        if content.startswith(signature, start):
            return content_type
    try:
        # Incremental: the beginning may end within a character.
        text = getincrementaldecoder("utf-8")().decode(content)
    except UnicodeDecodeError:
        return UNKNOWN_TYPE
    return UNKNOWN_TYPE if "\0" in text else "text/plain"
