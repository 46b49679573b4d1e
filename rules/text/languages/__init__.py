"""The languages in which agendas are understood."""

from agendad.rules.text.languages.de import GERMAN
from agendad.rules.text.languages.en import ENGLISH
from agendad.rules.text.languages.es import SPANISH
from agendad.rules.text.languages.fr import FRENCH
from agendad.rules.text.languages.it import ITALIAN
from agendad.rules.text.languages.ja import JAPANESE
from agendad.rules.text.languages.nl import DUTCH
from agendad.rules.text.languages.pt import PORTUGUESE
from agendad.rules.text.languages.zh import CHINESE
from agendad.rules.text.lexicon import Language

LANGUAGES: tuple[Language, ...] = (
    ENGLISH,
    GERMAN,
    SPANISH,
    FRENCH,
    PORTUGUESE,
    ITALIAN,
    DUTCH,
    JAPANESE,
    CHINESE,
)
