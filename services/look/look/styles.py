"""The stylesheet inside each page, so that a browser paints a page after one request.

The rules that load fonts are left to fonts.css, which nothing waits for. The content security policy allows
this text alone, by its hash.
"""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# A font of ours; those that size a font of the system stay, or the text would move.
FONT_FILE = re.compile(r"@font-face \{[^}]*url\([^}]*\}\n?")


def without_fonts(css: str) -> str:
    """Return a stylesheet without its fonts, comments and most of its spaces."""
    plain = re.sub(r"\s+", " ", _COMMENT.sub("", FONT_FILE.sub("", css)))
    return re.sub(r" ?([{};,]) ?", r"\1", plain).strip()


STYLES = without_fonts((Path(__file__).parent / "static/look/seodang.css").read_text("utf-8"))
# What `style-src` of a page's policy needs.
STYLES_SOURCE = f"'sha256-{base64.b64encode(hashlib.sha256(STYLES.encode()).digest()).decode()}'"
