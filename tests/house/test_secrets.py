"""No secret and no real person's number is in the repository."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
READ = {
    ".py",
    ".toml",
    ".md",
    ".html",
    ".js",
    ".css",
    ".jsonl",
    ".geojson",
    ".csv",
    ".txt",
    ".sh",
    ".yml",
    ".cfg",
    ".po",
}
MOST = 3_000_000
SECRETS = {
    "a private key": r"-----BEGIN (?:RSA |EC |OPENSSH |PGP )?PRIVATE KEY",
    "a cloud key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "a token of a code host": r"\bgh[pousr]_[A-Za-z0-9]{30,}\b|\bglpat-[\w-]{20,}\b",
    "a web token": r"\beyJ[\w-]{20,}\.eyJ[\w-]{20,}\.",
    "a password in an address": r"\b(?:postgres|postgresql|mysql|smtps?)://[^\s:/@]+:(?!pass|secret|PASSWORD|password|wrong|x+\b|\{|<|%|\$)[^\s@/]{6,}@",
    "a secret key": r"SECRET_KEY\s*=\s*['\"][^'\"]{20,}['\"]",
}
# A mainland mobile number or identity number that is not starred out or plainly made up.
NUMBERS = {
    "a mobile number": r"(?<!\d)1[3-9]\d{9}(?!\d)",
    "an identity number": r"(?<!\d)\d{6}(?:19|20)\d{2}(?:0[1-9]|1[0-2])\d{2}\d{3}[\dXx](?!\d)",
}
MADE_UP = re.compile(r"0{4}|1{4}|12345|(\d)\1{4}|8{4}|5{4}")


def tracked() -> list[Path]:
    """The text files that git keeps, without locks."""
    said = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
    ).stdout.decode()
    paths = [ROOT / name for name in said.split("\0") if name]
    return [p for p in paths if p.suffix in READ and p.is_file() and p.stat().st_size < MOST]


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: there is nothing to say which files are kept")
    return {str(p.relative_to(ROOT)): p.read_text(encoding="utf-8", errors="replace") for p in tracked()}


@pytest.mark.parametrize("what", SECRETS)
def test_no_secret_is_kept(texts: dict[str, str], what: str) -> None:
    pattern = re.compile(SECRETS[what])
    found = [
        name for name, text in texts.items() if name != "tests/house/test_secrets.py" and pattern.search(text)
    ]
    assert found == [], f"{what} stands in a kept file: make it anew elsewhere and take this one out"


@pytest.mark.parametrize("what", NUMBERS)
def test_no_real_persons_number_is_kept(texts: dict[str, str], what: str) -> None:
    pattern = re.compile(NUMBERS[what])
    found = [
        (name, number)
        for name, text in texts.items()
        for number in pattern.findall(text)
        if not MADE_UP.search(number)
    ]
    assert found == [], f"{what} that could be somebody's: use one with 0000"
