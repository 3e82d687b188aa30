"""The endpoint: an HTTP request in, an HTTP reply out. It finds out which API is meant, and asks the box."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from sesmail.local.authentication import Authentication
from sesmail.local.box import DEFAULT_REGION, Box
from sesmail.local.call import Call, Result
from sesmail.local.chaos import Chaos
from sesmail.local.control.control import PREFIX, Control
from sesmail.local.faults import Fault
from sesmail.local.http.message import HttpReply, HttpRequest
from sesmail.local.http_troubles import BEFORE_A_CALL, WITHIN_A_REQUEST, handover_of, is_before, refusal_of
from sesmail.local.listeners import Listener, own_mistake, tell
from sesmail.local.models.service import Operation, Service
from sesmail.local.operations import SERVED
from sesmail.local.trouble import Trouble
from sesmail.local.wire.query import Query
from sesmail.local.wire.rest_json import RestJson

_NOTHING_DONE = HttpReply(500)  # which nobody will see


class Endpoint:
    """Answers what SES and STS would answer, and what the box's own control asks."""

    def __init__(
        self,
        box: Box,
        *,
        check_signatures: bool = False,
        region: str = DEFAULT_REGION,
        on_call: Listener | None = None,
        chaos: Chaos | None = None,
    ) -> None:
        self._box = box
        self._region = region  # for requests that name none, as unsigned ones
        self._on_call = on_call
        self._chaos = chaos or Chaos()
        self._authentication = Authentication(box.keys, box.clock, check_signatures)
        self._control = Control(box, region, self._chaos)
        self._rest = RestJson(Service.of("sesv2"))
        self._query = Query([Service.of("ses"), Service.of("sts")])

    def cut_after(self, begins: bytes) -> int | None:
        """The bytes of a request that begins so, after which the line breaks, if it is to. The control always works."""
        if f" {PREFIX}".encode() in begins:
            return None
        trouble = self._chaos.meet("request", ("http",), WITHIN_A_REQUEST)
        return trouble.at if trouble else None

    def answer(self, request: HttpRequest) -> HttpReply:
        """The answer to a request."""
        if self._control.knows(request):
            return self._control.answer(request)
        language: RestJson | Query = self._query if request.path == "/" else self._rest
        request_id = str(UUID(int=self._box.random.getrandbits(128), version=4))
        call, fault, trouble = None, None, None
        try:
            operation, call = self._read(language, request)
            trouble = self._trouble(call)
            if is_before(trouble):
                return replace(_NOTHING_DONE, handover=handover_of(trouble))
            reply = language.reply(operation, self._do(call, trouble), request_id)
        except Fault as refused:
            fault = refused
        except Exception as error:  # noqa: BLE001 - our own mistakes too are told in the client's language
            fault = own_mistake(call, error)
        tell(self._on_call, call, fault)
        said = language.refusal(fault, request_id) if fault else reply
        return replace(said, handover=handover_of(trouble)) if trouble else said

    def _read(self, language: RestJson | Query, request: HttpRequest) -> tuple[Operation, Call]:
        operation, params = language.read(request)
        caller = self._authentication.caller(request, operation.service)
        region = caller.region or self._region
        return operation, Call(operation.service, operation.name, params, region, caller.key_id)

    def _trouble(self, call: Call) -> Trouble | None:
        places = ("http", "call", "credentials", *(["send"] if _sends(call) else []))
        return self._chaos.meet(call.operation, places, BEFORE_A_CALL)

    def _do(self, call: Call, trouble: Trouble | None) -> Result:
        refusal = refusal_of(trouble, sends=_sends(call)) if trouble else None
        if refusal:
            raise refusal
        return self._box.handle(call)


def _sends(call: Call) -> bool:
    served = SERVED.get((call.service, call.operation))
    return served is not None and served.sends
