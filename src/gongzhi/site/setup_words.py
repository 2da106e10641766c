"""The words for codes of the set-up pages: kinds of units and areas, roles and what they may do, units of time."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gongzhi.apps.actors.public import Permission, Role

Words = dict[str, Promise]

UNIT_KINDS: Final[Words] = {
    "subdistrict_office": _("sub-district office"),
    "department": _("department"),
    "branch": _("branch"),
    "residents_committee": _("residents' committee"),
    "party_committee": _("party committee"),
    "property_company": _("property company"),
    "enterprise": _("enterprise"),
    "utility_company": _("utility company"),
    "social_organisation": _("social organisation"),
    "volunteer_team": _("volunteer team"),
    "school": _("school"),
    "health_service": _("health service"),
    "police": _("police"),
    "fire_station": _("fire station"),
    "hotline": _("hotline"),
}
AREA_KINDS: Final[Words] = {
    "city": _("city"),
    "county": _("county"),
    "district": _("district"),
    "subdistrict": _("sub-district"),
    "town": _("town"),
    "township": _("township"),
    "community": _("community"),
    "village": _("village"),
    "neighbourhood": _("neighbourhood"),
    "grid": _("grid"),
}
ROLE_NAMES: Final[dict[Role, Promise]] = {
    "worker": _("grid or community worker"),
    "handler": _("handler in a unit"),
    "coordinator": _("coordinator"),
    "leader": _("leader"),
    "admin": _("administrator"),
    "auditor": _("auditor"),
}
# In the order in which a table of roles lists them.
PERMISSION_NAMES: Final[dict[Permission, Promise]] = {
    "see_inbox": _("sees what waits at the desk"),
    "decide_case": _("decides category, unit and joining of cases"),
    "see_all_cases": _("sees all cases"),
    "handle_task": _("handles the tasks of the own unit"),
    "see_contact": _("may look up a reporter’s contact, with a reason that is kept"),
    "file_for_others": _("files what residents say at the door"),
    "see_figures": _("sees the figures"),
    "import_file": _("brings in files of the hotline"),
    "manage_setup": _("manages areas, units, people, the power list and the packs"),
    "see_ledger": _("checks the ledger"),
}
# The kinds of devices that actors.sessions tells apart.
DEVICE_NAMES: Final[Words] = {
    "android": _("Android phone or tablet"),
    "harmony": _("HarmonyOS phone or tablet"),
    "ios": _("iPhone or iPad"),
    "windows": _("Windows computer"),
    "mac": _("Mac computer"),
    "linux": _("Linux computer"),
    "other": _("another device"),
}
PACK_NAMES: Final[Words] = {"base": _("Common basis"), "community": _("Community governance")}
TIME_UNITS: Final[Words] = {
    "workday": _("working days"),
    "day": _("days"),
    "hour": _("hours"),
    "workhour": _("office hours"),
}
