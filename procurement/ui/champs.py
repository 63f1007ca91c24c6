"""Fields that every form of the site shares."""

from typing import Any

from django import forms

from procurement.ui.typographie import is_visible, print_ligne, strip_bidi, strip_controls


class TexteField(forms.CharField):
    """A text without signs of command nor that would show it mirrored; one that nobody sees is empty."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not isinstance(text, str):
            return text
        if "\x00" in text:  # nobody types it: the field refuses it
            return text
        return super().to_python(strip_controls(strip_bidi(text)) if is_visible(text) else "")


class LigneField(TexteField):
    """A text of one line: a title, a name, an object, a motive."""


class PhraseField(LigneField):
    """A line that pièces and pages print: an object, an intitulé, a title. It is kept as it is printed."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return print_ligne(text) if isinstance(text, str) else text
