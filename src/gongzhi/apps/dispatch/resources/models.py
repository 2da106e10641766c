"""What is lent, what a team can do, and who has it when. No person is in it."""

from django.db import models

from gongzhi.apps.actors.public import Unit
from gongzhi.apps.places.public import Jurisdiction
from gongzhi.kernel.config import words


class Resource(models.Model):
    """A room, vehicle, piece of equipment or volunteer team that a unit lends to others."""

    PRIVACY = "none: things and teams; people only as counts of three or more"
    RETENTION = "for ever: old bookings name it"

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT)
    code = models.CharField(max_length=60)
    kind = models.CharField(max_length=10)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="resources")
    names = models.JSONField(default=dict)
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    # {"0": [["09:00", "17:30"]], …}, Monday being 0; empty: day and night.
    hours = models.JSONField(default=dict, blank=True)
    # Percent of the quarters of each week that only bookings by telephone may take.
    phone_share = models.PositiveSmallIntegerField(default=0)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["jurisdiction", "code"], name="gz_resource_code")]
        indexes = [models.Index(fields=["jurisdiction", "lat", "lon"], name="gz_resource_point")]

    def __str__(self) -> str:
        return f"resource:{self.pk}"

    def name_in(self, lang: str) -> str:
        """The name in `lang`, or the nearest language there is."""
        return words(self.names, lang)


class TeamSkill(models.Model):
    """How many people of a team have offered a skill. A count, never who."""

    PRIVACY = "none: counts of three people or more"
    RETENTION = "as long as the team"

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="skills")
    skill = models.CharField(max_length=40)
    people = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["resource", "skill"], name="gz_teamskill_once")]

    def __str__(self) -> str:
        return f"{self.skill} of resource:{self.resource_id}"


class Booking(models.Model):
    """That a unit has a resource from when until when. `channel`: page or phone."""

    PRIVACY = "none: a unit books, for a purpose without names"
    RETENTION = "for ever: how it was shared is counted from it"

    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="bookings")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    purpose = models.CharField(max_length=120)
    channel = models.CharField(max_length=10)
    series = models.UUIDField(null=True)
    by_ref = models.CharField(max_length=30)
    at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["resource", "starts_at"], name="gz_booking_when")]

    def __str__(self) -> str:
        return f"booking:{self.pk}"


class BookedQuarter(models.Model):
    """A quarter of an hour that is taken. The unique key is what keeps two bookings apart, on every database."""

    PRIVACY = "none"
    RETENTION = "as the booking, until it is cancelled"

    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="+")
    quarter = models.IntegerField()
    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, related_name="quarters")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["resource", "quarter"], name="gz_quarter_once")]

    def __str__(self) -> str:
        return f"quarter {self.quarter} of resource:{self.resource_id}"
