"""The reading model in use, kept per process and memory-mapped; a new active version is noticed within seconds."""

import logging
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connection
from django.db.models import Q

from gongzhi.apps.understanding.models import ModelVersion
from gongzhi_analysis.text.model import ModelError, TextModel, load_model

CHECK_SECONDS: Final = 3.0
_log = logging.getLogger(__name__)
_active: dict[tuple[str, int | None], tuple[float, str]] = {}
_models: dict[str, TextModel] = {}


def models_root() -> Path:
    """The folder that holds the model folders."""
    return Path(settings.MODELS_ROOT)


def forget_models() -> None:
    """Look at the table again at the next reading: after a model was put into use, and between tests."""
    _active.clear()
    _models.clear()


def active_version(jurisdiction_id: int | None) -> ModelVersion | None:
    """The version in use: the office's own, else the base model."""
    rows = ModelVersion.objects.filter(Q(jurisdiction_id=jurisdiction_id) | Q(jurisdiction=None), active=True)
    return max(rows, key=lambda row: row.jurisdiction_id is not None, default=None)


@dataclass(frozen=True)
class ModelState:
    """The version that reads, since when it exists, and whether its files can be opened."""

    version: str
    created_at: datetime
    readable: bool


def model_state(jurisdiction_id: int | None) -> ModelState | None:
    """The model that reads for an office (None: the base model), its files really opened; None where none is in use."""
    row = active_version(jurisdiction_id)
    if row is None:
        return None
    try:
        load_model(models_root() / row.folder)
    except ModelError:
        return ModelState(row.version, row.created_at, readable=False)
    return ModelState(row.version, row.created_at, readable=True)


def model_for(jurisdiction_id: int | None) -> tuple[str, TextModel] | None:
    """(version, model) that reads for an office; None where there is none that can be opened."""
    key = (str(connection.settings_dict["NAME"]), jurisdiction_id)
    now = time.monotonic()
    known = _active.get(key)
    if known is None or now - known[0] > CHECK_SECONDS:
        row = active_version(jurisdiction_id)
        folder = str(models_root() / row.folder) if row else ""
        known = _active[key] = (now, f"{row.version}\n{folder}" if row else "")
    if not known[1]:
        return None
    version, folder = known[1].split("\n")
    model = _opened(folder)
    return (version, model) if model else None


def _opened(folder: str) -> TextModel | None:
    model = _models.get(folder)
    if model is None:
        try:
            model = load_model(Path(folder))
        except ModelError:
            # A report must not be lost because a file is: it goes to a person, unread.
            _log.exception("the reading model cannot be opened")
            return None
        if len(_models) > 16:
            _models.clear()
        _models[folder] = model
    return model
