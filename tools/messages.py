"""Translations: `make messages`.

    update [study …]  collect the msgids from Python and templates into each app's django.po, and compile
    compile           write each django.mo that is missing or older than its django.po
    check             every msgid is translated, the same in all apps of a service; there is no untranslated
                      text in templates or code

The source is English; the Korean translations are in each app's locale/ko/LC_MESSAGES/django.po.
Babel and Django's templatize do the work: gettext is not needed.
"""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

import texts
from project import ROOT, SERVICES

LANGUAGE = "ko"
PACKAGES = ("chassis", "look", *SERVICES)
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    **{f"{name}_lazy": DEFAULT_KEYWORDS[name] for name in ("gettext", "ngettext", "pgettext", "npgettext")},
    "gettext_noop": None,
}
# After a name that is not known, chassis/particles.py chooses the form by a marker such as {을/를}.
BOTH_PARTICLES = re.compile(
    r"[을를]\([을를]\)|[이가]\([이가]\)|[은는]\([은는]\)|[와과]\([와과]\)|\(으\)로|\(이\)"
)
MARKER = re.compile(r"\{[^{}]*/[^{}]*\}")
PLACED_MARKER = re.compile(r"%\(\w+\)[sd](?:</\w+>|[’”」』\"')\]])*\{[가-힣]+/[가-힣]*\}")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}")
HEADER = f"""\
# What this app says in Korean. `make messages` keeps the list; the sentences are ours.
msgid ""
msgstr ""
"Language: {LANGUAGE}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""


def apps(packages: Sequence[str] = PACKAGES) -> list[Path]:
    """Return the folders with a catalogue: the chassis, the look, and each app of a service."""
    folders = []
    for name in packages:
        package = ROOT / "services" / name / name
        if name in SERVICES:
            folders += sorted(entry.parent for entry in package.glob("*/__init__.py"))
        else:
            folders.append(package)
    return folders


def catalogue(app: Path) -> Path:
    """Return the path of an app's django.po."""
    return app / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"


def sources(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder that may contain messages: Python, and templates of pages and mails."""
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        is_code = path.suffix == ".py" and not {"migrations", "tests"} & set(parts)
        if is_code or (path.suffix in {".html", ".txt"} and "templates" in parts):
            yield path


def msgids(path: Path) -> list[tuple[str | tuple[str, ...], str | None]]:
    """Return the msgids of a Python file or a template, each with its context."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        # Django converts a template to Python; inside parentheses its indentation has no meaning.
        text = f"(\n{templatize(text, origin=str(path))}\n)"
    found = extract("python", io.BytesIO(text.encode()), KEYWORDS)
    return [(msgid, context) for _, msgid, _, context in found]


def collect(app: Path) -> Catalog:
    """Return a catalogue with every msgid of the app and the files that use it."""
    found = Catalog(locale=LANGUAGE, fuzzy=False)
    for path in sources(app):
        for text, context in msgids(path):
            found.add(text, context=context, locations=[(path.relative_to(app).as_posix(), 1)])
    return found


def read(path: Path) -> Catalog:
    """Read a catalogue; return an empty one if the file does not exist."""
    if not path.exists():
        return Catalog(locale=LANGUAGE, fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=LANGUAGE, ignore_obsolete=True)


def update(packages: Sequence[str] = PACKAGES) -> list[str]:
    """Write each app's catalogue: sorted, without dates. Return what is not translated, as sentences.

    A changed msgid is a new one.
    """
    for app in apps(packages):
        path, text = catalogue(app), io.BytesIO(HEADER.encode())
        catalog = read(path)
        catalog.update(collect(app), no_fuzzy_matching=True)
        catalog.obsolete.clear()
        if len(catalog) == 0:
            path.unlink(missing_ok=True)
            continue
        text.seek(0, io.SEEK_END)
        write_po(text, catalog, width=100, omit_header=True, sort_output=True, include_lineno=False)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.getvalue())
    return [problem for app in apps(packages) for problem in missing_translations(app)]


