"""The queues, fastest pace first, and which task goes where. Procfile and compose are tested against this."""

# One name a pace. Order matters to a worker that serves all of them: it looks at the first one first.
NOW = "now"  # a text to ten people or fewer: must leave within a second
SEND = "send"  # turns of larger dispatches
RESULTS = "results"  # asking what became of each text
UPKEEP = "upkeep"  # the watch: starts what is due, rescues what is stuck
BULK = "bulk"  # preparing, imports, exports: seconds to minutes of CPU

ALL = [NOW, SEND, RESULTS, UPKEEP, BULK]
