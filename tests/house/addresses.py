"""The table of addresses, walked."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse


@dataclass(frozen=True)
class Address:
    """One line of the table: its name, its pattern, what it asks for, its view."""

    name: str
    pattern: str
    wants: tuple[str, ...]
    view: Any

    @property
    def access(self) -> Any:
        """ "open", "public", or the permissions of which one is needed; None where the view does not say."""
        return getattr(self.view, "access", None)

    @property
    def is_for_staff(self) -> bool:
        """Whether only people with a permission may open it."""
        return isinstance(self.access, tuple)

    def filled(self, values: dict[str, Any]) -> str:
        """The path with these values."""
        return reverse(self.name, kwargs={key: values[key] for key in self.wants})


def _walk(entries: Any, prefix: str, wants: tuple[str, ...]) -> Iterator[Address]:
    for entry in entries:
        pattern = f"{prefix}{entry.pattern}"
        names = (*wants, *entry.pattern.converters)
        if isinstance(entry, URLResolver):
            yield from _walk(entry.url_patterns, pattern, names)
        elif isinstance(entry, URLPattern):
            yield Address(entry.name or "", pattern, names, entry.callback)


def addresses() -> list[Address]:
    """Every address of the site."""
    return list(_walk(get_resolver().url_patterns, "", ()))


def ask(client: Client, path: str) -> HttpResponse:
    """Open a page; where it takes only forms, send it an empty one."""
    answer: Any = client.get(path)
    if answer.status_code == 405:
        answer = client.post(path)
    return answer  # type: ignore[no-any-return]