def compile_all() -> None:
    """Write each .mo that is missing or older than its .po."""
    for source in filter(Path.exists, map(catalogue, apps())):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime_ns < source.stat().st_mtime_ns:
            fresh = target.with_suffix(f".{os.getpid()}")
            with fresh.open("wb") as file:
                write_mo(file, read(source))
            fresh.replace(target)


def missing_translations(app: Path) -> list[str]:
    """Return the faults of an app's catalogue, as sentences."""
    where, have, now = catalogue(app).relative_to(ROOT), read(catalogue(app)), collect(app)
    problems = []
    for message in now:
        if message.id:
            there = have.get(message.id, context=message.context)
            problems += [f'{where}: "{first(message)}" {fault}' for fault in faults(there, have)]
    gone = [message for message in have if message.id and not now.get(message.id, context=message.context)]
    return problems + [f'{where}: "{first(message)}" is no longer used' for message in gone]


def first(message: Message) -> str:
    """Return the msgid; the singular of a plural."""
    return message.id if isinstance(message.id, str) else str(message.id[0])


def faults(message: Message | None, catalog: Catalog) -> list[str]:
    """Return the faults of one entry, such as missing or unknown placeholders."""
    if message is None:
        return ["is not listed"]
    forms = [message.string] if isinstance(message.string, str) else message.string
    if not forms or not all(forms):
        return ["has no Korean"]
    if message.fuzzy:
        return ["is marked fuzzy"]
    if any(BOTH_PARTICLES.search(form) for form in forms):
        return ["has a particle in two forms; write {을/를} after the placeholder"]
    if any(MARKER.search(PLACED_MARKER.sub("", form)) for form in forms):
        return ["has a particle's marker that does not follow a placeholder such as %(name)s"]
    english = message.id if isinstance(message.id, str) else str(message.id[-1])
    wrong = {str(error) for error in message.check(catalog)}
    # A text of placeholders only is a pattern, such as a date: each language uses the parts it needs.
    if re.search(r"[A-Za-z]", PLACEHOLDER.sub("", english)):
        wrong |= {name for form in forms for name in PLACEHOLDER.findall(form)} ^ {
            *PLACEHOLDER.findall(english)
        }
    return [f"is mistranslated: {fault}" for fault in sorted(wrong)]


def contradictions(package: str) -> list[str]:
    """Return the texts that two apps of a service translate differently; Django would use one for both."""
    first_seen: dict[tuple[str, str | None], tuple[Path, object]] = {}
    problems = []
    for app in apps(list(dict.fromkeys(("chassis", "look", package)))):
        path = catalogue(app).relative_to(ROOT)
        for message in read(catalogue(app)):
            other, korean = first_seen.setdefault((first(message), message.context), (path, message.string))
            if message.id and korean != message.string:
                problems.append(
                    f'{path}: "{first(message)}" is translated differently in {other}; use one, or a context'
                )
    return problems


def check() -> list[str]:
    """Return every untranslated text, as sentences."""
    problems = [problem for app in apps() for problem in missing_translations(app)]
    problems += [problem for package in PACKAGES for problem in contradictions(package)]
    owned = apps()
    for name in PACKAGES:
        for path in sources(ROOT / "services" / name / name):
            problems += texts.untranslated(path.read_text(encoding="utf-8"), path.relative_to(ROOT))
            if msgids(path) and not any(app in path.parents for app in owned):
                problems.append(f"{path.relative_to(ROOT)}: a text outside every app; move it into one")
    return problems


def main(arguments: list[str]) -> int:
    """Run the command; print the problems and how to fix them."""
    problems: list[str] = []
    match arguments:
        case ["update", *packages]:
            problems = update(packages or PACKAGES)
            compile_all()
        case ["compile"]:
            compile_all()
        case ["check"]:
            problems = check()
        case _:
            sys.exit(__doc__)
    if problems:
        print(*problems, sep="\n")
        print(f"\n{len(problems)} to fix: `make messages` lists them; write the Korean into the named .po.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
