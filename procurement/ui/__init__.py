"""Components, form rendering, dates: no model, no word of the field."""
