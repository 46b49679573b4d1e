"""The agenda rule's findings."""

import inspect
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from ruamel.yaml import YAML

from agendad.providers.model import Attachment, Event, EventTime, Instance, Sensitivity, ZoneKind
from agendad.rules.agenda import Agenda, AgendaOptions
from agendad.rules.base import Detection, History, Reach, Session
from agendad.rules.policy import Person, Severity
from agendad.rules.text import SKELETON

_NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def _time(instant):
    return EventTime(wall=instant.replace(tzinfo=None), kind=ZoneKind.UTC, instant=instant)


def _event(body="", days=4, **changes):
    start = _NOW + timedelta(days=days)
    event = Event(
        account="home",
        calendar="c",
        id=str(days),
        uid="u",
        recurrence_id=f"{start:%Y-%m-%dT%H:%M:%SZ}",
        instance=Instance.OCCURRENCE,
        text=body,
        start=_time(start),
        end=_time(start + timedelta(hours=1)),
    )
    return replace(event, **changes)


def _findings(event, peers=(), **options):
    me = Person(name="Grace", emails=("grace@example.org",))
    session = Session(event=event, detection=Detection(is_mentorship=True), me=me)
    return list(Agenda().check(session, History(peers=tuple(peers)), AgendaOptions(**options), _NOW))


@pytest.mark.parametrize(
    ("body", "code", "severity", "reach"),
    [
        ("See you!", "agenda.missing", Severity.ERROR, Reach.LADDER),
        ("Agenda: TBD", "agenda.placeholder", Severity.ERROR, Reach.LADDER),
        ("https://docs.google.com/document/d/1", "agenda.missing", Severity.WARNING, Reach.NUDGE),
    ],
)
def test_finding_has_its_severity_and_reach(body, code, severity, reach):
    (finding,) = _findings(_event(body))
    assert (finding.code, finding.severity, finding.reach) == (code, severity, reach)


@pytest.mark.parametrize("body", ["- thesis chapter 3", "Agenda: none needed", "Agenda: https://docs.example/1"])
def test_nothing_is_found_when_the_body_settles_it(body):
    assert _findings(_event(body)) == []


def test_labelled_link_is_doubt_when_links_are_not_accepted():
    (finding,) = _findings(_event("Agenda: https://docs.example/1"), accept_links=False)
    assert (finding.severity, finding.reach) == (Severity.WARNING, Reach.NUDGE)


def test_unreadable_body_is_doubt():
    (finding,) = _findings(_event(body_readable=False))
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(("name", "severity"), [("plan.pdf", Severity.WARNING), ("logo.png", Severity.ERROR)])
def test_attachment_is_doubt_only_when_it_could_be_an_agenda(name, severity):
    (finding,) = _findings(_event(attachments=(Attachment(filename=name),)))
    assert finding.severity is severity


def test_private_body_is_never_quoted():
    (finding,) = _findings(_event("Agenda: TBD", sensitivity=Sensitivity.PRIVATE))
    assert "TBD" not in finding.evidence + finding.message


@pytest.mark.parametrize(
    ("body", "stale"),
    [
        ("Agenda 3 November\n- thesis chapter 3", True),
        ("2026-11-10\n- thesis chapter 3", True),
        ("Agenda 24 November\n- thesis chapter 3", False),
        ("Agenda:\n- submit thesis by 3 November", False),
        ("2026-11-24\n- grant\n2026-11-10\n- thesis", False),
        ("Agenda (updated 3 November)\n- thesis chapter 3", False),
        ("Tagesordnung (Stand 3.11.)\n- Kapitel 3", False),
    ],
)
def test_agenda_is_stale_when_dated_for_an_earlier_session(body, stale):
    assert [finding.code for finding in _findings(_event(body))] == ["agenda.stale"] * stale


def test_agenda_is_stale_when_a_past_peer_had_the_same():
    body = "- thesis chapter 3"
    assert [f.code for f in _findings(_event(body), [_event(body, -3)])] == ["agenda.stale"]


def test_agenda_is_not_stale_when_only_future_peers_share_it():
    body = "- thesis chapter 3"
    assert _findings(_event(body), [_event(body, 11)]) == []


@pytest.mark.parametrize("language", SKELETON)
def test_untouched_skeleton_is_a_placeholder(language):
    assert [finding.code for finding in _findings(_event(SKELETON[language]))] == ["agenda.placeholder"]


