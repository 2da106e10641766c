"""What reports are read with: packs without fault, models that open."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from django.conf import settings

from gongzhi.apps.places.public import jurisdictions
from gongzhi.apps.understanding import public as understanding
from gongzhi.apps.understanding.public import ModelState
from gongzhi.scenarios.loader import load_packs
from gongzhi.scenarios.model import PackError
from gongzhi.site.doctor.findings import Check, Finding, broken, good, span

PACKS: Final = "Packs"
MODELS: Final = "Reading models"
NAMED: Final = 10


def look_at_packs(now: datetime) -> Iterator[Finding]:
    """Do the packs of every office load?"""
    root = Path(settings.PACKS_ROOT)
    used = sorted({tuple(office.packs) for office in jurisdictions()})
    if not used:
        used = [tuple(sorted(path.parent.name for path in root.glob("*/pack.toml")))]
    if not any(used):
        yield broken(
            PACKS, "There are no packs.", "Set GONGZHI_PACKS to the folder “packs” that came with gongzhi."
        )
        return
    faults: dict[str, None] = {}
    for names in used:
        try:
            load_packs(root, names)
        except PackError as error:
            faults |= dict.fromkeys(str(fault) for fault in error.faults)
    named = sorted({name for names in used for name in names})
    if not faults:
        yield good(PACKS, f"All load: {', '.join(named)}.")
    for fault in list(faults)[:NAMED]:
        yield broken(PACKS, fault, "Mend the line it names, or put back the pack that came with gongzhi.")
    if len(faults) > NAMED:
        yield broken(PACKS, f"And {len(faults) - NAMED} more.", "Mend the first ones, then look again.")


def look_at_models(now: datetime) -> Iterator[Finding]:
    """Is there a base model, do it and the offices' own models open, and how old are they?"""
    base = understanding.model_state(None)
    if base is None:
        yield broken(MODELS, "There is no base model: people must choose every category.", "gongzhi train")
    else:
        yield _model("The base model", base, "gongzhi train --force", now)
    for office in jurisdictions():
        own = understanding.model_state(office.pk)
        if own is not None and (base is None or own.version != base.version):
            mend = f"gongzhi train --office {office.code} --force"
            yield _model(f"The model of “{office.code}”", own, mend, now)


def _model(name: str, state: ModelState, mend: str, now: datetime) -> Finding:
    if not state.readable:
        said = f"{name} ({state.version}) cannot be opened: people must choose every category."
        return broken(MODELS, said, f"Put its folder below “models” back from a back-up, or: {mend}")
    return good(MODELS, f"{name} opens. It is {span(now - state.created_at)} old.")


CHECKS: Final = (Check(PACKS, look_at_packs), Check(MODELS, look_at_models))
