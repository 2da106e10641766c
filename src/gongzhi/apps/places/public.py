"""All that other apps may use of places."""

from gongzhi.apps.places.actions import save_area, save_jurisdiction, save_place
from gongzhi.apps.places.models import Area, Jurisdiction, Place
from gongzhi.apps.places.queries import (
    PlaceName,
    area_at,
    area_by_id,
    area_line,
    areas,
    areas_at,
    calendar_of,
    check_coordinates,
    descend,
    forget_kept,
    gazetteer,
    jurisdiction_by_code,
    jurisdictions,
    local_day,
    place_points,
)
from gongzhi.apps.places.rules import Box, Coordinates, box_around, metres_between

__all__ = [
    "Area",
    "Box",
    "Coordinates",
    "Jurisdiction",
    "Place",
    "PlaceName",
    "area_at",
    "area_by_id",
    "area_line",
    "areas",
    "areas_at",
    "box_around",
    "calendar_of",
    "check_coordinates",
    "descend",
    "forget_kept",
    "gazetteer",
    "jurisdiction_by_code",
    "jurisdictions",
    "local_day",
    "metres_between",
    "place_points",
    "save_area",
    "save_jurisdiction",
    "save_place",
]
