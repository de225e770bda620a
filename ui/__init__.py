"""The look and the Korean of the product: no tables, no reads, no writes.

Here: template tags (`templatetags/ui.py`), server-side charts (`charts.py`), Korean text, dates and
numbers, and the error pages. Not here: anything that knows what a member or a message is.
Start reading at `templatetags/ui.py`; `/ui/` shows every component when DEBUG is on.
"""
