"""Floor 1: lines to other machines. What is said on one is a dialogue, which is pure; two drivers carry it out.

May import floor 0 and the standard library. `dialogue` is the language (steps, and generators that yield them), `tls` a
dialogue around a dialogue, `line` one connection, `blocking` and `awaited` the two drivers, `pool` keeps lines open
between two mails, `patience` is how long anything is waited for, and `fault` how a line fails.
"""
