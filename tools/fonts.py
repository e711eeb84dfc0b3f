"""The fonts of every page: `make fonts` builds them from Pretendard Variable, with their @font-face rules.

Two files are on every page: Latin, and the syllables that our texts and names use most. The other syllables
of KS X 1001 are in slices by `unicode-range`, which a browser loads where a name needs one. "Pretendard" is a
name that the licence reserves: ours are called Seodang Sans. The same source and tools give the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
import sys
import tarfile
from collections import Counter
from io import BytesIO
from itertools import pairwise
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.ttLib.scaleUpem import scale_upem
from fontTools.varLib.instancer import instantiateVariableFont

from font_fallbacks import FAMILY, SAMPLE, fallbacks, width
from project import ROOT, tracked

VERSION = "1.3.9"
PACKAGE = f"pretendard@{VERSION}"
SHA512 = "PaQAADyLY5v4kYFwkpSJHbSSYIkiriY/1xXw75TKoZ9UQQqeU+tvP05yTdZAWibiIYoo8ZKtRv8PM7w0IaywSw=="
DOWNLOADS = ROOT / "var/fonts"
FONT = "package/dist/public/variable/PretendardVariable.ttf"
LICENCE = "package/dist/LICENSE.txt"
# Its own slices, the most used syllables in the last.
ORDER = "package/dist/web/variable/pretendardvariable-dynamic-subset.css"

TARGET = ROOT / "services/look/look/static/look/fonts"
STYLES = ROOT / "services/look/look/css/fonts.css"
# chassis.web.static_files serves the folder here in every service; the gateway asks one of them.
URL = "/static/look/fonts/"

# What the licence's file says first.
CHANGES = f"""These fonts are Pretendard Variable {VERSION}, changed: fewer characters, weights and features,
1,000 units an em, and the name Seodang Sans. Their licence is that of the original:

"""
WEIGHTS = (400, 700)
UNITS_PER_EM = 1000
# Latin with Vietnamese and its combining marks, punctuation, currency, arrows, signs.
LATIN = [
    (0x20, 0x7E), (0xA0, 0x17F), (0x1A0, 0x1A1), (0x1AF, 0x1B0), (0x218, 0x21B), (0x300, 0x303),
    (0x309, 0x309), (0x31B, 0x31B), (0x323, 0x323), (0x1EA0, 0x1EF9), (0x2009, 0x2027), (0x202F, 0x203A),
    (0x20A9, 0x20AC), (0x2116, 0x2122), (0x2190, 0x2193), (0x2212, 0x2212), (0x2248, 0x2265),
    (0x25CB, 0x25CF), (0x2713, 0x2713),
]  # fmt: skip
# Jamo, CJK punctuation, full-width forms.
HANGUL_SIGNS = [(0x3000, 0x3003), (0x3008, 0x3011), (0x3131, 0x3163), (0xFF01, 0xFF5E)]
FEATURES = ["ccmp", "kern", "mark", "tnum"]
# Copyright, names, version, and the licence with its address.
NAME_IDS = [0, 1, 2, 3, 4, 5, 6, 13, 14]
# How many syllables are on every page (our texts', names', then the most used), and how many in a slice.
COMMON = 740
SYLLABLES = (0xAC00, 0xD7A3)
NAMES = (
    "김이박최정강조윤장임한오서신권황안송전홍유고문양손배백허남심노하곽성차주우구민진나지엄채원천방공현함변염여추도소석선설마길"
    "연위표명기반왕금옥육인맹제모탁국어은편용류라경희준수영호아예시율건빈혜미태규훈재승찬동상철환형욱광범혁세다솔별람슬온새봄결"
    "숙자순복춘종병창대근일중식운린단비가람별리교화해월란봉덕섭균후해겸담로루보삼효휘흥"
)
SLICE = 110


def ks_x_1001() -> list[str]:
    """Return its 2,350 syllables."""
    rows = range(0xB0, 0xC9)
    return [bytes([row, cell]).decode("euc-kr") for row in rows for cell in range(0xA1, 0xFF)]


def own_texts() -> Counter[str]:
    """Return how often each syllable is in our texts: catalogues, and the gateway's own pages."""
    files = tracked("services/*/django.po", "deploy/gateway/pages/*.html")
    text = "".join(path.read_text("utf-8") for path in files)
    return Counter(char for char in text if "가" <= char <= "힣")


def by_use(css: str) -> list[str]:
    """Return the syllables of KS X 1001, the most used first, by the order of the source's own slices."""
    known = set(ks_x_1001())
    ranges = re.findall(r"unicode-range: ([^;]*);", css)
    found = [chr(code) for text in reversed(ranges) for code in codes(text)]
    return [char for char in dict.fromkeys(found) if char in known]


def codes(unicode_range: str) -> list[int]:
    """Return the characters of a `unicode-range`."""
    parts = [part.strip().removeprefix("U+").split("-") for part in unicode_range.split(",")]
    return [code for part in parts for code in range(int(part[0], 16), int(part[-1], 16) + 1)]


def unicode_range(chosen: set[int]) -> str:
    """Return characters as a `unicode-range`."""
    ordered = sorted(chosen)
    starts = [ordered[0], *(after for before, after in pairwise(ordered) if after != before + 1)]
    ends = [*(before for before, after in pairwise(ordered) if after != before + 1), ordered[-1]]
    return ",".join(
        f"U+{start:X}" if start == end else f"U+{start:X}-{end:X}"
        for start, end in zip(starts, ends, strict=True)
    )


