"""All settings of the site. Each reader refuses a wrong value and says what is right.

Environment variables: DATABASE_URL, GONGZHI_DATA, GONGZHI_SECRET_KEY, GONGZHI_HOSTS, GONGZHI_DEBUG,
GONGZHI_PACKS, GONGZHI_HTTPS, GONGZHI_ORIGINS, GONGZHI_LOG, GONGZHI_LOG_FORMAT, GONGZHI_METRICS_KEY,
GONGZHI_SMTP_URL, GONGZHI_MAIL_FROM, GONGZHI_SITE_URL,
GONGZHI_IDLE_HOURS, GONGZHI_SESSION_HOURS, GONGZHI_ADMIN_SESSION_HOURS.
"""

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from gongzhi.kernel import keys
from gongzhi.kernel.mailserver import server_from

PACKAGE = Path(__file__).resolve().parents[1]
ROOT = PACKAGE.parents[1]


def _flag(name: str, default: bool) -> bool:
    value = os.environ.get(name, "").strip().lower()
    if value in {"", "0", "1", "true", "false", "yes", "no"}:
        return default if value == "" else value in {"1", "true", "yes"}
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}.")


def _secret(folder: Path) -> str:
    """The installation's secret: from the environment, or made once and kept readable by its owner only."""
    given = os.environ.get("GONGZHI_SECRET_KEY", "")
    if given:
        if len(given) < 32:
            raise ImproperlyConfigured("GONGZHI_SECRET_KEY needs at least 32 characters.")
        return given
    return keys.read_or_make(folder / keys.SECRET)


def _data_folder(folder: Path) -> Path:
    """The folder, made where it is missing and open to its owner only; one that cannot be made is found out later."""
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _metrics_key() -> str:
    """What a program must know to read /metrics; "" where nobody may."""
    key = os.environ.get("GONGZHI_METRICS_KEY", "")
    if key and (len(key) < 24 or not key.isascii()):
        raise ImproperlyConfigured("GONGZHI_METRICS_KEY needs at least 24 ASCII characters.")
    return key


def _hours(name: str, default: int) -> int:
    value = os.environ.get(name, "").strip() or str(default)
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= 720:
        raise ImproperlyConfigured(f"{name} must be a number of hours from 1 to 720, not {value!r}.")
    return int(value)


def _choice(name: str, known: tuple[str, ...], default: str) -> str:
    value = os.environ.get(name, "").strip() or default
    found = next((word for word in known if word.lower() == value.lower()), None)
    if found is None:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(known)}, not {value!r}.")
    return found


def _smtp_url() -> str:
    """The mail server; "" where no mail is sent. Its address is never repeated: it holds a password."""
    url = os.environ.get("GONGZHI_SMTP_URL", "").strip()
    if url:
        try:
            server_from(url)
        except ValueError as error:
            raise ImproperlyConfigured(f"GONGZHI_SMTP_URL cannot be used: {error}.") from None
    return url


def _mail_from(needed: bool) -> str:
    """The address that mail comes from; needed with a mail server."""
    address = os.environ.get("GONGZHI_MAIL_FROM", "").strip()
    try:
        if address or needed:
            validate_email(address)
            address.encode("ascii")
    except (ValidationError, UnicodeEncodeError):
        raise ImproperlyConfigured(
            "GONGZHI_MAIL_FROM must be a plain address such as answers@example.org; mail needs one."
        ) from None
    return address


def _site_url(needed: bool, hosts: list[str], https: bool) -> str:
    """How the links in mail begin, without a slash at the end; by default the first host."""
    given = os.environ.get("GONGZHI_SITE_URL", "").strip().rstrip("/")
    names = [host for host in hosts if not host.startswith(("*", "."))]
    url = given or (f"{'https' if https else 'http'}://{names[0]}" if names else "")
    if re.fullmatch(r"https?://[^\s/?#@]+", url):
        return url
    if given or needed:
        raise ImproperlyConfigured(
            "GONGZHI_SITE_URL must be where people open the site, such as https://gongzhi.example.org; mail needs it."
        )
    return ""


def _database(folder: Path) -> dict[str, Any]:
    url = os.environ.get("DATABASE_URL", "")
    if url:
        found: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=600, conn_health_checks=True))
    else:
        folder.mkdir(parents=True, exist_ok=True)
        found = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "gongzhi.sqlite3")}
    if found["ENGINE"] == "django.db.backends.sqlite3":
        # WAL lets readers go on while one writer writes; IMMEDIATE takes the write lock at once instead of
        # failing in the middle of a transaction.
        found["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
        }
    elif found["ENGINE"] != "django.db.backends.postgresql":
        raise ImproperlyConfigured("DATABASE_URL must start with sqlite:/// or postgres://")
    return found


