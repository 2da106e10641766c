"""Asks the registry's advisory service about every pinned package. Needs the open network; not part of `make test`."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
UNREACHED = "could not be audited"


def main() -> int:
    """0 when every package was asked about and none has a known hole; 1 for a hole; 2 when nobody could be asked."""
    uv = Path(sys.executable).parent / "uv"
    done = subprocess.run(
        [uv, "tool", "run", "pip-audit", "-r", "requirements-dev.lock", "--no-deps", "--disable-pip"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout + done.stderr
    unreached = said.count(UNREACHED)
    print(said if not unreached else "\n".join(x for x in said.splitlines() if UNREACHED not in x))
    if not unreached and done.returncode and "known vulnerabilit" not in said:
        print("The audit itself could not run: its program or the advisory service was not reached.")
        return 2
    if unreached:
        print(f"{unreached} packages could not be asked about: the advisory service was not reached.")
        return 2
    return 1 if done.returncode else 0


if __name__ == "__main__":
    sys.exit(main())
