"""From a written text to a delivered one. The journey, in the order of the files in services/:

1. compose   quote says who, how long, how many; submit checks the draft and stores a Dispatch (twice is once).
2. prepare   freezes the recipients: each gets a Message with its rendered text, or an Excluded row with the reason;
             Messages are packed into Batches of one type.
3. deliver   claims a batch (claiming), drops whom it may no longer text, commits, calls the provider, records the
             outcome: accepted, rejected, queued again (surely not sent) or unknown (may have been sent).
4. results   asks the provider what became of each message until every one is final or 80 h have passed; recording
             writes down what it says.

Around it: turns (at most three a tenant and lane), holds and probe (what waits for a person or for money), policies
(the tenant's own rules, and the switch that stops all), reconcile (settles the unknown by the provider's own lists),
afterwards (looks again whether anything went twice), closing (when a dispatch is finished), upkeep (the watch: starts
what is due, rescues what is stuck, rings lost bells). The database is the truth, the broker only rings bells.

Not for: who the people are (members), what the account pays (billing). `text.py` and `rules.py` are pure functions;
`providers/aligo.py` is the only file that knows Aligo's words; `sandbox/` is a stranger that imports nothing of ours.
"""
