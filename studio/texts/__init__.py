"""Every sentence that a user sees and that does not belong to one widget: errors, findings, progress.

All words go through gettext (``_``); catalogues live in ``resources/locale``. A ``StudioError`` has a code;
its sentence says what happened, where, and what to do.
"""

import gettext

from studio.domain.errors import StudioError
from studio.paths import resources
from studio.texts.chat import CHAT
from studio.texts.data import DATA
from studio.texts.findings import FINDINGS
from studio.texts.general import GENERAL
from studio.texts.importing import IMPORTING
from studio.texts.library import LIBRARY
from studio.texts.training import TRAINING

__all__ = ["FINDINGS", "SENTENCES", "sentence", "tr", "tr_plural", "use_language", "use_translation"]
LOCALE_FOLDER = resources() / "locale"
_translation: gettext.NullTranslations = gettext.NullTranslations()


def use_language(*languages: str) -> None:
    """Speak the first of ``languages`` that has a catalogue; English otherwise. Effective for words asked from now on."""
    global _translation
    _translation = gettext.translation("studio", LOCALE_FOLDER, languages or None, fallback=True)


def use_translation(translation: gettext.NullTranslations) -> None:
    """For tests: speak through ``translation`` (the pseudo-language that shows forgotten words)."""
    global _translation
    _translation = translation


def tr(text: str, **values: object) -> str:
    """Return ``text`` in the user's language with ``{names}`` filled in."""
    said = _translation.gettext(text)
    return said.format(**values) if values else said


def tr_plural(one: str, many: str, count: int, **values: object) -> str:
    """Return the plural form for ``count``, which is also a value."""
    return _translation.ngettext(one, many, count).format(count=count, **values)


def sentence(error: StudioError) -> str:
    """Return what to tell the user; an unknown code is itself a bug that tests look for."""
    template = SENTENCES[error.code]
    return tr(template, **error.details) if error.details else tr(template)


SENTENCES: dict[str, str] = {**GENERAL, **IMPORTING, **LIBRARY, **DATA, **TRAINING, **CHAT}
"""Code to sentence. The words in braces are the error's details."""
