"""Fields that every form of the site shares."""

from typing import Any

from django import forms

from procurement.ui.typographie import strip_bidi


class LigneField(forms.CharField):
    """A text of one line, without the invisible signs that would show it mirrored."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return super().to_python(strip_bidi(text)) if isinstance(text, str) else text
