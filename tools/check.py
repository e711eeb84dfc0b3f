"""Run `make check A=…`."""

import subprocess
import sys

sys.exit(subprocess.run(["make", "check", f"A={' '.join(sys.argv[1:])}"], check=False).returncode)
