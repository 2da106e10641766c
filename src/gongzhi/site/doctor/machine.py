"""The machine: clock, time zones, disk, the data folder and its keys, static files."""

import os
import pwd
import shutil
import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.db import connection

from gongzhi.apps.ledger import public as ledger
from gongzhi.apps.places.public import jurisdictions
from gongzhi.kernel import backlog, keys
from gongzhi.site.doctor.findings import Check, Finding, broken, good, look, span

CLOCK: Final = "Clock"
ZONES: Final = "Time zones"
DISK: Final = "Disk"
FOLDER: Final = "Data folder"
KEYS: Final = "Keys"
STATIC: Final = "Static files"
SLACK: Final = timedelta(minutes=2)
MADE_IN: Final = 2026
MIB: Final = 1 << 20
LEAST_FREE: Final = 200 * MIB
GOOD_FREE: Final = 1024 * MIB
COLLECT: Final = "gongzhi manage collectstatic --noinput"


def look_at_clock(now: datetime) -> Iterator[Finding]:
    """Does the clock stand before something that was already written down?"""
    entry = ledger.newest_entry()
    known = [moment for moment in (entry.at if entry else None, backlog.newest_job_at()) if moment]
    behind = max(known) - now if known else timedelta(0)
    if behind > SLACK or now.year < MADE_IN:
        said = f"It stands {span(behind)} before the newest thing that was written down."
        if now.year < MADE_IN:
            said = f"It says {now.year}."
        yield broken(
            CLOCK,
            said,
            "Let the machine set its clock by the network: timedatectl set-ntp true. Deadlines hang on it.",
        )
    else:
        yield good(CLOCK, "It agrees with what was written down last.")


def look_at_zones(now: datetime) -> Iterator[Finding]:
    """Is there time zone data for the installation and every office?"""
    wanted = {settings.TIME_ZONE} | {office.zone for office in jurisdictions()}
    lost = []
    for name in sorted(wanted):
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            lost.append(name)
    if lost:
        yield broken(
            ZONES,
            f"No data for {', '.join(lost)}.",
            "Install them: apt install tzdata. Or mend the office's zone.",
        )
    else:
        yield good(ZONES, f"There is data for {', '.join(sorted(wanted))}.")


def _database_file() -> Path | None:
    name = Path(str(connection.settings_dict["NAME"]))
    return name if connection.vendor == "sqlite" and name.is_file() else None


def look_at_disk(now: datetime) -> Iterator[Finding]:
    """Is there room for what comes in, and for a back-up beside it?"""
    file = _database_file()
    size = file.stat().st_size if file else 0
    folders = {folder for folder in (Path(settings.DATA_ROOT), file.parent if file else None) if folder}
    free = min((shutil.disk_usage(folder).free for folder in folders if folder.exists()), default=None)
    mend = "Make room, or move the data folder (GONGZHI_DATA) to a larger disk."
    if free is None:
        return  # the data folder's own check says so
    said = f"{free // MIB} MiB are free; the database has {size // MIB} MiB."
    if free < LEAST_FREE:
        yield broken(DISK, f"{said} Soon nothing can be written.", mend)
    elif free < max(GOOD_FREE, 2 * size):
        yield look(DISK, f"{said} A back-up may find no room.", mend)
    else:
        yield good(DISK, f"{free // MIB} MiB are free.")


def look_at_folder(now: datetime) -> Iterator[Finding]:
    """Does the data folder belong to who runs this, and to nobody else?"""
    folder = Path(settings.DATA_ROOT)
    if not folder.is_dir():
        yield broken(FOLDER, "It is not there.", "Set GONGZHI_DATA to the right folder, then: gongzhi init")
        return
    about = folder.stat()
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        yield broken(
            FOLDER, "It cannot be written.", f"Give it to the account that runs gongzhi: chown {folder}"
        )
    elif about.st_uid != os.geteuid():
        owner = _account(about.st_uid)
        yield look(
            FOLDER,
            "It belongs to another account than the one that asks. Files made now could lock the site out.",
            f"Run gongzhi's commands as its owner: sudo -u {owner} gongzhi doctor",
        )
    elif about.st_mode & stat.S_IRWXO:
        yield look(FOLDER, "Everybody on this machine can look into it.", f"chmod 700 {folder}")
    else:
        yield good(FOLDER, "Only its owner can look into it.")


def _account(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"#{number}"


def look_at_keys(now: datetime) -> Iterator[Finding]:
    """Are the keys there, long, random and readable by their owner only?"""
    faults = keys.faults_of(Path(settings.DATA_ROOT))
    for fault in faults:
        yield broken(KEYS, fault.fault, fault.mend)
    secret = str(settings.SECRET_KEY)
    if len(secret) < 32 or len(set(secret)) < 12 or "insecure" in secret or "change" in secret.lower():
        yield broken(
            KEYS,
            "The secret is short or easily guessed: sign-ins could be forged.",
            "Make a random one: gongzhi keys rotate (or, where GONGZHI_SECRET_KEY is set, put a random one there).",
        )
    elif not faults:
        yield good(KEYS, "They are there, long, and readable by their owner only.")


def look_at_static(now: datetime) -> Iterator[Finding]:
    """Are style sheets and scripts collected, and are they those of this program?"""
    if settings.DEBUG or not isinstance(staticfiles_storage, ManifestFilesMixin):
        yield good(STATIC, "They are served as they lie in the program.")
        return
    manifest = Path(settings.STATIC_ROOT) / staticfiles_storage.manifest_name
    if not manifest.exists():
        yield good(STATIC, "They are not collected yet; “gongzhi serve” does it when it starts.")
    elif late := _late(manifest, set(staticfiles_storage.hashed_files)):
        yield broken(
            STATIC, f"{late} of them are of an older program.", f"{COLLECT}, then start the site anew"
        )
    else:
        yield good(STATIC, "They are collected.")


def _late(manifest: Path, known: set[str]) -> int:
    """How many files of the program are not in the collection, or are newer than it."""
    collected = manifest.stat().st_mtime
    late = 0
    for finder in finders.get_finders():
        for name, storage in finder.list([]):
            late += name not in known or Path(storage.path(name)).stat().st_mtime > collected
    return late


CHECKS: Final = (
    Check(CLOCK, look_at_clock),
    Check(ZONES, look_at_zones),
    Check(DISK, look_at_disk, wants_tables=False),
    Check(FOLDER, look_at_folder, wants_tables=False),
    Check(KEYS, look_at_keys, wants_tables=False),
    Check(STATIC, look_at_static, wants_tables=False),
)
