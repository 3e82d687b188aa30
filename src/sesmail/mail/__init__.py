"""Floor 1: what a mail is. Frozen values; no input or output but for `Attachment.from_path` and `from_file`.

May import floor 0 and the standard library, and email-validator inside a function. Knows no socket, clock or boto3.
"""
