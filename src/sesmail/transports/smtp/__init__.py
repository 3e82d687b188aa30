"""SMTP: two ways out that speak it, to any server and to Amazon SES.

From the wire to the transport: `commands` and `data` are what is written, `replies` and `capabilities` what is read,
`login` who we are, `trust` whom TLS believes, `terms` what must hold before a mail goes out, `session` the conversation
as a pure dialogue, `letter` and `answers` what goes in and what comes out, `relay_replies` the errors of servers that
are not SES, `ses_headers` what is asked of SES in the mail itself; `transport` and `ses` are the two transports.

Nothing here waits or opens a socket: `sesmail.lines` does.
"""
