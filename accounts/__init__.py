"""Who may come in: tenants, staff, roles, sign-in safety, the audit trail, uploads and exports.

Not for: what a tenant pays (billing), whom it looks after (members). Start reading at `models/tenants.py`, then
`permissions.py` (what a role may do) and `middleware.py` (how a request finds its tenant).
"""
