"""Reading: attributes and items of what a template is given.

Rule 1: no name that begins with an underscore, be it an attribute's or a key's.
Rule 2: nothing callable is read off an object, and nothing at all off what is callable: classes, functions, macros.
Rule 3: of Jinja's own objects only what its documentation names.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Generator, Mapping
from types import CodeType, FrameType, ModuleType, TracebackType
from typing import NoReturn

from jinja2 import Environment, Template, Undefined
from jinja2.environment import TemplateModule
from jinja2.exceptions import SecurityError
from jinja2.nodes import EvalContext
from jinja2.runtime import BlockReference, Context, LoopContext, TemplateReference
from jinja2.utils import Namespace

from sesmail.templates.untrusted.budget import budget
from sesmail.templates.untrusted.methods import Method, method
from sesmail.templates.untrusted.value import Value

_CLOSED = (
    Environment,
    Template,
    Context,
    EvalContext,
    Method,
    ModuleType,
    Generator,
    Coroutine,
    AsyncGenerator,
    AsyncIterator,
    FrameType,
    CodeType,
    TracebackType,
)
_OF_A_LOOP = frozenset("depth depth0 first index index0 last length nextitem previtem revindex revindex0".split())


def attribute(environment: Environment, owner: Value, name: str) -> Value:
    """``owner.name``: the attribute, or else the item."""
    _check_name(name)
    if isinstance(owner, Undefined):
        return getattr(owner, name)  # it says itself what is missing
    if (found := method(owner, name)) is not None:
        return found
    if isinstance(owner, Mapping):
        return _item(environment, owner, name)
    if (inner := _INNER.get(type(owner))) is not None:
        return inner(environment, owner, name)
    if _is_closed(owner):
        _refuse(owner, name)
    try:
        value = getattr(owner, name)
    except AttributeError:
        return _item(environment, owner, name)
    if callable(value) and not isinstance(value, Undefined):
        _refuse(owner, name)
    return value


def item(environment: Environment, owner: Value, key: Value) -> Value:
    """``owner[key]``: the item, or else the attribute."""
    if isinstance(key, str):
        _check_name(key)
    if isinstance(owner, Undefined):
        return owner[key]
    if type(owner) in _INNER or _is_closed(owner):
        return attribute(environment, owner, str(key))
    budget().look_at(key)  # Python hashes all of it
    try:
        return owner[key]
    except (TypeError, LookupError):
        if isinstance(key, str) and not isinstance(owner, Mapping):
            return attribute(environment, owner, key)
        if isinstance(key, str) and (found := method(owner, key)) is not None:
            return found
    # A key that is no name or number may be anything, and the text of an error holds no value.
    named: Value = key if isinstance(key, str | int) else type(key).__name__
    return environment.undefined(obj=owner, name=named)


def _item(environment: Environment, owner: Value, name: str) -> Value:
    try:
        return owner[name]
    except (TypeError, LookupError, AttributeError):
        return environment.undefined(obj=owner, name=name)


def _check_name(name: str) -> None:
    if name.startswith("_"):
        raise SecurityError("a name that begins with an underscore is not for templates")


def _is_closed(owner: object) -> bool:
    return callable(owner) or isinstance(owner, _CLOSED)


def _refuse(owner: object, name: str) -> NoReturn:
    raise SecurityError(f"{name!r} of {type(owner).__name__} is not for templates, they read data and call nothing")


def _of_loop(_: Environment, owner: LoopContext, name: str) -> Value:
    if name not in _OF_A_LOOP:
        _refuse(owner, name)
    return getattr(owner, name)


def _of_block(_: Environment, owner: BlockReference, name: str) -> Value:
    if name != "super":
        _refuse(owner, name)
    return owner.super


def _of_self(environment: Environment, owner: TemplateReference, name: str) -> Value:
    return _item(environment, owner, name)


def _of_namespace(environment: Environment, owner: Namespace, name: str) -> Value:
    # Its class looks up all names in its values: nothing else can be reached.
    return getattr(owner, name, environment.undefined(name=name))


def _of_module(environment: Environment, owner: TemplateModule, name: str) -> Value:
    return vars(owner).get(name, environment.undefined(name=name))


_INNER: dict[type[Value], Value] = {
    LoopContext: _of_loop,
    BlockReference: _of_block,
    TemplateReference: _of_self,
    Namespace: _of_namespace,
    TemplateModule: _of_module,
}
