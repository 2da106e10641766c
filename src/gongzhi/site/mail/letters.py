"""The words of a message: one sentence on what happened, where to read it, how to stop it. Never the matter itself."""

from typing import Final

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongzhi.apps.cases import public as cases
from gongzhi.apps.channels import public as channels
from gongzhi.apps.channels.kinds.email.public import Letter
from gongzhi.apps.channels.public import Contact, Message, Report
from gongzhi.apps.places.public import Jurisdiction
from gongzhi.kernel import clock
from gongzhi.site.labels import day_words
from gongzhi.site.mail.stop_links import absolute, stop_url

# What happened, for the subject and as a sentence; a subject may be read by others over a shoulder.
SUBJECTS: Final = {
    "received": gettext_lazy("%(number)s: received"),
    "promise": gettext_lazy("%(number)s: handed over"),
    "due": gettext_lazy("%(number)s: a new day for the answer"),
    "answer": gettext_lazy("%(number)s: answered"),
    "retracted": gettext_lazy("%(number)s: the answer was withdrawn"),
    "closed": gettext_lazy("%(number)s: closed"),
}
SENTENCES: Final = {
    "received": gettext_lazy("We have your report. Its number is %(number)s."),
    "promise": gettext_lazy("Your report %(number)s was handed to those in charge."),
    "due": gettext_lazy("The day by which your report %(number)s is answered has been counted anew."),
    "answer": gettext_lazy("Your report %(number)s has been answered."),
    "retracted": gettext_lazy("An answer to your report %(number)s was withdrawn. Please do not rely on it."),
    "closed": gettext_lazy(
        "The office has closed your report %(number)s. If it is not solved, say so on its page: it opens again."
    ),
}
WITH_DAY: Final = frozenset({"received", "promise", "due"})


def compose(message: Message, contact: Contact) -> Letter:
    """The letter that a message becomes, in its reporter's language. LookupError where there is no case yet."""
    report = message.notice.report
    kind = channels.kind_of(message.notice.about)
    number = cases.cases_of([report.pk])[report.pk].number
    language = language_for(report.jurisdiction, contact.language, report.language)
    with translation.override(language):
        words = str(SENTENCES[kind]) % {"number": number}
        day = _day(report) if kind in WITH_DAY else ""
        subject = str(SUBJECTS[kind]) % {"number": number}
        return _letter(report, subject, " ".join(filter(None, [words, day])), language)


def _day(report: Report) -> str:
    """The promised day; empty where none was promised yet."""
    promise = channels.latest_promise(report)
    if promise is None:
        return ""
    day = day_words(promise.due_at, report.jurisdiction.zone, now=clock.now())
    return _("You are promised an answer by %(day)s.") % {"day": day}


def _letter(report: Report, subject: str, words: str, language: str) -> Letter:
    office, stop = report.jurisdiction, stop_url(report)
    name = office.name_in(language)
    page = absolute(reverse("my", args=[office.code]))
    parts = {
        "name": name,
        "words": words,
        "read": _("To read more, open this page and type the code from your receipt:"),
        "page": page,
        "silent": _("This message says nothing of the matter itself, so that nobody else learns of it."),
        "no_reply": _("Please do not reply: nobody reads what is sent to this address."),
        "why": _(
            "You get this because you left this e-mail address with your report. To get no more, open this page:"
        ),
        "stop": stop,
    }
    text = "{name}\n\n{words}\n\n{read}\n{page}\n\n{silent}\n{no_reply}\n\n-- \n{why}\n{stop}\n"
    return Letter(
        subject=subject,
        text=text.format(**parts),
        html=render_to_string("mail/letter.html", {**parts, "language": language}),
        language=_tag(language),
        from_name=name,
        stop_url=stop,
    )


def language_for(office: Jurisdiction, *wanted: str) -> str:
    """The first of these languages in which the product speaks, else that of the office, else the product's own."""
    known = dict(settings.LANGUAGES)
    return next(
        (code for code in (*wanted, office.default_language) if code in known), settings.LANGUAGE_CODE
    )


def _tag(language: str) -> str:
    """The language as mail and web pages name it: `zh-Hans`."""
    head, _hyphen, script = language.partition("-")
    return f"{head}-{script.title()}" if script else head


def test_letter() -> Letter:
    """What `gongzhi mail test` sends; in English as all of the command line."""
    text = "This is a test message of gongzhi. If you can read it, mail to reporters goes out."
    html = render_to_string("mail/letter.html", {"words": text, "language": "en"})
    return Letter(
        subject="gongzhi: a test message", text=f"{text}\n", html=html, language="en", from_name="gongzhi"
    )
