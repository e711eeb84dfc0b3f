"""Pin the dependencies: `make lock`.

All requirements are resolved together, for Python 3.11 to 3.13 on every system. Each file is compiled with
that solution as its constraints, so that no two files pin different versions. The files contain names,
versions and hashes, and no download address.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV = Path(sys.executable).parent / "uv"
SERVICES = ("users", "study", "notification")
SHARED = ["services/chassis/pyproject.toml", "services/look/pyproject.toml"]
RUNTIME = [*SHARED, *(f"services/{name}/pyproject.toml" for name in SERVICES)]
REQUIREMENT_SETS = (
    "uv", "demo", "test", "api", "check", "browser", "mysql", "deploy", "cluster", "assets", "docs",
    "mail-sink", "bench",
)  # fmt: skip


def outputs() -> dict[str, list[str]]:
    """Return each file of pins and its sources."""
    files = {f"requirements/{name}.txt": [f"requirements/{name}.in"] for name in REQUIREMENT_SETS}
    files["requirements/demo.txt"] = [*RUNTIME, "requirements/demo.in"]
    files["requirements/test.txt"].append("services/contracts/pyproject.toml")
    files["requirements/browser.txt"].append("services/e2e/pyproject.toml")
    for name in SERVICES:
        files[f"services/{name}/requirements.txt"] = [*SHARED, f"services/{name}/pyproject.toml"]
    return files


def compile_pins(sources: list[str], target: Path, *options: str) -> None:
    """Resolve the sources into the target; existing pins are kept unless an option changes that."""
    command = [
        str(UV), "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--no-header",
        "--no-annotate", "--generate-hashes", "--no-emit-index-url", "--no-emit-find-links",
        "--no-emit-package", "seodang-chassis", "--no-emit-package", "seodang-look",
        "--output-file", str(target), *options, *sources,
    ]  # fmt: skip
    subprocess.run(command, cwd=ROOT, check=True)


def main(options: list[str]) -> None:
    """Compile every file. `--upgrade` and `--upgrade-package NAME` apply to the common resolution."""
    files = outputs()
    all_sources = list(dict.fromkeys(source for sources in files.values() for source in sources))
    with tempfile.TemporaryDirectory() as folder:
        resolution = Path(folder) / "resolution.txt"
        # The resolution starts from the current pins, so `make lock` alone changes no version.
        known = [path.read_text() for name in files if (path := ROOT / name).exists()]
        pins = re.findall(r"^\S+==.*(?:\n    --hash.*)*", "\n".join(known), re.MULTILINE)
        resolution.write_text("\n".join(sorted(set(pins))) + "\n")
        compile_pins(all_sources, resolution, *options)
        pin_options = ["--constraints", str(resolution), "--upgrade"]
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda name: compile_pins(files[name], ROOT / name, *pin_options), files))
    print(f"{len(files)} files of pins agree; `make` installs them on its next run.")


if __name__ == "__main__":
    main(sys.argv[1:])
