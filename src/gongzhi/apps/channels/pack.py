"""What channels reads out of a pack: how the columns of a file of tickets become a report."""

from gongzhi.scenarios.model import Entry, Section, register_section


class TicketMapping(Entry):
    """Which headings hold what. Several headings may be named for a field: the first that the file has counts."""

    key: str
    external_key: list[str]
    text: list[str]
    received_at: list[str]
    title: list[str] = []
    place_words: list[str] = []
    lon: list[str] = []
    lat: list[str] = []
    request_type: list[str] = []
    category_hint: list[str] = []
    contact_name: list[str] = []
    contact_phone: list[str] = []
    join_text: bool = False  # the text is made of all headings named, not of the first there is
    time_formats: list[str] = []
    request_types: dict[str, str] = {}
    unknown_points: list[tuple[float, float]] = []
    reference: str = ""


register_section(
    Section("mappings/*.toml", "mapping", TicketMapping, words=lambda entry: (f"mapping.{entry.key}",))
)
