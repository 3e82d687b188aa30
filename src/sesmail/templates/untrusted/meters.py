"""Meters: writes into a template what it costs, before it is compiled.

Each part that can run more than once (the template, a block, a macro, a round of a loop) begins with a step for every
eight of its parts. Each thing that Jinja does without asking its environment (printing, joining, cutting, comparing,
going over something, making a list) is led through a filter of `filters.internal`, which asks the budget. Calls,
attributes, items and operators do ask the environment, and offered filters and tests ask the budget by themselves.
"""

# ruff: noqa: N802, N815  # a visitor is named after what it visits
from __future__ import annotations

from typing import cast

from jinja2 import nodes
from jinja2.visitor import NodeTransformer

_PARTS_OF_A_STEP = 8


class Meters(NodeTransformer):
    """The rewriting of one template. ``sizes`` says of each node, by its ``id``, how many parts it has."""

    def __init__(self, sizes: dict[int, int]) -> None:
        self._sizes = sizes

    def visit_Template(self, node: nodes.Template | nodes.Block | nodes.Macro | nodes.CallBlock) -> nodes.Node:
        steps = self._steps(node)
        self.generic_visit(node)
        _begin(node.body, node, steps)
        return node

    visit_Block = visit_Macro = visit_CallBlock = visit_Template

    def visit_For(self, node: nodes.For) -> nodes.Node:
        steps = self._steps(node)
        test_steps = 0 if node.test is None else self._steps(node.test)
        self.generic_visit(node)
        node.iter = _filtered(node.iter, " rounds")
        if node.test is not None:
            node.test = _filtered(node.test, " passed", nodes.Const(test_steps))
        _begin(node.body, node, steps)
        return node

    def visit_Output(self, node: nodes.Output) -> nodes.Node:
        self.generic_visit(node)
        node.nodes = [
            _filtered(child, " source" if isinstance(child, nodes.TemplateData) else " written") for child in node.nodes
        ]
        return node

    def visit_FilterBlock(self, node: nodes.FilterBlock) -> nodes.Node:
        self.generic_visit(node)
        node.filter = _filtered(node.filter, " written")  # Jinja prints it as it is: {% filter default(x, true) %}
        return node

    def visit_AssignBlock(self, node: nodes.AssignBlock) -> nodes.Node:
        self.generic_visit(node)
        if node.filter is not None:
            node.filter = _filtered(node.filter, " escaped")
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:
        self.generic_visit(node)
        return _filtered(nodes.List(node.nodes, lineno=node.lineno), " joined")

    def visit_Compare(self, node: nodes.Compare) -> nodes.Node:
        self.generic_visit(node)
        node.expr = _weighed(node.expr)
        for operand in node.ops:
            operand.expr = _weighed(operand.expr)
        return node

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:
        self.generic_visit(node)
        if not isinstance(node.arg, nodes.Slice):
            return node
        bounds = (node.arg.start, node.arg.stop, node.arg.step)
        return _filtered(node.node, " sliced", *(bound or nodes.Const(None) for bound in bounds))

    def visit_List(self, node: nodes.List) -> nodes.Node:
        self.generic_visit(node)
        return _filtered(node, " kept")

    def visit_Tuple(self, node: nodes.Tuple) -> nodes.Node:
        self.generic_visit(node)
        return _filtered(node, " kept") if node.ctx == "load" else node

    def visit_Dict(self, node: nodes.Dict) -> nodes.Node:
        self.generic_visit(node)
        for pair in node.items:
            pair.key = _weighed(pair.key)
        return _filtered(node, " kept")

    def visit_Call(self, node: nodes.Call | nodes.Filter | nodes.Test) -> nodes.Node:
        self.generic_visit(node)
        if node.dyn_args is not None:
            node.dyn_args = _filtered(node.dyn_args, " listed")
        if node.dyn_kwargs is not None:
            node.dyn_kwargs = _filtered(node.dyn_kwargs, " named")
        return node

    visit_Filter = visit_Test = visit_Call

    def _steps(self, node: nodes.Node) -> int:
        return 1 + self._sizes[id(node)] // _PARTS_OF_A_STEP


def _begin(body: list[nodes.Node], node: nodes.Node, steps: int) -> None:
    body.insert(0, nodes.ExprStmt(_filtered(nodes.Const(steps, lineno=node.lineno), " step"), lineno=node.lineno))


def _weighed(node: nodes.Expr) -> nodes.Expr:
    return node if isinstance(node, nodes.Const) else _filtered(node, " weighed")


def _filtered(node: nodes.Node, name: str, *args: nodes.Expr) -> nodes.Filter:
    return nodes.Filter(cast("nodes.Expr", node), name, list(args), [], None, None, lineno=node.lineno)