DATA_ROOT = _data_folder(Path(os.environ.get("GONGZHI_DATA", str(ROOT / "var"))).resolve())
PACKS_ROOT = Path(os.environ.get("GONGZHI_PACKS", str(ROOT / "packs"))).resolve()
MODELS_ROOT = DATA_ROOT / "models"
MEDIA_ROOT = DATA_ROOT / "media"
DEBUG = _flag("GONGZHI_DEBUG", False)
SECRET_KEY = _secret(DATA_ROOT)
# Former keys still read sessions and signed forms; `gongzhi keys rotate` keeps them.
SECRET_KEY_FALLBACKS = keys.older_keys(DATA_ROOT / keys.SECRET)
# Tracking codes have a key of their own, so that they go on opening when the secret changes. Hex, newest first.
CODE_KEYS = keys.code_keys(DATA_ROOT, SECRET_KEY, SECRET_KEY_FALLBACKS)
# The machine itself may always ask, by these names: so a probe on it needs no setting.
LOOPBACK_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
HOSTS = [host.strip() for host in os.environ.get("GONGZHI_HOSTS", "").split(",") if host.strip()]
ALLOWED_HOSTS = [*HOSTS, *LOOPBACK_HOSTS]
METRICS_KEY = _metrics_key()
HTTPS = _flag("GONGZHI_HTTPS", False)

INSTALLED_APPS = [
    "gongzhi.kernel",
    "gongzhi.apps.ledger",
    "gongzhi.apps.places",
    "gongzhi.apps.actors",
    "gongzhi.apps.channels",
    "gongzhi.apps.understanding",
    "gongzhi.apps.cases",
    "gongzhi.apps.dispatch",
    "gongzhi.site",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "gongzhi.site.watching.requests.Watch",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "gongzhi.site.session_rules.SessionRules",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "gongzhi.site.urls"
WSGI_APPLICATION = "gongzhi.site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "site" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "gongzhi.site.access.page_context",
            ],
        },
    },
]
# In each process's own memory: parts of public pages and small tables, nothing that anybody would miss.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 4000},
    }
}
DATABASES = {"default": _database(DATA_ROOT)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "gz_actors.User"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "start"
LOGOUT_REDIRECT_URL = "start"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("zh-hant", "繁體中文"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "site" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
PRODUCT_NAME = _("gongzhi")

STATIC_URL = "/static/"
STATIC_ROOT = DATA_ROOT / "static"
STATICFILES_DIRS = [PACKAGE / "site" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# Photos are served by a view that checks who asks, never from a public folder.
MEDIA_URL = "/media-not-served/"
PHOTO_MAX_BYTES = 15 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
REQUEST_MAX_BYTES = 52 * 1024 * 1024

# Mail is sent where all three are known; without a server everything is told on the page alone.
GONGZHI_SMTP_URL = _smtp_url()
GONGZHI_MAIL_FROM = _mail_from(bool(GONGZHI_SMTP_URL))
GONGZHI_SITE_URL = _site_url(bool(GONGZHI_SMTP_URL), HOSTS, HTTPS)

# Staff: how long nothing may happen, how long a session lasts at most, and how long one that may change the set-up.
IDLE_HOURS = _hours("GONGZHI_IDLE_HOURS", 12)
SESSION_HOURS = _hours("GONGZHI_SESSION_HOURS", 168)
ADMIN_SESSION_HOURS = _hours("GONGZHI_ADMIN_SESSION_HOURS", 8)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]  # asked on the machine itself, behind the TLS proxy
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
# Nothing of a URL leaves to another origin. "no-referrer" would also blank the Origin header of our own
# forms, which the CSRF check needs (docs/decisions/0003).
SECURE_REFERRER_POLICY = "same-origin"
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("GONGZHI_ORIGINS", "").split(",") if o]
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

LOG_FORMAT = _choice("GONGZHI_LOG_FORMAT", ("plain", "json"), "plain")
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
LOG_LEVEL = _choice("GONGZHI_LOG", _LEVELS, "WARNING")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    # Errors may quote what people said; the formatters write down where they arose, the filter takes addresses out.
    "filters": {"trail": {"()": "gongzhi.kernel.loglines.Trail"}},
    "formatters": {
        "plain": {
            "class": "gongzhi.kernel.silence.SilentFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s%(trail)s",
        },
        "json": {"class": "gongzhi.kernel.loglines.JsonLines"},
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["trail"]},
    },
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    # A line a request is what one wants of a log that programs read; on a terminal it would bury the rest.
    "loggers": {
        "fido2": {"level": "WARNING"},  # below that it writes down the ids of people's passkeys
        "gongzhi.requests": {
            "level": "INFO" if LOG_FORMAT == "json" and not os.environ.get("GONGZHI_LOG") else "NOTSET"
        },
    },
}
