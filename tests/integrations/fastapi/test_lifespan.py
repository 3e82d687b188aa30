"""Mailers that begin and end with an application, in FastAPI's and Starlette's own test clients."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypedDict

import pytest
from fastapi import APIRouter, FastAPI, Request
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

import sesmail.integrations.fastapi as integration
from sesmail import AsyncMailer, Mailer
from sesmail.errors import MissingExtra, SetupError
from sesmail.integrations.fastapi import MailerDep, add_mailer, mail_lifespan, mailer_of
from tests.integrations.fastapi.conftest import Closing


def with_route(app: FastAPI) -> FastAPI:
    @app.post("/hello")
    async def hello(mailer: MailerDep) -> str:
        return (await mailer.send(to="ada@example.org", subject="hello")).transport

    return app


def test_a_mailer_begins_and_ends_with_the_application(mailer: AsyncMailer, transport: Closing) -> None:
    app = with_route(FastAPI(lifespan=mail_lifespan(mailer)))
    for _ in range(2):  # an application may be started again
        with TestClient(app) as client:
            assert client.post("/hello").json() == "closing"
        assert transport.events == ["hello", "closed"]
        transport.events.clear()


class State(TypedDict):
    database: str


def test_a_lifespan_of_one_s_own_runs_inside_and_its_state_is_kept(mailer: AsyncMailer, transport: Closing) -> None:
    @asynccontextmanager
    async def own(app: FastAPI) -> AsyncIterator[State]:
        transport.events.append("own begins")
        await mailer_of(app).send(to="ada@example.org", subject="first")
        yield {"database": "open"}
        await mailer_of(app).send(to="ada@example.org", subject="last")

    app = with_route(FastAPI(lifespan=mail_lifespan(mailer, around=own)))

    @app.get("/state")
    async def state(request: Request) -> str:
        return str(request.state.database)

    with TestClient(app) as client:
        assert client.get("/state").json() == "open"
        client.post("/hello")

    assert transport.events == ["own begins", "first", "hello", "last", "closed"]


def test_a_lifespan_may_be_a_bare_generator_as_fastapi_takes_it(mailer: AsyncMailer, transport: Closing) -> None:
    async def own(app: FastAPI) -> AsyncIterator[None]:
        transport.events.append("begins")
        yield
        transport.events.append("ends")

    with TestClient(FastAPI(lifespan=mail_lifespan(mailer, around=own))):  # type: ignore[arg-type]
        pass

    assert transport.events == ["begins", "ends", "closed"]


def test_a_function_makes_the_mailer_when_the_application_starts(transport: Closing) -> None:
    made: list[AsyncMailer] = []

    def make() -> AsyncMailer:
        made.append(AsyncMailer(transport, sender="shop@example.com"))
        return made[-1]

    app = with_route(FastAPI(lifespan=mail_lifespan(make)))
    assert made == []
    with TestClient(app) as client:
        client.post("/hello")
        assert mailer_of(app) is made[0]

    assert len(made) == 1
    assert transport.events == ["hello", "closed"]


def test_what_fails_at_the_start_closes_what_was_opened(mailer: AsyncMailer, transport: Closing) -> None:
    def broken() -> AsyncMailer:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), TestClient(FastAPI(lifespan=mail_lifespan(mailer, news=broken))):
        pass

    assert transport.events == ["closed"]


def test_an_application_has_several_mailers(mailer: AsyncMailer) -> None:
    news = AsyncMailer("null://", sender="news@example.com")
    app = FastAPI(lifespan=mail_lifespan(mailer, news=news))
    with TestClient(app):
        assert mailer_of(app) is mailer
        assert mailer_of(app, "news") is news
        with pytest.raises(SetupError, match="has no mailer 'new'; it has '', 'news'"):
            mailer_of(app, "new")


def test_a_mailer_is_added_at_once_and_closed_after_all_else(mailer: AsyncMailer, transport: Closing) -> None:
    @asynccontextmanager
    async def own(app: FastAPI) -> AsyncIterator[State]:
        yield {"database": "open"}
        transport.events.append("own ends")

    app = with_route(FastAPI(lifespan=own))
    add_mailer(app, mailer)
    add_mailer(app, AsyncMailer("null://"), name="news")

    assert TestClient(app).post("/hello").json() == "closing"  # no lifespan has run
    with TestClient(app) as client:
        client.post("/hello")
        assert mailer_of(app, "news").transport.name == "null"
    assert transport.events == ["hello", "hello", "own ends", "closed"]


def test_routers_keep_their_lifespans(mailer: AsyncMailer, transport: Closing) -> None:
    @asynccontextmanager
    async def of_router(app: FastAPI) -> AsyncIterator[None]:
        transport.events.append("router begins")
        yield

    app = FastAPI()
    add_mailer(app, mailer)
    app.include_router(APIRouter(lifespan=of_router))
    with TestClient(app):
        pass

    assert transport.events == ["router begins", "closed"]


def test_plain_starlette_finds_its_mailer(mailer: AsyncMailer, transport: Closing) -> None:
    async def hello(request: object) -> PlainTextResponse:
        from starlette.requests import Request

        assert isinstance(request, Request)
        await mailer_of(request).send(to="ada@example.org", subject="hello")
        return PlainTextResponse("sent")

    app = Starlette(routes=[Route("/hello", hello)], lifespan=mail_lifespan(mailer))
    with TestClient(app) as client:
        assert client.get("/hello").text == "sent"

    assert transport.events == ["hello", "closed"]


def test_a_mounted_application_has_mailers_of_its_own(mailer: AsyncMailer, transport: Closing) -> None:
    inner = with_route(FastAPI())
    outer = Starlette(routes=[Mount("/inner", inner)], lifespan=mail_lifespan(mailer))
    with TestClient(outer) as client:
        with pytest.raises(SetupError, match="A mounted app has mailers of its own"):
            client.post("/inner/hello")
        add_mailer(inner, mailer)
        assert client.post("/inner/hello").status_code == 200


def test_where_no_lifespan_has_run_the_error_says_so(mailer: AsyncMailer) -> None:
    app = with_route(FastAPI(lifespan=mail_lifespan(mailer)))
    with pytest.raises(SetupError, match=r"with TestClient\(app\) as client"):
        TestClient(app).post("/hello")


@pytest.mark.parametrize("given", [Mailer("null://"), "null://", None])
def test_what_is_no_mailer_is_refused_when_the_application_is_made(given: object) -> None:
    with pytest.raises(SetupError, match="an AsyncMailer"):
        mail_lifespan(given)  # type: ignore[arg-type]
    with pytest.raises(SetupError, match="an AsyncMailer"):
        add_mailer(Starlette(), given)  # type: ignore[arg-type]


def test_a_function_that_makes_no_mailer_is_refused_at_the_start() -> None:
    app = FastAPI(lifespan=mail_lifespan(lambda: "null://"))  # type: ignore[arg-type, return-value]
    with pytest.raises(SetupError, match="gives an AsyncMailer, not str"), TestClient(app):
        pass


# ── what is imported, and what is missing ────────────────────────────────────────────────────────────────────────


def test_the_room_lists_what_is_there() -> None:
    for name in integration.__all__:
        assert getattr(integration, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'Mailer'"):
        getattr(integration, "Mailer")  # noqa: B009 - a type checker would see it before the test does


@pytest.mark.parametrize(
    ("name", "package"), [("MailerDep", "fastapi"), ("mail_lifespan", "starlette"), ("mailer_of", "starlette")]
)
def test_without_the_framework_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, name: str, package: str) -> None:
    _forget(monkeypatch, package)
    with pytest.raises(MissingExtra, match=rf'needs the package {package}: pip install "sesmail\[fastapi\]"') as caught:
        getattr(integration, name)

    assert caught.value.package == package


def test_starlette_alone_is_enough_for_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    _forget(monkeypatch, "fastapi")
    for name in ("mail_lifespan", "add_mailer", "mailer_of", "send_after_response"):
        assert isinstance(getattr(integration, name), Callable)  # type: ignore[arg-type]


def test_what_the_framework_itself_misses_is_its_own_to_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    _forget(monkeypatch, "pydantic_core")
    for name in [name for name in sys.modules if name.split(".")[0] in ("fastapi", "pydantic")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(ModuleNotFoundError) as caught:
        _ = integration.MailerDep

    assert not isinstance(caught.value, MissingExtra)


def _forget(monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    for name in [name for name in sys.modules if name.startswith(("sesmail.integrations.fastapi.", f"{package}."))]:
        monkeypatch.delitem(sys.modules, name)
    for name in integration.__all__:
        monkeypatch.delitem(vars(integration), name, raising=False)
    monkeypatch.setitem(sys.modules, package, None)


def test_it_pulls_in_no_other_framework_and_no_client() -> None:
    code = """if True:
        import sys
        import sesmail.integrations.fastapi as ours
        assert "starlette" not in sys.modules
        [getattr(ours, name) for name in ours.__all__]
        print(*{"django", "flask", "boto3", "sesmail.testing", "sesmail.local", "jinja2"} & set(sys.modules))
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout.split()) == (0, []), done.stderr
