"""Floor 5: the facade. `Mailer` and `AsyncMailer` complete a mail, build it, check it, and hand it to a transport.

May import floors 0 to 4, and `sesmail.connect` beside it. Knows no framework.
"""
