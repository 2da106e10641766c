"""From an answer to a letter in the reporter's mailbox: once, in the right words, and never more than that."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from gongzhi.apps.actors.public import SYSTEM
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.public import State
from gongzhi.apps.channels import public as channels
from gongzhi.apps.channels.models import Contact, Message, Notice
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.journeys import erasure
from gongzhi.kernel import schedule, worker
from gongzhi.kernel.models import OutboxJob
from gongzhi.site.mail import sending
from tests.cast import MONDAY, Cast, say
from tests.corner.story import HOUR, NOON, POTHOLE, answered, task_of
from tests.mail.post_office import PostOffice
from tests.mail.story import MARCIA, answer, close, row, send, told


def subjects(office: PostOffice) -> list[str]:
    """The subjects in order."""
    return [str(letter["Subject"]) for letter in office.letters()]


def test_an_answer_reaches_the_reporter_by_mail(cast: Cast, office: PostOffice) -> None:
    case, report = told(cast)
    answer(cast, case)
    assert send().taken == 1
    (letter,) = office.letters()
    assert office.taken[0][0] == "answers@gongzhi.example.org"
    assert office.recipients() == [MARCIA]
    assert (letter["To"], letter["From"]) == (MARCIA, "Riverside <answers@gongzhi.example.org>")
    assert letter["Subject"] == f"{case.number}: answered"
    assert letter["Auto-Submitted"] == "auto-generated"
    message = row()
    assert letter["Message-ID"] == f"<gz.{message.message_id.hex}@gongzhi.example.org>"
    assert (message.state, message.attempts, message.sent_at) == ("sent", 1, NOON)
    assert send().tried == 0
    assert channels.told_of([report.pk])[report.pk][-1].mail == "sent"


def test_the_letter_says_what_happened_and_nothing_of_the_matter(cast: Cast, office: PostOffice) -> None:
    case, report = told(cast, contact_name="Marcia Marked", contact_phone="13900001234")
    answer(cast, case, "The street was mended.")
    send()
    (letter,) = office.letters()
    plain, html = (str(part.get_content()) for part in letter.iter_parts())
    for words in (plain, html):
        assert f"Your report {case.number} has been answered." in words
        assert "https://gongzhi.example.org/river/my/" in words
        for secret in ("mended", "Marked", "13900001234", report.text[:6], "Roads", "pothole", "坑"):
            assert secret not in words
    assert "<script" not in html
    assert "http-equiv" not in html


@pytest.mark.parametrize(
    ("language", "subject", "sentence"),
    [
        ("zh-hans", "已答复", "您反映的事"),
        ("zh-hant", "已答覆", "您反映的事"),
        ("en", "answered", "Your report"),
    ],
)
def test_the_letter_is_written_in_the_reporters_language(
    cast: Cast, office: PostOffice, language: str, subject: str, sentence: str
) -> None:
    case, _report = told(cast, contact_language=language)
    answer(cast, case)
    send()
    (letter,) = office.letters()
    assert str(letter["Subject"]).startswith(f"{case.number}") and subject in str(letter["Subject"])
    assert sentence in str(next(letter.iter_parts()).get_content())  # type: ignore[attr-defined]
    assert str(letter["From"]).startswith(
        {"zh-hans": "河边街道", "zh-hant": "河邊街道", "en": "Riverside"}[language]
    )
    assert all(byte < 128 for byte in office.taken[0][2])


def test_without_a_known_language_it_is_that_of_the_office(cast: Cast, office: PostOffice) -> None:
    case, _report = told(cast, contact_language="tlh")
    answer(cast, case)
    send()
    assert "已答复" in subjects(office)[0]


def test_who_wants_each_step_hears_of_each_step_and_of_no_step_twice(
    cast: Cast, office: PostOffice, at: time_machine.Traveller
) -> None:
    case, report = told(cast, wish="steps")
    send()
    assert subjects(office) == [f"{case.number}: received"]
    body = str(next(office.letters()[0].iter_parts()).get_content())  # type: ignore[attr-defined]
    assert f"Its number is {case.number}." in body
    assert "You are promised an answer by Mon 23 Nov, 17:30." in body
    desk = cast.actor(cast.coordinator)
    dispatch.dispatch_case(case=case, item=None, unit=cast.estate_unit, reason="x", by=desk, at=NOON)
    send()
    assert subjects(office)[1:] == [f"{case.number}: handed over"]
    dispatch.dispatch_case(case=case, item=None, unit=cast.roads_unit, reason="x", by=desk, at=NOON)
    assert send().tried == 0, "the same day was promised before"
    answer(cast, case)
    close(cast, case)
    send()
    assert subjects(office)[2:] == [f"{case.number}: answered", f"{case.number}: closed"]
    assert {told.mail for told in channels.told_of([report.pk])[report.pk]} == {"sent"}


def test_who_wants_the_answer_only_hears_of_it_and_of_its_withdrawal(cast: Cast, office: PostOffice) -> None:
    case, report = told(cast)
    dispatch.accept_task(task=task_of(case), by=cast.actor(cast.handler), at=NOON + HOUR)
    given = dispatch.answer_task(task=task_of(case), text="x", by=cast.actor(cast.handler), at=NOON + HOUR)
    worker.drain()
    send()
    by = cast.actor(cast.coordinator)
    dispatch.retract_answer(answer=given, reason="wrong street", by=by, at=NOON + 2 * HOUR)
    worker.drain()
    send()
    assert subjects(office) == [f"{case.number}: answered", f"{case.number}: the answer was withdrawn"]
    assert "wrong street" not in str(office.letters()[1])
    assert Notice.objects.filter(report=report).count() == 2


def test_who_confirms_it_as_solved_gets_no_letter_that_it_ended(cast: Cast, office: PostOffice) -> None:
    case, report = told(cast, wish="steps")
    answer(cast, case)
    cases.rate_case(
        report=report, contacted=None, solved=True, satisfaction=None, comment="", by=SYSTEM, at=NOON + HOUR
    )
    worker.drain()
    send()
    assert subjects(office)[-1] == f"{case.number}: answered"


def test_without_a_mail_server_everything_is_told_on_the_page_alone(cast: Cast, settings: Any) -> None:
    settings.GONGZHI_SMTP_URL = ""
    case, report = told(cast, wish="steps")
    answer(cast, case)
    assert Notice.objects.filter(report=report).count() == 1
    assert Message.objects.count() == 0
    sending.send_mail(at=NOON)


def test_who_left_no_address_or_no_wish_gets_no_letter(cast: Cast, office: PostOffice) -> None:
    nobody, _report, _code = answered(cast)
    silent, _report = told(cast, wish="", text="另外一个坑，在桥头那边的路上")
    answer(cast, silent)
    assert Notice.objects.count() == 2
    assert Message.objects.count() == 0
    assert send().tried == 0


def test_the_two_reporters_of_a_joined_case_hear_of_the_answer_once_each(
    cast: Cast, office: PostOffice
) -> None:
    first, _ = told(cast)
    second, _ = told(cast, "jo@example.net", text="桥头路灯坏了一排，很黑", category_hint="")
    cases.join_cases(into=first, cases=[second], by=SYSTEM, at=NOON)
    worker.drain()
    first.refresh_from_db()
    given = answer(cast, first)
    send()
    assert sorted(office.recipients()) == ["jo@example.net", MARCIA]
    channels.notify(
        reports=cases.reports_of(first, visible_to=SYSTEM), about=f"answer:{given.pk}", by=SYSTEM, at=NOON
    )
    OutboxJob.objects.filter(handler__endswith="tell_answer").update(state="ready")
    worker.drain()
    assert send().tried == 0
    assert len(office.taken) == 2


def test_who_reported_a_matter_twice_hears_of_its_answer_once(cast: Cast, office: PostOffice) -> None:
    first, _ = told(cast)
    second, again = told(cast, MARCIA.upper(), text="桥头路灯坏了一排，很黑", category_hint="")
    cases.join_cases(into=first, cases=[second], by=SYSTEM, at=NOON)
    worker.drain()
    first.refresh_from_db()
    answer(cast, first)
    send()
    assert office.recipients() == [MARCIA]
    message = Message.objects.get(notice__report=again)
    assert (message.state, message.last_error) == ("stopped", "ToldBefore")


def test_two_reports_from_one_address_are_each_confirmed(cast: Cast, office: PostOffice) -> None:
    told(cast, wish="steps")
    told(cast, wish="steps", text="桥头路灯坏了一排，很黑", category_hint="")
    send()
    assert len(set(subjects(office))) == 2


def test_at_night_only_danger_goes_out(cast: Cast, office: PostOffice, at: time_machine.Traveller) -> None:
    calm, _ = told(cast)
    danger, _ = told(cast, "jo@example.net", text="三楼着火了，快来人")
    assert danger.urgent
    ten_at_night = MONDAY + timedelta(hours=13)
    at.move_to(ten_at_night, tick=False)
    answer(cast, calm, at=ten_at_night)
    answer(cast, danger, at=ten_at_night)
    send()
    assert office.recipients() == ["jo@example.net"]
    waiting = Message.objects.get(state="waiting")
    assert waiting.next_try_at == MONDAY + timedelta(hours=22, minutes=30), "7:30 in Shanghai"
    at.move_to(waiting.next_try_at - timedelta(minutes=1), tick=False)
    assert send().tried == 0
    at.move_to(waiting.next_try_at, tick=False)
    send()
    assert office.recipients() == ["jo@example.net", MARCIA]


def test_a_letter_of_the_day_that_is_still_waiting_at_night_waits_for_the_morning(
    cast: Cast, office: PostOffice, at: time_machine.Traveller
) -> None:
    case, _ = told(cast)
    answer(cast, case)
    at.move_to(MONDAY + timedelta(hours=12, minutes=1), tick=False)  # 21:01
    assert send().put_off == 1
    assert (row().state, row().attempts) == ("waiting", 0)
    assert row().next_try_at == MONDAY + timedelta(hours=22, minutes=30)
    assert office.taken == []


def test_what_was_erased_meanwhile_is_not_sent(cast: Cast, office: PostOffice) -> None:
    case, report = told(cast)
    answer(cast, case)
    erasure.erase_report(report=report, by=SYSTEM, at=NOON, why="asked")
    send()
    assert (row().state, row().last_error) == ("stopped", "ContactGone")
    assert office.named == []


def test_news_that_could_not_be_sent_for_a_week_is_given_up(
    cast: Cast, office: PostOffice, at: time_machine.Traveller
) -> None:
    case, _ = told(cast)
    answer(cast, case)
    at.shift(timedelta(days=8))
    send()
    assert (row().state, row().last_error, office.taken) == ("failed", "TooOld", [])


def test_a_worker_that_stood_still_for_a_week_still_sends_the_answer(
    cast: Cast, office: PostOffice, at: time_machine.Traveller
) -> None:
    case, _ = told(cast)
    cases.answer_case(case=case, text="x", by=cast.actor(cast.handler), at=NOON, unit=cast.roads_unit)
    at.shift(timedelta(days=8))
    worker.drain()
    send()
    assert office.recipients() == [MARCIA]


def test_the_worker_sends_once_a_minute(cast: Cast, office: PostOffice, at: time_machine.Traveller) -> None:
    schedule.enqueue_due(NOON)
    case, _ = told(cast)
    answer(cast, case)
    at.shift(timedelta(minutes=1))
    schedule.enqueue_due(NOON + timedelta(minutes=1))
    worker.drain()
    assert office.recipients() == [MARCIA]


def test_many_letters_go_over_few_connections(cast: Cast, office: PostOffice) -> None:
    for number in range(23):
        report, _code = say(
            cast, f"第{number}件事，路灯坏了", contact_email=f"r{number}@example.net", mail_wish="answer"
        )
        channels.notify(reports=[report], about=f"answer:{number}", by=SYSTEM, at=NOON)
    worker.drain()
    assert send().taken == 23
    assert office.connections == 2


def test_the_form_asks_what_to_write_only_where_mail_is_sent(
    cast: Cast, office: PostOffice, settings: Any
) -> None:
    client = Client(headers={"accept-language": "en"})
    page = client.get("/river/say/")
    assert "What shall we write to you by e-mail?" in page.content.decode()
    values = {"form_token": page.context["form_token"], "text": "路灯坏了", "contact_email": MARCIA}
    assert client.post("/river/say/", values | {"mail_wish": "everything"}).status_code == 400
    assert client.post("/river/say/", values | {"mail_wish": "steps"}).status_code == 302
    contact = Contact.objects.get()
    assert (contact.mail_wish, contact.language, contact.email) == ("steps", "en", MARCIA)
    settings.GONGZHI_SMTP_URL = ""
    page = client.get("/river/say/")
    assert "What shall we write to you by e-mail?" not in page.content.decode()
    values = {"form_token": page.context["form_token"], "text": "路灯又坏了", "contact_email": MARCIA}
    assert client.post("/river/say/", values).status_code == 302
    assert Contact.objects.latest("pk").mail_wish == "answer"


def test_who_leaves_a_phone_number_only_has_no_wish_about_mail(cast: Cast) -> None:
    say(cast, contact_phone="13900001234", mail_wish="answer", category_hint=POTHOLE)
    assert Contact.objects.get().mail_wish == ""


def test_a_joined_case_that_was_answered_before_tells_the_new_reporter_only(
    cast: Cast, office: PostOffice
) -> None:
    first, _ = told(cast)
    answer(cast, first)
    send()
    second, _ = told(cast, "jo@example.net", text="桥头路灯坏了一排，很黑", category_hint="")
    first.refresh_from_db()
    cases.join_cases(into=first, cases=[second], by=SYSTEM, at=NOON + 2 * HOUR)
    worker.drain()
    first.refresh_from_db()
    assert first.state == State.ANSWERED
    send()
    assert office.recipients() == [MARCIA, "jo@example.net"]
