"""Finds a Chromium for the browser tests; as root installs Debian's, with fonts that can write Chinese."""

import os
import shutil
import subprocess
import sys

import postgres

INSTALL = "apt-get update && apt-get install -y --no-install-recommends chromium fonts-noto-cjk"
NAMES = ("chromium", "chromium-browser", "google-chrome")


def _find() -> str | None:
    named = os.environ.get("CHROMIUM")
    return named or next((found for name in NAMES if (found := shutil.which(name))), None)


def _writes_chinese() -> bool:
    if not shutil.which("fc-list"):
        return False
    said = subprocess.run(["fc-list", ":lang=zh-cn"], capture_output=True, text=True, check=False).stdout
    return bool(said.strip())


def chromium() -> str:
    """The path of the browser; ends with the command to run where there is none."""
    found = _find()
    if (not found or not _writes_chinese()) and os.geteuid() == 0 and shutil.which("apt-get"):
        postgres.install(INSTALL)
        found = _find()
    if not found:
        sys.exit(
            "The browser tests need Chromium. On Debian or Ubuntu:\n"
            f"    sudo sh -c '{INSTALL}'\nGONGZHI_SKIP_BROWSER=1 leaves these tests out knowingly."
        )
    return found
