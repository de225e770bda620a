"""An Aligo look-alike over real HTTP: strict, forgetful when told, and able to fail in every known way.

It is a stranger: it imports nothing of ours and nothing of ours imports it. `python -m messaging.sandbox` starts it.

server.py     HTTP/1.1 with keep-alive         endpoints.py  what Aligo answers, and in which order it looks
forms.py      request bodies, read strictly    control.py    /_/...: accounts, switches, faults, what was sent
store.py      one SQLite database              pages.py      the phone-like inbox and the account page
switches.py   choices where Aligo is unknown   words.py      EUC-KR, numbers, dates, PHP's JSON
faults.py     the ways to fail

Outcomes are told by the receiver's last four digits: 0000 a wrong number, 0001 no such subscriber, 0002 no result ever,
any other is delivered. Accounts named `sandbox-...` exist from their first call, with money for 10,000 short texts.
In production it runs with `--no-control`: Aligo's own paths only, and the money of an account is filled up again.
"""
