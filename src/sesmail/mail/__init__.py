"""Floor 1: what a mail is. Frozen values, no input or output.

May import floor 0 and the standard library, and email-validator inside a function. Knows no socket, clock or boto3.
"""
