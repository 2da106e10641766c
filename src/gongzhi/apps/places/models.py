"""Jurisdictions, areas with validity dates, named places. Names are data: {language: text}."""

from django.db import models

from gongzhi.kernel.config import words


class Jurisdiction(models.Model):
    """One office that answers for one territory: a street office, a town, a city. Every root row names one."""

    PRIVACY = "none"
    RETENTION = "as long as the installation"

    code = models.SlugField(max_length=40, unique=True)
    names = models.JSONField(default=dict)
    host = models.CharField(max_length=253, blank=True)
    zone = models.CharField(max_length=64)
    languages = models.JSONField(default=list)
    default_language = models.CharField(max_length=10, default="zh-hans")
    calendar = models.CharField(max_length=40)
    packs = models.JSONField(default=list)
    number_prefix = models.CharField(max_length=8)
    min_lon = models.FloatField()
    min_lat = models.FloatField()
    max_lon = models.FloatField()
    max_lat = models.FloatField()
    emergency = models.JSONField(default=dict)
    auto_route = models.BooleanField(default=False)
    demo = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.code

    def name_in(self, lang: str) -> str:
        """The office's name in `lang`, or the nearest language there is."""
        return words(self.names, lang)


class Area(models.Model):
    """A piece of the territory in the tree of divisions, with the days from and until which it is valid."""

    PRIVACY = "none"
    RETENTION = "for ever: old cases lie in old areas"

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, related_name="areas")
    code = models.CharField(max_length=60)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    kind = models.CharField(max_length=30)
    names = models.JSONField(default=dict)
    geometry = models.TextField(blank=True)
    min_lon = models.FloatField(null=True)
    min_lat = models.FloatField(null=True)
    max_lon = models.FloatField(null=True)
    max_lat = models.FloatField(null=True)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["jurisdiction", "code", "valid_from"], name="gz_area_code_from"),
            # NULL is distinct from NULL in a unique index: the undated areas need a constraint of their own.
            models.UniqueConstraint(
                fields=["jurisdiction", "code"],
                condition=models.Q(valid_from=None),
                name="gz_area_code_undated",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.jurisdiction_id}:{self.code}"

    def name_in(self, lang: str) -> str:
        """The area's name in `lang`, or the nearest language there is."""
        return words(self.names, lang)


class Place(models.Model):
    """A named place: estate, road, school, market. The office's own gazetteer, with the names people use."""

    PRIVACY = "none"
    RETENTION = "as long as the place"

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, related_name="places")
    code = models.CharField(max_length=60)
    area = models.ForeignKey(Area, null=True, blank=True, on_delete=models.PROTECT)
    kind = models.CharField(max_length=30, blank=True)
    names = models.JSONField(default=dict)
    aliases = models.JSONField(default=list)
    lon = models.FloatField()
    lat = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["jurisdiction", "code"], name="gz_place_code")]

    def __str__(self) -> str:
        return f"{self.jurisdiction_id}:{self.code}"

    def name_in(self, lang: str) -> str:
        """The place's name in `lang`, or the nearest language there is."""
        return words(self.names, lang)


class CalendarDay(models.Model):
    """One version of the office's own calendar: what it says of one day. Rows are only added; the last one counts."""

    PRIVACY = "none"
    RETENTION = "for ever: promises name the version by which they were counted"

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, related_name="calendar_days")
    number = models.PositiveIntegerField()
    day = models.DateField()
    # closed; half: worked from `opens` to `closes`; usual: as the calendar of the pack says.
    kind = models.CharField(max_length=10)
    opens = models.TimeField(null=True, blank=True)
    closes = models.TimeField(null=True, blank=True)
    reason = models.CharField(max_length=200)
    source = models.CharField(max_length=300)
    by_ref = models.CharField(max_length=30)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["jurisdiction", "number"], name="gz_calendarday_number")
        ]

    def __str__(self) -> str:
        return f"calendar {self.number} of jurisdiction:{self.jurisdiction_id}"
