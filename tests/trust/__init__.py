"""How far agendad can be trusted with other people's calendars, in figures: `python -m trust [PART…]`.

A part is a module here with a `PART`, see `trust.figures`. What it counts is printed, one figure a line, and stands in
docs/reliability.md beside the command.
"""
