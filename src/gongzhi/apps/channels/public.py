"""All that other apps may use of channels."""

from gongzhi.apps.channels import keeping
from gongzhi.apps.channels.actions import (
    NewReport,
    ReceivedReport,
    ReportError,
    check_text,
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
from gongzhi.apps.channels.messages import end_mail, resume_mail
from gongzhi.apps.channels.models import (
    Contact,
    ContactView,
    ImportRun,
    MailEnd,
    MailWish,
    Message,
    Notice,
    Photo,
    Report,
    ReportPromise,
)
from gongzhi.apps.channels.photos import CleanPhoto, PhotoError, clean_photo
from gongzhi.apps.channels.queries import (
    Told,
    latest_promise,
    mail_state,
    notices_of,
    photo_by_id,
    photos_of,
    report_by_code,
    report_by_id,
    reports_by_key,
    told_of,
    unreached,
)
from gongzhi.apps.channels.rules import MAX_PHOTOS, MAX_TEXT, REQUEST_TYPES, kind_of
from gongzhi.apps.channels.telling import Promised, keep_promises, mark_seen, notify, tell_step

# fmt: off
__all__ = [
    "MAX_PHOTOS", "MAX_TEXT", "REQUEST_TYPES", "CleanPhoto", "Contact", "ContactView", "ImportRun",
    "MailEnd", "MailWish", "Message", "NewReport", "Notice", "Photo", "PhotoError", "Promised",
    "ReceivedReport", "Report", "ReportError", "ReportPromise", "ReportReceived", "Told", "check_text",
    "clean_photo", "delete_contacts", "delete_imports", "emptied_contacts", "end_mail", "erase_contact",
    "erase_report", "imports_before", "keep_promises", "keeping", "kind_of", "latest_promise", "mail_state",
    "mark_seen", "notices_of", "notify", "photo_by_id", "photos_of", "receive_report", "receive_reports",
    "remove_lost_photos", "report_by_code", "report_by_id", "reports_by_key", "reports_with_contact",
    "reports_with_words", "resume_mail", "tell_step", "told_of", "unreached", "view_contact",
]
