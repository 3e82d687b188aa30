"""SES v1 and STS speak AWS Query: a form in, which names version and operation; XML out."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from sesmail.local.call import Params, Result
from sesmail.local.faults import Fault, FaultKind
from sesmail.local.http.message import HttpReply, HttpRequest
from sesmail.local.models.service import Operation, Service
from sesmail.local.wire import form_values
from sesmail.local.wire.xml_values import element, facts, write


class Query:
    """The language of services that are told apart by their version."""

    def __init__(self, services: Sequence[Service]) -> None:
        self._services = {service.version: service for service in services}
        self._namespace = services[0].namespace

    def read(self, request: HttpRequest) -> tuple[Operation, Params]:
        """Which operation a form asks for, and with what."""
        fields = form_values.parse(request.body or request.query.encode("latin-1"))
        form = {name: value for name, value in fields.items() if not name.startswith("X-Amz-")}  # of a signed URL
        version, action = form.pop("Version", ""), form.pop("Action", "")
        service = self._services.get(version) if isinstance(version, str) else None
        if service is None:
            versions = " and ".join(self._services)
            raise Fault(FaultKind.UNKNOWN_OPERATION, f"The field Version names no service here; known are {versions}")
        if not isinstance(action, str) or action not in service.operation_names:
            said = f"The field Action names no operation of {service.name} {service.version}: {str(action)[:100]}"
            raise Fault(FaultKind.UNKNOWN_OPERATION, said)
        operation = service.operation(action)
        return operation, form_values.read(operation.takes, form, "")

    def reply(self, operation: Operation, result: Result, request_id: str) -> HttpReply:
        """What came of a call."""
        content = write(operation.gives, result)
        wrapped = element(operation.wrapper, content) if operation.wrapper else content
        metadata = element("ResponseMetadata", facts({"RequestId": request_id}))
        return _xml(200, _rooted(f"{operation.name}Response", operation.namespace, wrapped + metadata), request_id)

    def refusal(self, fault: Fault, request_id: str) -> HttpReply:
        """Why nothing came of it."""
        code, status = fault.v1
        whose = "Sender" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "Receiver"
        said = facts({"Type": whose, "Code": code, "Message": fault.message, **fault.facts})
        content = element("Error", said) + facts({"RequestId": request_id})
        return _xml(status, _rooted("ErrorResponse", self._namespace, content), request_id)


def _rooted(name: str, namespace: str, content: str) -> str:
    return f'<{name} xmlns="{namespace}">{content}</{name}>'


def _xml(status: int, body: str, request_id: str) -> HttpReply:
    return HttpReply(status, {"Content-Type": "text/xml", "x-amzn-RequestId": request_id}, body.encode())
