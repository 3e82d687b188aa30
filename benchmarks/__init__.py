"""What sesmail costs, measured side by side with its peers in one run.

::

    python -m benchmarks                 # from the root of the repository; group `bench` brings the peers
    python -m benchmarks --check         # exit 1 when a goal does not hold
    python -m benchmarks --only recipients --rounds 15 --json figures.json

Rule 1: only ratios last. Everything that is compared was measured in the same run, in rounds where each peer has its
        turn, and as CPU time, which a busy machine disturbs least.
Rule 2: all peers start from the same plain data and end with the bytes of a whole mail. `proof` reads each of them back
        before anything is measured.
Rule 3: a peer gets the quickest way that its documentation shows, and the benefit of the doubt.

`cases` is the table of what is measured, `goals` the table of what must come out. `ways` is how mails leave, and has
rules of its own.
"""
