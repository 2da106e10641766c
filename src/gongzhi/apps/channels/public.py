"""All that other apps may use of channels."""

from gongzhi.apps.channels import keeping
from gongzhi.apps.channels.actions import (
    NewReport,
    Promised,
    ReceivedReport,
    ReportError,
    check_text,
    keep_promises,
    mark_seen,
    notify,
    receive_report,
    receive_reports,
    view_contact,
)
from gongzhi.apps.channels.erasing import (
    delete_contacts,
    delete_imports,
    emptied_contacts,
    erase_contact,
    erase_report,
    imports_before,
    remove_lost_photos,
    reports_with_contact,
    reports_with_words,
)
from gongzhi.apps.channels.events import ReportReceived
from gongzhi.apps.channels.models import Contact, ContactView, ImportRun, Notice, Photo, Report, ReportPromise
from gongzhi.apps.channels.photos import CleanPhoto, PhotoError, clean_photo
from gongzhi.apps.channels.queries import (
    latest_promise,
    notices_of,
    photo_by_id,
    photos_of,
    report_by_code,
    report_by_id,
    reports_by_key,
)
from gongzhi.apps.channels.rules import MAX_PHOTOS, MAX_TEXT, REQUEST_TYPES

# fmt: off
__all__ = [
    "MAX_PHOTOS", "MAX_TEXT", "REQUEST_TYPES", "CleanPhoto", "Contact", "ContactView", "ImportRun",
    "NewReport", "Notice", "Photo", "PhotoError", "Promised", "ReceivedReport", "Report", "ReportError",
    "ReportPromise", "ReportReceived", "check_text", "clean_photo", "delete_contacts",
    "delete_imports", "emptied_contacts", "erase_contact", "erase_report", "imports_before",
    "keep_promises", "keeping", "latest_promise",
    "mark_seen", "notices_of", "notify", "photo_by_id", "photos_of", "receive_report", "receive_reports",
    "remove_lost_photos", "report_by_code", "report_by_id", "reports_by_key", "reports_with_contact",
    "reports_with_words", "view_contact",
]
