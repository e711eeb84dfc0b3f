"""The stylesheets inside each page, so that a browser paints a page after one request.

The first is of all pages; those in css/pages are of the pages that name them. The rules that load fonts are
left to fonts.css, which nothing waits for. The content security policy allows these texts alone, by their
hashes.
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
    dense = re.sub(r" ?([{};,]) ?", r"\1", plain).strip()
    return re.sub(r"([{;][\w-]+): ", r"\1:", dense).replace(";}", "}")


def _source(css: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()}'"


_HERE = Path(__file__).parent
# By name; what all pages have is "".
STYLES = {
    "": without_fonts((_HERE / "static/look/seodang.css").read_text("utf-8")),
    **{path.stem: without_fonts(path.read_text("utf-8")) for path in sorted(_HERE.glob("css/pages/*.css"))},
}
# What `style-src` of a page's policy needs.
STYLES_SOURCES = [_source(css) for css in STYLES.values()]
