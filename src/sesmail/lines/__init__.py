"""Floor 1: lines to other machines. What is said on one is a dialogue, which is pure; two drivers carry it out.

May import floor 0 and the standard library. `dialogue` is the language (steps, and generators that yield them), `line`
one connection, `tls` its encryption, a dialogue around a dialogue; `opening` finds the way to the other machine.
`blocking` and `awaited` are the drivers, and `waits` is how the second waits. `session` is what is spoken; `pool` keeps
it and its line open between two mails: on a `shelf`, for as long as `keeping` says, behind a `gate`. `patience` is how
long anything is waited for, `fault` how a line fails; `threads` and `per_process` are for calls that block, and forks.

asyncio is imported by who awaits, and ssl by who has TLS: each takes longer than all the rest.
"""
