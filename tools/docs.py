"""Build the documentation site in Korean and English into var/docs: `make docs`.

Each language is a project of its own: pages of docs/site/<language>, screenshots of docs/pictures, and
documents of the repository. A broken link, a missing file and a request to another host fail the build.
"""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from project import ROOT

PAGES = ROOT / "docs/site"
SOURCE = ROOT / "var/docs-source"
SITE = ROOT / "var/docs"
LANGUAGES = ("ko", "en")
# Documents of the repository that are pages of the site, unless the language has a page of that name.
DOCUMENTS = {
    "architecture.md": "docs/architecture.md",
    "operations.md": "docs/operations.md",
    "events.md": "docs/events.md",
    "contributing.md": "CONTRIBUTING.md",
}
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(([^)\s]+)\)")
# What a browser requests by itself, as opposed to a link that a reader follows.
REQUEST = re.compile(r"<(?:script|img|iframe|source|link(?![^>]*rel=\"?(?:canonical|alternate)))\b[^>]*>")
ADDRESS = re.compile(r"\b(?:src|href)=(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))")
COLOUR = re.compile(r"\x1b\[[\d;]*m")
# Zensical loads these from another host when a page uses them.
FETCHED = ('class="mermaid"', 'class="glightbox"', 'class="pyodide"', "data-md-component=source")


def with_links(text: str, place: Path, repository: str) -> str:
    """Return a document's text with links to pages of the site, or to files of the repository's URL."""
    names = {(ROOT / path).resolve(): name for name, path in DOCUMENTS.items()}

    def replace(link: re.Match[str]) -> str:
        label, target = link.groups()
        path, _, anchor = target.partition("#")
        if urlsplit(target).scheme or not path:
            return link[0]
        found = (place.parent / path).resolve()
        if found in names:
            return f"[{label}]({names[found]}{'#' + anchor if anchor else ''})"
        if not found.exists():
            raise SystemExit(f"{place.relative_to(ROOT)}: {target} does not exist")
        name = found.relative_to(ROOT)
        return f"[{label}]({repository}/blob/main/{name})" if repository else f"{label} (`{name}`)"

    return LINK.sub(replace, text)


def prepare(language: str, repository: str, url: str) -> None:
    """Write the sources of a language: its pages, the screenshots, the documents and the configuration."""
    folder = SOURCE / language
    shutil.copytree(PAGES / language, folder)
    shutil.copytree(ROOT / "docs/pictures", folder / "pictures/")
    shutil.copy(ROOT / "services/look/look/static/look/favicon.svg", folder / "pictures/")
    for name, path in DOCUMENTS.items():
        if not (folder / name).exists():
            place = ROOT / path
            (folder / name).write_text(
                with_links(place.read_text("utf-8"), place, repository), encoding="utf-8"
            )
    text = (PAGES / f"{language}.toml").read_text("utf-8")
    if url:
        text = text.replace("[project]\n", f'[project]\nsite_url = "{url}/{language}/"\n', 1)
    (SOURCE / f"{language}.toml").write_text(text, encoding="utf-8")


def problems() -> Iterator[str]:
    """Yield the requests of built pages that go to another host or to a missing file."""
    for page in sorted(SITE.rglob("*.html")):
        text = page.read_text("utf-8")
        place = page.relative_to(SITE)
        yield from (f"{place}: {mark} loads from another host" for mark in FETCHED if mark in text)
        for tag in REQUEST.findall(text):
            for groups in ADDRESS.findall(tag):
                address = html.unescape("".join(groups))
                parts = urlsplit(address)
                if parts.scheme == "data":
                    continue
                if parts.scheme or parts.netloc:
                    yield f"{place}: requests {address}"
                elif (
                    parts.path
                    and page.name != "404.html"
                    and not (page.parent / unquote(parts.path)).exists()
                ):
                    yield f"{place}: {address} is missing"


def build() -> int:
    """Build both languages. Return the exit code."""
    # GitHub's workflow names the repository; elsewhere files outside the site are named without a link.
    name = os.environ.get("GITHUB_REPOSITORY", "")
    repository = f"{os.environ.get('GITHUB_SERVER_URL', '')}/{name}" if name else ""
    for folder in (SOURCE, SITE):
        shutil.rmtree(folder, ignore_errors=True)
    SITE.mkdir(parents=True)
    for language in LANGUAGES:
        prepare(language, repository, os.environ.get("SITE_URL", "").rstrip("/"))
        command = [str(Path(sys.executable).parent / "zensical"), "build", "--strict"]
        done = subprocess.run(
            [*command, "--config-file", str(SOURCE / f"{language}.toml")],
            cwd=SOURCE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            print(COLOUR.sub("", done.stdout.partition("Traceback")[0]), file=sys.stderr)
            return 1
        # Zensical writes below its configuration only.
        (SOURCE / "site" / language).rename(SITE / language)
    shutil.copy(PAGES / "index.html", SITE / "index.html")
    found = list(problems())
    print("\n".join(found), end="\n" if found else "", file=sys.stderr)
    if not found:
        pages = len(list(SITE.glob("*/*.html")))
        print(f"{pages} pages in {SITE.relative_to(ROOT)}; open {SITE.relative_to(ROOT)}/index.html")
    return bool(found)


if __name__ == "__main__":
    sys.exit(build())
