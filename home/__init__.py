"""The pages and commands that join the apps: landing, shell, first steps, sign-up's end, open_tenant, seed.

No tables. May look at every app to its left.
"""
