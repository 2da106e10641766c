"""E-mail about a report is stopped by one click, by its reporter alone, and can be taken up again."""

import pytest
from django.test import Client

from gongzhi.apps.channels.models import Contact
from gongzhi.apps.ledger import public as ledger
from gongzhi.site.mail.stop_links import stop_token
from tests.cast import Cast, make_office, say
from tests.mail.post_office import PostOffice
from tests.mail.story import answer, row, send, stop_address, told


@pytest.fixture
def link(cast: Cast, office: PostOffice) -> str:
    """The link in a letter that has arrived."""
    case, _ = told(cast)
    answer(cast, case)
    send()
    (letter,) = office.letters()
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = stop_address(str(letter["List-Unsubscribe"]).rstrip(">"))
    for part in letter.iter_parts():
        assert f"https://gongzhi.example.org{path}" in str(part.get_content())
    return path


def ended() -> str:
    return Contact.objects.get().mail_end


def test_looking_at_the_page_stops_nothing(link: str) -> None:
    client = Client(headers={"accept-language": "en"})
    page = client.get(link).content.decode()
    assert "Shall we send no more e-mail about this report?" in page
    assert client.head(link).status_code == 200
    assert ended() == ""


def test_a_mail_program_stops_it_with_one_request(cast: Cast, link: str, office: PostOffice) -> None:
    program = Client(enforce_csrf_checks=True)
    stopped = program.post(link, {"List-Unsubscribe": "One-Click"})
    assert stopped.status_code == 200
    assert ended() == "asked"
    contact = Contact.objects.get()
    entry = ledger.entries_about(f"report:{contact.report_id}").get(kind="channels.mail_ended")
    assert entry.by == "resident" and entry.fields == {"why": "asked"}
    assert program.post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert ledger.entries_about(f"report:{contact.report_id}").filter(kind="channels.mail_ended").count() == 1


def test_after_that_no_letter_is_written_and_waiting_ones_do_not_go_out(
    cast: Cast, office: PostOffice
) -> None:
    case, report = told(cast)
    answer(cast, case)
    Client().post(f"/river/mail/stop/{stop_token(report)}/")
    send()
    assert (row().state, row().last_error, office.named) == ("stopped", "Stopped", [])
    answer(cast, case, "And again.")
    assert row().state == "stopped", "no second message"


def test_the_page_says_that_it_is_stopped_and_takes_it_back(
    link: str, cast: Cast, office: PostOffice
) -> None:
    client = Client(headers={"accept-language": "en"})
    assert "It is stopped." in client.post(link, {"do": "stop"}).content.decode()
    assert "It is stopped." in client.get(link).content.decode()
    assert "Shall we send no more" in client.post(link, {"do": "resume"}).content.decode()
    assert ended() == ""
    case = Contact.objects.get().report.memberships.get().case
    answer(cast, case, "And again.")
    send()
    assert len(office.taken) == 2


def test_an_address_that_bounced_is_not_taken_up_again_by_the_link(link: str) -> None:
    Contact.objects.update(mail_end="bounced")
    client = Client(headers={"accept-language": "en"})
    assert "came back" in client.post(link, {"do": "resume"}).content.decode()
    assert ended() == "bounced"


def test_nobody_stops_the_mail_of_another(cast: Cast, link: str) -> None:
    other, _code = say(cast, contact_email="jo@example.net", mail_wish="answer")
    _number, signature = link.rstrip("/").rpartition("/")[2].split(".", 1)
    make_office("hill", "HL")
    for path in (
        f"/river/mail/stop/{other.pk}.{signature}/",
        f"/river/mail/stop/{other.pk}/",
        "/river/mail/stop/x.y/",
        link.replace("/river/", "/hill/"),
        f"{link[:-2]}{'a' if link[-2] != 'a' else 'b'}/",
    ):
        assert Client().post(path).status_code == 404, path
    assert set(Contact.objects.values_list("mail_end", flat=True)) == {""}


def test_a_link_under_a_former_key_still_stops_it(link: str, settings: object) -> None:
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]  # type: ignore[attr-defined]
    settings.SECRET_KEY = "another " * 8  # type: ignore[attr-defined]
    assert Client().post(link).status_code == 200
    assert ended() == "asked"


def test_where_the_contact_is_gone_there_is_nothing_to_stop(link: str) -> None:
    Contact.objects.all().delete()
    client = Client(headers={"accept-language": "en"})
    assert "You get no e-mail about this report." in client.get(link).content.decode()
    assert client.post(link).status_code == 200
