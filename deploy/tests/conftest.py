"""The chart is rendered in this process, by Helm as a library: no cluster, and no helm on the PATH."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
