"""A site where people register, and show by a link that their address is theirs. Flask, with mail of a template.

Run it with ``SESMAIL_URL="console://?full=yes" flask --app examples.flask.app run``, which prints the mails, or with
``sesmail local --production --verify example.com`` beside it and the environment that this prints.
"""

from __future__ import annotations

import secrets

from flask import Flask, abort, request
from itsdangerous import BadData, URLSafeTimedSerializer

from sesmail.errors import InvalidAddress, SendError
from sesmail.integrations.flask import SesMail

HOUR = 3600

mail = SesMail()


def create_app(**config: object) -> Flask:
    """The application: ``SESMAIL_URL`` in the environment says where mail goes."""
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=secrets.token_hex(),  # several processes need the same, from outside
        SESMAIL_SENDER="Tea Shop <shop@example.com>",
        SESMAIL_BASE_URL="http://127.0.0.1:5000",
        SESMAIL_TAGS={"app": "shop"},
    )
    app.config.update(config)
    mail.init_app(app)
    users: dict[str, bool] = {}  # whether the address is known to be theirs
    tokens = URLSafeTimedSerializer(str(app.config["SECRET_KEY"]), salt="verify")

    @app.post("/register")
    def register() -> tuple[str, int]:
        name, email = request.form["name"], request.form["email"]
        try:
            mail.send(
                template="verify",
                context={"name": name, "token": tokens.dumps(email)},
                to=[(name, email)],
                auto_submitted="auto-generated",
            )
        except InvalidAddress:
            return "This is no address that mail can go to.", 400
        except SendError as error:
            if not error.retryable:
                raise
            return "We cannot send mail just now; please try again in a minute.", 503
        users.setdefault(email, False)
        return "Look into your inbox.", 202

    @app.get("/verify/<token>")
    def verify(token: str) -> str:
        try:
            email = tokens.loads(token, max_age=HOUR)
        except BadData:
            abort(404)
        users[email] = True
        return f"{email} is verified."

    return app