FILLED = {
    "en": ("Promotion", "tried pair programming", "How do I say no?"),
    "de": ("Beförderung", "Pair Programming ausprobiert", "Wie sage ich Nein?"),
    "es": ("Ascenso", "probé pair programming", "¿Cómo digo que no?"),
    "fr": ("Promotion", "essayé le pair programming", "Comment dire non ?"),
    "pt": ("Promoção", "tentei pair programming", "Como digo não?"),
    "it": ("Promozione", "ho provato il pair programming", "Come si dice di no?"),
    "nl": ("Promotie", "pair programming geprobeerd", "Hoe zeg ik nee?"),
    "ja": ("転職", "論文の構成", "ペアプロを試した"),
    "zh": ("转岗", "论文选题", "试了结对编程"),
}
LEFT_OPEN = {
    "en": "TBD", "de": "noch offen", "es": "por definir", "fr": "à définir", "pt": "a definir", "it": "da definire",
    "nl": "volgt nog", "ja": "未定", "zh": "待定",
}  # fmt: skip


def _skeletons_with_one_line_filled(language, words):
    heading, *items = SKELETON[language].split("\n")
    for filled in items:
        for space in (" ", "") if language in ("ja", "zh") else (" ",):
            yield "\n".join([heading, *(f"{item}{space}{words}" if item is filled else item for item in items)])


@pytest.mark.parametrize(("language", "words"), [(code, words) for code in SKELETON for words in FILLED[code]])
def test_skeleton_with_one_line_filled_in_is_an_agenda(language, words):
    for text in _skeletons_with_one_line_filled(language, words):
        assert _findings(_event(text)) == [], text


@pytest.mark.parametrize("language", SKELETON)
def test_skeleton_with_one_line_left_open_is_a_placeholder(language):
    for text in _skeletons_with_one_line_filled(language, LEFT_OPEN[language]):
        assert [finding.code for finding in _findings(_event(text))] == ["agenda.placeholder"], text


@pytest.mark.parametrize(
    "words",
    [
        "“no agenda needed”", "„keine Agenda nötig“", "‘geen agenda nodig’", "« pas besoin d'ordre du jour »",
        "«no hace falta orden del día»", "«non serve un ordine del giorno»", "「議題なしで大丈夫」",
    ],
)  # fmt: skip
def test_words_that_need_no_agenda_may_be_copied_with_their_quotes(words):
    assert _findings(_event(words)) == []


def test_placeholder_beside_an_attachment_is_doubt():
    (finding,) = _findings(_event("Agenda: TBD", attachments=(Attachment(filename="notes.docx"),)))
    assert (finding.code, finding.reach) == ("agenda.missing", Reach.NUDGE)


@pytest.mark.parametrize(("title", "named"), [("Mentoring: promotion packet", True), ("Weekly 1:1", False)])
def test_evidence_mentions_the_title_when_it_names_a_topic(title, named):
    (finding,) = _findings(_event("See you!", title=title))
    assert ("promotion packet" in finding.evidence) is named


def test_evidence_never_mentions_a_private_title():
    (finding,) = _findings(_event("See you!", title="Promotion packet", sensitivity=Sensitivity.PRIVATE))
    assert "packet" not in finding.evidence


@pytest.mark.parametrize("filler", ["see you ", "<p>see you</p>"])
def test_body_that_is_longer_than_what_is_read_is_doubt(filler):
    (finding,) = _findings(_event(filler * 20_000 + "\n- thesis chapter 3"))
    assert (finding.severity, finding.reach) == (Severity.WARNING, Reach.NUDGE)


def test_agenda_is_found_behind_a_long_style_sheet():
    sheet = "<style><!-- " + "p.MsoNormal {margin:0} " * 8_000 + "--></style>"
    body = f"<html><head>{sheet}</head><body><!-- {'x' * 200_000} --><p>Agenda: thesis chapter 3</p></body></html>"
    assert _findings(_event(html=body)) == []


def test_example_in_the_docstring_is_valid():
    lines = [line for line in inspect.getdoc(Agenda).splitlines() if line.startswith("    ")]
    example = YAML(typ="safe").load("\n".join(lines))
    assert AgendaOptions.model_validate(example["rules"]["agenda"]) == AgendaOptions()
