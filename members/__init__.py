"""The people a tenant looks after: members, groups, consent, imports.

Not for: what is texted to them (messaging). Start reading at `models/people.py`, then `selectors.py` (search and
recipients) and `importing.py` (a shop's spreadsheet becomes members).
"""
