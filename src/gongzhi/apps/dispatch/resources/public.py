"""All that others may use of what units lend each other."""

from gongzhi.apps.dispatch.resources.actions import BookingError, book, cancel, save_resource
from gongzhi.apps.dispatch.resources.calendar_file import Entry, calendar_file
from gongzhi.apps.dispatch.resources.models import Booking, Resource, TeamSkill
from gongzhi.apps.dispatch.resources.queries import (
    NEAR_METRES,
    Near,
    booking_by_id,
    bookings_of,
    can_help_now,
    of_series,
    resources,
)
from gongzhi.apps.dispatch.resources.rules import FEWEST_SHOWN, KINDS, spans_of

__all__ = [
    "FEWEST_SHOWN",
    "KINDS",
    "NEAR_METRES",
    "Booking",
    "BookingError",
    "Entry",
    "Near",
    "Resource",
    "TeamSkill",
    "book",
    "booking_by_id",
    "bookings_of",
    "calendar_file",
    "can_help_now",
    "cancel",
    "of_series",
    "resources",
    "save_resource",
    "spans_of",
]
