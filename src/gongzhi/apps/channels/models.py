"""Reports and all that comes and goes with them. A report is never changed after it has arrived."""

import uuid

from django.db import models

from gongzhi.apps.actors.public import ResidentKey
from gongzhi.apps.places.public import Area, Jurisdiction
from gongzhi.kernel.retention import Kept


class Report(models.Model):
    """What a person or a system said, as it was said, when, through which channel, about which place."""

    PRIVACY = "personal: the words may name people"
    RETENTION = Kept(
        "5 years after the case is closed, then the words are erased", days=5 * 366, after="case closed"
    )

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT)
    channel = models.CharField(max_length=20)
    external_key = models.CharField(max_length=80, null=True, blank=True)
    form_key = models.CharField(max_length=40, null=True, blank=True)
    request_type = models.CharField(max_length=20, blank=True)
    title = models.CharField(max_length=200, blank=True)
    text = models.TextField()
    language = models.CharField(max_length=10, blank=True)
    place_words = models.CharField(max_length=200, blank=True)
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    area = models.ForeignKey(Area, null=True, blank=True, on_delete=models.PROTECT)
    category_hint = models.CharField(max_length=60, blank=True)
    received_at = models.DateTimeField()
    filed_by = models.CharField(max_length=30, default="resident")
    has_contact = models.BooleanField(default=False)
    # When the words, the place, the contact and the photos were taken away for good.
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["jurisdiction", "channel", "external_key"], name="gz_report_external"
            ),
            models.UniqueConstraint(fields=["jurisdiction", "form_key"], name="gz_report_form"),
        ]
        indexes = [models.Index(fields=["jurisdiction", "received_at"], name="gz_report_received")]

    def __str__(self) -> str:
        return f"report:{self.pk}"


class TrackingCode(models.Model):
    """The key to a resident's page, stored as a keyed hash only."""

    PRIVACY = "none: a hash"
    RETENTION = "as long as the report"

    report = models.OneToOneField(Report, on_delete=models.CASCADE, related_name="tracking")
    code_hash = models.BinaryField(max_length=32, unique=True)

    def __str__(self) -> str:
        return f"tracking of report:{self.report_id}"


class MailWish(models.TextChoices):
    """Of what a reporter wants to hear by e-mail. Without a word of theirs: of nothing."""

    NOTHING = ""
    ANSWER = "answer"
    STEPS = "steps"


class MailEnd(models.TextChoices):
    """Why no e-mail goes to a contact any more: the reporter stopped it, or the address does not exist."""

    NOT = ""
    ASKED = "asked"
    BOUNCED = "bounced"


class Contact(models.Model):
    """How to reach the reporter, if they wish. Every look at it by staff is a ContactView."""

    PRIVACY = "personal: name, phone and e-mail, given to be told of the answer and asked back"
    RETENTION = Kept("2 years after the case is closed", days=2 * 366, after="case closed")

    report = models.OneToOneField(Report, on_delete=models.CASCADE, related_name="contact")
    name = models.CharField(max_length=80, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    email = models.EmailField(blank=True)
    mail_wish = models.CharField(
        max_length=10, choices=MailWish.choices, blank=True, default="", db_default=""
    )
    # In which language the reporter read the form; e-mail is written in it.
    language = models.CharField(max_length=10, blank=True, default="", db_default="")
    mail_end = models.CharField(max_length=10, choices=MailEnd.choices, blank=True, default="", db_default="")
    mail_end_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"contact of report:{self.report_id}"


class ContactView(models.Model):
    """Who looked at a contact, when and why."""

    PRIVACY = "personal: which account looked"
    RETENTION = Kept("as long as the contact, at least 6 months", days=184, after="contact erased")

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="views")
    by_ref = models.CharField(max_length=30)
    by_label = models.CharField(max_length=80)
    at = models.DateTimeField()
    why = models.CharField(max_length=200)

    def __str__(self) -> str:
        return f"view of contact:{self.contact_id}"


def photo_path(photo: "Photo", name: str) -> str:
    """Photos lie by their hash; nothing of the original name is kept."""
    return f"photos/{photo.sha256[:2]}/{photo.sha256}.jpg"


