"""Settings of the tests: a database file that other processes can see, quick passwords, folders of their own."""

import os
import tempfile
from pathlib import Path

# One folder for the test run and the processes it starts, which inherit the environment.
FOLDER = Path(os.environ.setdefault("GONGZHI_TEST_FOLDER", tempfile.mkdtemp(prefix="gongzhi-test-")))
HERE = Path(__file__).resolve().parents[1]
os.environ["GONGZHI_DATA"] = str(FOLDER)
os.environ["PYTHONPATH"] = os.pathsep.join([str(HERE), str(HERE / "src")])

from gongzhi.site.settings import *  # noqa: E402, F403
from gongzhi.site.settings import DATABASES  # noqa: E402

DATABASES["default"]["CONN_MAX_AGE"] = 0
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": str(FOLDER / "test.sqlite3")}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick, for tests only
