"""The endpoint: an HTTP request in, an HTTP reply out. It finds out which API is meant, and asks the box."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from sesmail._logging import ERROR, log
from sesmail.local.authentication import Authentication
from sesmail.local.box import DEFAULT_REGION, Box
from sesmail.local.call import Call
from sesmail.local.control import Control
from sesmail.local.faults import Fault, FaultKind
from sesmail.local.http.message import HttpReply, HttpRequest
from sesmail.local.models.service import Service
from sesmail.local.wire.query import Query
from sesmail.local.wire.rest_json import RestJson

Listener = Callable[[Call | None, Fault | None], None]  # a request that could not be read is no call


class Endpoint:
    """Answers what SES and STS would answer, and what the box's own control asks."""

    def __init__(
        self,
        box: Box,
        *,
        check_signatures: bool = False,
        region: str = DEFAULT_REGION,
        on_call: Listener | None = None,
    ) -> None:
        self._box = box
        self._region = region  # for requests that name none, as unsigned ones
        self._on_call = on_call
        self._authentication = Authentication(box.keys, box.clock, check_signatures)
        self._control = Control(box, region)
        self._rest = RestJson(Service.of("sesv2"))
        self._query = Query([Service.of("ses"), Service.of("sts")])

    def answer(self, request: HttpRequest) -> HttpReply:
        """The answer to a request."""
        if self._control.knows(request):
            return self._control.answer(request)
        language: RestJson | Query = self._query if request.path == "/" else self._rest
        request_id = str(UUID(int=self._box.random.getrandbits(128), version=4))
        call, fault = None, None
        try:
            operation, params = language.read(request)
            caller = self._authentication.caller(request, operation.service)
            call = Call(operation.service, operation.name, params, caller.region or self._region, caller.key_id)
            reply = language.reply(operation, self._box.handle(call), request_id)
        except Fault as refused:
            fault = refused
            reply = language.refusal(fault, request_id)
        except Exception as error:  # noqa: BLE001 - our own mistakes too are told in the client's language
            name = call.operation if call else "a request"
            log(ERROR, "the box failed at %.50s: %s", name, type(error).__name__, traceback=True)
            said = f"sesmail.local itself failed at {name}: {type(error).__name__}; its log says why"
            fault = Fault(FaultKind.INTERNAL, said)
            reply = language.refusal(fault, request_id)
        self._tell(call, fault)
        return reply

    def _tell(self, call: Call | None, fault: Fault | None) -> None:
        """By now the mail may be taken, so a listener that fails must not make it look otherwise."""
        if self._on_call is None:
            return
        try:
            self._on_call(call, fault)
        except Exception as error:  # noqa: BLE001
            log(ERROR, "what listens to the box's calls failed: %s", type(error).__name__, traceback=True)