class Photo(models.Model):
    """A picture that came with a report: re-encoded, without metadata, private."""

    PRIVACY = "personal: pictures may show people"
    RETENTION = "as the report"

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="photos")
    file = models.FileField(upload_to=photo_path)
    sha256 = models.CharField(max_length=64)
    width = models.IntegerField()
    height = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["report", "sha256"], name="gz_photo_once")]

    def __str__(self) -> str:
        return f"photo:{self.pk}"


class Notice(models.Model):
    """Something a reporter is told, once: one notice per reporter and matter it is about."""

    PRIVACY = "none: points at the answer, holds no words"
    RETENTION = "as the report"

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="notices")
    about = models.CharField(max_length=60)
    created_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["report", "about"], name="gz_notice_once")]
        indexes = [models.Index(fields=["about"], name="gz_notice_about")]

    def __str__(self) -> str:
        return f"{self.about} to report:{self.report_id}"


class MessageState(models.TextChoices):
    """Where a message stands (docs/decisions/0006)."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    BOUNCED = "bounced"
    STOPPED = "stopped"


class Way(models.TextChoices):
    """How a message travels; a text message and a web push can follow."""

    EMAIL = "email"


class Message(models.Model):
    """A notice on its way to its reporter, beside the page: one row for each way. The address stays in the contact."""

    PRIVACY = "none: points at the notice; the address is read from the contact at the moment of sending"
    RETENTION = "as the notice"

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="messages")
    way = models.CharField(max_length=10, choices=Way.choices, default=Way.EMAIL)
    state = models.CharField(max_length=10, choices=MessageState.choices, default=MessageState.WAITING)
    # Danger: goes out at night too.
    urgent = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    # How often nobody could know whether the server had taken it.
    unsure = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    claim = models.CharField(max_length=32, blank=True, default="")
    # Written down before the first byte of the message leaves: from here on it may have arrived.
    handed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    # The class of what went wrong, such as `SMTP 550 5.1.1`; never a server's words, which repeat the address.
    last_error = models.CharField(max_length=60, blank=True, default="")
    message_id = models.UUIDField(unique=True, default=uuid.uuid4)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notice", "way"], name="gz_message_once")]
        indexes = [
            models.Index(
                fields=["next_try_at", "id"], condition=models.Q(state="waiting"), name="gz_message_due"
            ),
            models.Index(
                fields=["lease_until"], condition=models.Q(state="sending"), name="gz_message_lease"
            ),
            models.Index(
                fields=["ended_at"],
                condition=models.Q(state__in=["failed", "bounced"]),
                name="gz_message_lost",
            ),
        ]

    def __str__(self) -> str:
        return f"message:{self.pk} {self.state}"


class ReportPromise(models.Model):
    """By when the reporter was promised an answer, by which rule and calendar. A later promise is a new row."""

    PRIVACY = "none"
    RETENTION = "as the report"

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="promises")
    due_at = models.DateTimeField()
    rule = models.CharField(max_length=80)
    calendar_version = models.CharField(max_length=60, blank=True)
    set_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["report", "set_at"], name="gz_promise_report")]

    def __str__(self) -> str:
        return f"promise to report:{self.report_id}"


class ImportRun(models.Model):
    """One file of tickets brought in: what it was, what came of it, where the refused rows lie."""

    PRIVACY = "none: counts; the file of refused rows is kept apart"
    RETENTION = Kept("1 year", days=366, after="import begun")

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT)
    mapping = models.CharField(max_length=60)
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    dry_run = models.BooleanField(default=True)
    rows = models.IntegerField(default=0)
    added = models.IntegerField(default=0)
    known = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    remarks = models.IntegerField(default=0)
    errors_file = models.CharField(max_length=1000, blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    by_ref = models.CharField(max_length=30)

    def __str__(self) -> str:
        return f"import:{self.pk}"


class KeptReport(models.Model):
    """A report that its reporter opens with the own device's key, beside the code."""

    PRIVACY = "personal: which reports one device opens, so that its owner needs no codes"
    RETENTION = "as long as the key"

    key = models.ForeignKey(ResidentKey, on_delete=models.CASCADE, related_name="kept")
    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="kept")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "report"], name="gz_kept_once")]

    def __str__(self) -> str:
        return f"kept report:{self.report_id}"