def within(ranges: list[tuple[int, int]]) -> set[int]:
    """Return the characters of ranges that include their ends."""
    return {code for first, last in ranges for code in range(first, last + 1)}


def parts(css: str, available: set[int]) -> dict[str, set[int]]:
    """Return the characters of each file. A syllable of our texts outside KS X 1001 is on every page too."""
    texts, known = own_texts(), set(ks_x_1001())
    wanted = sorted(texts, key=lambda char: (char in known, -texts[char], char))
    ordered = list(dict.fromkeys([*wanted, *NAMES, *by_use(css)]))
    # The order of use again: what is rare together is in the same slice.
    rest = [char for char in by_use(css) if char in set(ordered[COMMON:])]
    found = {"latin": within(LATIN), "common": within(HANGUL_SIGNS) | set(map(ord, ordered[:COMMON]))}
    for start in range(0, len(rest), SLICE):
        found[f"slice-{start // SLICE + 1:02}"] = set(map(ord, rest[start : start + SLICE]))
    return {name: chosen & available for name, chosen in found.items()}


def source() -> dict[str, bytes]:
    """Return the files of the source package. Exits if it is not the one that is pinned."""
    archive = DOWNLOADS / f"{PACKAGE.replace('@', '-')}.tgz"
    if not archive.exists():
        DOWNLOADS.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "pack", "--silent", "--pack-destination", DOWNLOADS, PACKAGE], check=True)
    if base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode() != SHA512:
        sys.exit(f"{archive.relative_to(ROOT)} does not have the expected hash.")
    with tarfile.open(archive) as tar:
        members = {name: tar.extractfile(name) for name in (FONT, LICENCE, ORDER)}
        return {name: file.read() for name, file in members.items() if file}


def subset(font: TTFont, chosen: set[int]) -> None:
    """Reduce a font to some characters."""
    options = Options(layout_features=FEATURES, hinting=False, notdef_outline=True, name_IDs=NAME_IDS)
    options.recalc_timestamp = False
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=chosen)
    subsetter.subset(font)


def prepared(data: bytes, chosen: set[int]) -> TTFont:
    """Return the source with fewer characters, weights and units, and its own name."""
    font = TTFont(BytesIO(data), recalcTimestamp=False)
    subset(font, chosen)
    font["fvar"].instances = []
    instantiateVariableFont(font, {"wght": WEIGHTS}, inplace=True)
    scale_upem(font, UNITS_PER_EM)
    # A field without a width gets so many of these. The source's average is a syllable's.
    font["OS/2"].xAvgCharWidth = round(width(font, SAMPLE) * UNITS_PER_EM)
    names = font["name"]
    names.names = [name for name in names.names if name.platformID == 3 and name.langID == 0x409]
    postscript = f"{FAMILY.replace(' ', '')}-Regular"
    for number, text in {1: FAMILY, 3: f"{VERSION};{postscript}", 4: FAMILY, 6: postscript}.items():
        names.setName(text, number, 3, 1, 0x409)
    return font


def woff2(font: TTFont, chosen: set[int]) -> bytes:
    """Return a file with some of a font's characters."""
    copy = BytesIO()
    font.save(copy)
    copy.seek(0)
    part = TTFont(copy, recalcTimestamp=False)
    subset(part, chosen)
    part.flavor = "woff2"
    written = BytesIO()
    part.save(written)
    return written.getvalue()


def build() -> dict[Path, bytes]:
    """Return the contents of every generated file."""
    files = source()
    css = files[ORDER].decode()
    available = set(TTFont(BytesIO(files[FONT]), lazy=True).getBestCmap())
    chosen = parts(css, available)
    font = prepared(files[FONT], set().union(*chosen.values()))
    weights = f"{WEIGHTS[0]} {WEIGHTS[1]}"
    rules = ["/* Written by `make fonts`. */\n", *fallbacks(font)]
    names: dict[str, str] = {}
    built: dict[Path, bytes] = {TARGET / "OFL.txt": CHANGES.encode() + files[LICENCE].replace(b"\r\n", b"\n")}
    for part, characters in chosen.items():
        data = woff2(font, characters)
        # Later rules go before: the common file is for the syllables that no slice names, which is shorter.
        named = characters | within([SYLLABLES]) if part == "common" else characters
        names[part] = f"{part}.{hashlib.sha256(data).hexdigest()[:12]}.woff2"
        built[TARGET / names[part]] = data
        rules.append(
            f"@font-face {{ font-family: '{FAMILY}'; font-weight: {weights}; font-display: swap;\n"
            f"  src: url('{URL}{names[part]}') format('woff2');\n"
            f"  unicode-range: {unicode_range(named)}; }}\n"
        )
        print(f"{names[part]}: {len(data):,} bytes, {len(characters)} characters")
    built[STYLES] = "".join(rules).encode()
    return built


def main() -> None:
    """Write the files and remove former ones."""
    built = build()
    for path, data in built.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    for path in set(TARGET.iterdir()) - set(built):
        path.unlink()


if __name__ == "__main__":
    main()
