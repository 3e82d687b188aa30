"""Floor 2: what SES itself thinks, without a call to it. The SMTP password, and the templates that SES renders.

May import floors 0 and 1 and the standard library. Knows no network, disk or clock, and nothing of MIME.
"""
