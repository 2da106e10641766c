"""Units that close and people who move: dated, never rewritten."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from gongzhi.apps.actors.actions import end_grant, grant_role
from gongzhi.apps.actors.events import UnitClosing
from gongzhi.apps.actors.models import Grant, Unit
from gongzhi.apps.actors.rules import ROLE_PERMISSIONS
from gongzhi.apps.ledger import public as ledger
from gongzhi.apps.places.public import Jurisdiction, local_day
from gongzhi.kernel import events
from gongzhi.kernel.errors import GongzhiError


class UnitError(GongzhiError):
    """Something that cannot be done to a unit or to somebody's role in it."""


def successors_of(unit: Unit) -> list[Unit]:
    """Who took over from the unit, and from that one, in order; empty while it is at work or where nobody did."""
    line: list[Unit] = []
    current: Unit | None = unit
    while current is not None and not current.active and current.successor is not None:
        current = current.successor
        if current in line or current == unit:
            break
        line.append(current)
    return line


def standing_unit(unit: Unit) -> Unit | None:
    """The unit itself while it is at work, else whoever took over from it and is; None where nobody is."""
    if unit.active:
        return unit
    return next((found for found in successors_of(unit) if found.active), None)


def someone_else_decides(unit: Unit, at: datetime) -> bool:
    """Whether anybody who does not belong to the unit may decide on cases of its office now."""
    deciding = [role for role, allowed in ROLE_PERMISSIONS.items() if "decide_case" in allowed]
    rows = Grant.objects.filter(jurisdiction=unit.jurisdiction, role__in=deciding, since__lte=at)
    rows = rows.filter(Q(until=None) | Q(until__gt=at), user__is_active=True)
    own = Grant.objects.filter(unit=unit, since__lte=at).filter(Q(until=None) | Q(until__gt=at))
    return rows.exclude(user__in=own.values("user_id")).exists()


def _check_closing(unit: Unit, on: date, successor: Unit | None, at: datetime) -> None:
    if not unit.active:
        raise UnitError(_("This unit is closed already."), hint=_("Look at the list of units."))
    if on < local_day(unit.jurisdiction, at):
        raise UnitError(
            _("The day lies in the past."),
            hint=_("Choose today or a later day: what the unit did until now stays as it is."),
        )
    if successor is None:
        return
    if successor.pk == unit.pk or successor.jurisdiction_id != unit.jurisdiction_id or not successor.active:
        raise UnitError(
            _("This unit cannot take over."), hint=_("Choose another unit of the office that is at work.")
        )
    if successor.closed_on is not None and successor.closed_on <= on:
        raise UnitError(
            _("The unit that should take over closes by then itself."), hint=_("Choose another unit.")
        )


@transaction.atomic
def close_unit(*, unit: Unit, on: date, successor: Unit | None, reason: str, by: str, at: datetime) -> Unit:
    """Set the first day on which a unit is no longer at work, and who takes over. Carried out on that day.

    Raises UnitError for a day that has passed or a successor that cannot take over.
    """
    unit = Unit.objects.select_for_update(of=("self",)).select_related("jurisdiction").get(pk=unit.pk)
    if successor is not None:
        successor.refresh_from_db()
    _check_closing(unit, on, successor, at)
    unit.closed_on, unit.successor, unit.closing_reason = on, successor, reason.strip()[:300]
    unit.save(update_fields=["closed_on", "successor", "closing_reason"])
    fields = {"on": on.isoformat(), "successor": successor.pk if successor else None}
    _record(unit, "actors.unit_closing_set", by, at, fields)
    events.publish(UnitClosing(jurisdiction=unit.jurisdiction.code, at=at, unit_id=unit.pk))
    return unit


@transaction.atomic
def keep_unit(*, unit: Unit, by: str, at: datetime) -> Unit:
    """Call off a closing whose day has not come. UnitError where it has been carried out."""
    unit = Unit.objects.select_for_update(of=("self",)).select_related("jurisdiction").get(pk=unit.pk)
    if not unit.active:
        raise UnitError(
            _("This unit is closed already."),
            hint=_("To let it work again, change it and tick “At work”. What it held stays where it is now."),
        )
    unit.closed_on, unit.successor, unit.closing_reason = None, None, ""
    unit.save(update_fields=["closed_on", "successor", "closing_reason"])
    _record(unit, "actors.unit_closing_called_off", by, at, {})
    return unit


def units_to_close(jurisdiction: Jurisdiction, at: datetime) -> list[Unit]:
    """The units whose day has come and that still count as at work."""
    rows = Unit.objects.filter(
        jurisdiction=jurisdiction, active=True, closed_on__lte=local_day(jurisdiction, at)
    )
    return list(rows.select_related("jurisdiction", "successor", "parent").order_by("pk"))


def roles_in(unit: Unit, at: datetime) -> QuerySet[Grant]:
    """The roles that people hold for the unit now and lose when it closes.

    An administrator's role is the office's, whatever unit stands beside it.
    """
    rows = Grant.objects.filter(unit=unit, since__lte=at).filter(Q(until=None) | Q(until__gt=at))
    return rows.exclude(role="admin").select_related("user", "unit", "jurisdiction").order_by("pk")


@transaction.atomic
def finish_closing(*, unit: Unit, by: str, at: datetime) -> None:
    """The unit is no longer at work: roles in it end; units below it and the convening go to the successor."""
    for grant in roles_in(unit, at):
        end_grant(grant=grant, by=by, at=at)
    successor = standing_unit(unit.successor) if unit.successor is not None else None
    above = successor or unit.parent
    below = Unit.objects.filter(parent=unit)
    (below.exclude(pk=above.pk) if above is not None else below).update(parent=above)
    if above is not None and above.parent_id == unit.pk:
        Unit.objects.filter(pk=above.pk).update(parent=unit.parent)
    if unit.convening and successor is not None:
        Unit.objects.filter(pk=successor.pk).update(convening=True)
    Unit.objects.filter(pk=unit.pk).update(active=False, convening=False)
    _record(unit, "actors.unit_closed", by, at, {})


def _record(unit: Unit, kind: str, by: str, at: datetime, fields: dict[str, str | int | None]) -> None:
    ledger.record(
        tree=unit.jurisdiction.code, kind=kind, subject=f"unit:{unit.pk}", by=by, at=at, fields=fields
    )


@transaction.atomic
def move_person(*, grant: Grant, to: Unit, by: str, at: datetime) -> Grant:
    """End a role in one unit and give the same role in another at the same moment. Returns the new role.

    What the person did stays with the unit it was done for. UnitError where the role has ended or the unit is not
    at work.
    """
    grant = (
        Grant.objects.select_for_update(of=("self",))
        .select_related("user", "jurisdiction", "area")
        .get(pk=grant.pk)
    )
    to.refresh_from_db()
    if grant.until is not None and grant.until <= at:
        raise UnitError(_("This role has ended already."), hint=_("Give the person a new role instead."))
    if to.jurisdiction_id != grant.jurisdiction_id or not to.active:
        raise UnitError(_("This unit is not at work."), hint=_("Choose another unit."))
    if to.pk == grant.unit_id:
        raise UnitError(_("The person works for this unit already."), hint=_("Choose another unit."))
    end_grant(grant=grant, by=by, at=at)
    return grant_role(
        user=grant.user,
        jurisdiction=grant.jurisdiction,
        role=grant.role,  # type: ignore[arg-type]
        unit=to,
        area=grant.area,
        by=by,
        at=at,
    )
