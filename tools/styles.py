"""The stylesheets and scripts of the pages: `make css` joins services/look/look/css and js.

`check` finds dead classes and long lines.

One file a component. Cascade layers make their order irrelevant, except between two of one layer. Files in
css/pages are of the pages that name them, and not joined.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from look.styles import FONT_FILE
from project import ROOT, tracked

SOURCES = ROOT / "services/look/look/css"
TARGET = ROOT / "services/look/look/static/look/seodang.css"
# The rules that load fonts, by themselves: pages contain the others (look.styles).
FONTS = TARGET.with_name("fonts.css")
HEADER = """/* Written by `make css` from services/look/look/css. */
@layer reset, tokens, base, components, pages;
"""
# By script, its parts in js in the order in which their listeners are added.
SCRIPTS = {
    "seodang": ("seodang", "messages", "swaps", "avatars"),
    "drafts": ("drafts",),
    "review": ("review",),
}
# Markup that we do not write: the classes that htmx sets, and Markdown. Mails have styles of their own.
FOREIGN = ("services/*/templates/*/mail.html", "services/*/templates/*/email.html")

MAX_COLUMNS = 140
# The secondary button, the primary and the one that destroys, and the width of a column (docs/adr/0066).
BUTTONS = {"btn", "btn-primary", "btn-danger", "btn-wide"}

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# Comments that have lines of their own, and indentation: no string here is longer than a line.
_SPACE_OF_SCRIPT = re.compile(r"^[ \t]*/\*(?:[^*]|\*(?!/))*\*/[ \t]*\n|^[ \t]+", re.MULTILINE)
_SELECTOR = re.compile(r"[^{};]*(?=\{)")
_CSS_CLASS = re.compile(r"\.([a-zA-Z][\w-]*)")
_TAG = re.compile(r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}")
_ATTRIBUTE = re.compile(
    r'(?<![\w-])(?:class|css)="((?:[^"{]|\{[{%].*?[}%]\})*)"|\{% block page_class %\}([\w -]*)'
)
_STRING = re.compile(r""""([^"\n]*)"|'([^'\n]*)'""")


def joined() -> str:
    """Return the stylesheet: the files of SOURCES by name."""
    return HEADER + "".join(path.read_text("utf-8") for path in sorted(SOURCES.glob("*.css")))


def fonts() -> str:
    """Return the rules of the stylesheet that load a font."""
    return "".join([HEADER.splitlines(keepends=True)[0], *FONT_FILE.findall(joined())])


def script(names: Iterable[str]) -> str:
    """Return a script of these parts, without comments and indentation."""
    parts = "".join((SOURCES.parent / f"js/{name}.js").read_text("utf-8") for name in names)
    return "/* Written by `make css` from services/look/look/js. */\n" + _SPACE_OF_SCRIPT.sub("", parts)


def written_files() -> dict[Path, str]:
    """Return what `make css` writes, by path."""
    scripts = {TARGET.with_name(f"{name}.js"): script(parts) for name, parts in SCRIPTS.items()}
    return {TARGET: joined(), FONTS: fonts(), **scripts}


def defined(css: str) -> set[str]:
    """Return the classes in the selectors of a stylesheet."""
    selectors = _SELECTOR.findall(_COMMENT.sub("", css))
    return {name for selector in selectors for name in _CSS_CLASS.findall(selector)}


def written(html: str) -> set[str]:
    """Return the classes that a template writes out."""
    attributes = [found[1] or found[2] or "" for found in _ATTRIBUTE.finditer(html)]
    return {name for text in attributes for name in _TAG.sub(" ", text).split()}


def quoted(text: str) -> set[str]:
    """Return the words of the strings of a source: classes that code or a tag's argument chooses."""
    return {
        word for found in _STRING.finditer(text) for word in re.findall(r"[\w-]+", found[1] or found[2] or "")
    }


def other_buttons(classes: set[str]) -> Iterator[str]:
    """Yield the classes of buttons that are none of BUTTONS, as sentences."""
    for name in sorted(name for name in classes - BUTTONS if name.startswith("btn")):
        instead = "use .btn, .btn-primary, .btn-danger or .link"
        yield f"{SOURCES.relative_to(ROOT)}: no button is a {name}: {instead}"


def problems() -> Iterator[str]:
    """Yield what is wrong with the stylesheet, as sentences."""
    for path, text in written_files().items():
        if path.read_text("utf-8") != text:
            yield f"{path.relative_to(ROOT)} is not what its sources say: run `make css`"
    known = defined(joined() + "".join(path.read_text("utf-8") for path in SOURCES.glob("pages/*.css")))
    yield from other_buttons(known)
    foreign = set(tracked(*FOREIGN))
    pages = [path for path in tracked("services/*/templates/*.html", "deploy/*.html") if path not in foreign]
    used: set[str] = set()
    for path in pages:
        text, place = path.read_text("utf-8"), path.relative_to(ROOT)
        for number, line in enumerate(text.splitlines(), 1):
            if len(line) > MAX_COLUMNS and "templates" in path.parts:
                yield f"{place}:{number}: {len(line)} columns, {MAX_COLUMNS} at most"
        if "tests" in path.parts:
            continue
        for name in sorted(written(text) - known):
            yield f"{place}: no style for the class {name}"
        used |= written(text) | quoted(" ".join(_TAG.findall(text)))
    for path in tracked("services/*/templatetags/*.py", "services/*/forms.py", "services/look/*.js"):
        used |= quoted(path.read_text("utf-8"))
    for name in sorted(known - used):
        yield f"{SOURCES.relative_to(ROOT)}: nothing has the class {name}"


def main(arguments: list[str]) -> int:
    """Write the stylesheet, or check it."""
    if arguments == ["check"]:
        found = list(problems())
        print("\n".join(found))
        return int(bool(found))
    for path, text in written_files().items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
