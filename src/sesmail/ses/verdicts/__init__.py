"""Verdicts: from a refusal to an error that says what is wrong, which it is, and the cure. One function for each kind.

Rule 1: which verdict it is, a code decides; each door has a table of them. A text decides only where SES has one code
        for many things, and those texts are in tables here.
Rule 2: an answer is an answer. Where SES said no in its own words the mail is not out, whatever had left by then: it
        gives the id of a mail with a yes and with nothing else. Only an answer of which nobody knows who gave it, such
        as a proxy's, leaves the outcome unknown.
Rule 3: what a text of SES tells reaches an error only through `sesmail.ses.sayings`.
"""
