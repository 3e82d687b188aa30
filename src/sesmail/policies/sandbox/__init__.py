"""The sandbox: who is verified (`coverage`), what is known of it (`facts`), and what to do about it (`guard`).

Rule 1: only what SES documents is held against a recipient. Where it says nothing, SES decides.
Rule 2: nobody is held back by an old fact, nor by an account that nobody may ask about.
Rule 3: texts name a few recipients and count the others; all of them are in attributes; logs have counts only.
"""
