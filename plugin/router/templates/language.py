# SPDX-License-Identifier: GPL-3.0-or-later
"""The language of templates: Jinja2's nodes that are allowed, and messages for the others."""

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache
from inspect import getmembers, isfunction
from types import MappingProxyType

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from router.rules.dictionary import did_you_mean, nearest, nearest_keywords, number_of, public_entry
from router.rules.problem import Unfit, quoted
from router.rules.tag_path import parse_tag
from router.templates import filters

#: The most characters of a template.
LONGEST_TEMPLATE = 65_536
#: The deepest nesting of expressions, and of `if`.
_DEEPEST = 40
#: The most parts of a template: texts, names, operators.
_MOST_NODES = 2000

#: All filters, by their name in a template.
FILTERS: Mapping[str, Callable[..., object]] = MappingProxyType(
    {
        name: one
        for name, one in getmembers(filters, isfunction)
        if one.__module__ == filters.__name__ and not name.startswith("_")
    }
)

#: The function that reads any tag, written as in rules: `tag("RequestAttributesSequence[0].StudyID")`.
TAG = "tag"

#: VRs whose values are not text that a person can read.
_UNREADABLE = frozenset({"SQ", "OB", "OD", "OF", "OL", "OV", "OW", "OB or OW", "UN"})

_PLAIN = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Const,
    nodes.If,
    nodes.CondExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Concat,
    nodes.List,
    nodes.Tuple,
)

#: Messages for nodes that people try but that are not allowed.
_INSTEAD: dict[type[nodes.Node], str] = {
    nodes.For: "{% for %} cannot be used: a template has no loops",
    nodes.Assign: "{% set %} cannot be used: write the expression where it is needed",
    nodes.Include: "{% include %} cannot be used: a template stands alone",
    nodes.Import: "{% import %} cannot be used: a template stands alone",
    nodes.FromImport: "{% import %} cannot be used: a template stands alone",
    nodes.Extends: "{% extends %} cannot be used: a template stands alone",
    nodes.Macro: "{% macro %} cannot be used",
    nodes.Getattr: 'a dot cannot be used; for a tag inside a sequence write tag("Sequence[0].Keyword")',
    nodes.Add: "+ cannot be used; ~ joins two texts",
    nodes.Mul: "* cannot be used: a template does not calculate",
    nodes.Mod: "% cannot be used: a template does not calculate",
    nodes.Test: '"is" cannot be used; an absent tag is an empty text: {% if AccessionNumber %}',
}


@cache
def environment(escape: bool, path: bool = False) -> ImmutableSandboxedEnvironment:
    """Jinja2's environment for templates. `escape`: values go into HTML; `path`: they go into file names."""
    made = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=escape,
        keep_trailing_newline=True,
        finalize=_within_component if path else None,
        cache_size=0,
    )
    made.filters = dict(FILTERS)
    made.tests = {}
    made.globals = {}
    return made


#: Characters that separate or end a file name on some system.
_NOT_IN_NAMES = frozenset('/\\:*?"<>|')


def _within_component(value: object) -> str:
    return "".join("_" if letter in _NOT_IN_NAMES else letter for letter in str(value))


def parsed(text: str, escape: bool) -> tuple[nodes.Template | None, list[str]]:
    """Return the template as nodes, or None with the problems where it is not readable."""
    if len(text) > LONGEST_TEMPLATE:
        return None, [f"a template has at most {LONGEST_TEMPLATE} characters"]
    try:
        return environment(escape).parse(text), []
    except TemplateSyntaxError as error:
        return None, [_at(error.lineno, text, f"this is not a template: {error.message}")]
    except (RecursionError, ValueError):  # nested too deeply; a number with too many digits
        return None, ["the template is nested too deeply or has too long a number"]


class Inspection:
    """What a template uses, and all its problems."""

    def __init__(
        self, text: str, template: nodes.Template, names: Collection[str], functions: Collection[str]
    ) -> None:
        """`names` and `functions` are allowed besides the DICOM keywords."""
        self.problems: list[str] = []
        #: The names that it uses besides the keywords.
        self.extra: set[str] = set()
        #: The tags that it uses, as written: keywords, and tags as in rules.
        self.tags: set[str] = set()
        self._text = text
        self._names = names
        self._functions = functions
        self._nodes = 0
        self._inspect(template, 0)
        self.problems = list(dict.fromkeys(self.problems))

    def _inspect(self, node: nodes.Node, depth: int) -> None:
        self._nodes += 1
        if self._nodes > _MOST_NODES or depth > _DEEPEST:
            self._wrong(node, "the template is too long or nested too deeply")
            return
        for child in self._children(node):
            self._inspect(child, depth + 1)

    def _children(self, node: nodes.Node) -> Iterator[nodes.Node]:
        """Yield the parts of a node that are still to be inspected."""
        match node:
            case nodes.Name():
                self._name(node)
            case nodes.Call():
                yield from self._call(node)
            case nodes.Filter():
                yield from self._filter(node)
            case nodes.Getitem():
                if not isinstance(node.arg, nodes.Slice) or not all(
                    _is_whole(end) for end in (node.arg.start, node.arg.stop, node.arg.step)
                ):
                    self._wrong(node, "only stretches can be cut out of a text, such as PatientID[0:3]")
                yield node.node
            case _ if isinstance(node, _PLAIN):
                yield from node.iter_child_nodes()
            case _:
                what = type(node).__name__
                self._wrong(node, _INSTEAD.get(type(node), f"{what} cannot be used in a template"))

    def _name(self, node: nodes.Name) -> None:
        name = node.name
        if name in self._names:
            self.extra.add(name)
        elif name in self._functions or name == TAG:
            self._wrong(node, f"{name} is a function: write {name}(...)")
        elif (number := number_of(name)) is None:
            near = dict.fromkeys((*nearest(name, self._names), *nearest_keywords(name)))
            self._wrong(node, f"{quoted(name)} is not in the DICOM dictionary{did_you_mean(near)}")
        else:
            entry = public_entry(number)
            self._tag(node, name, entry.vr if entry else "UN")

    def _call(self, node: nodes.Call) -> Iterator[nodes.Node]:
        called = node.node.name if isinstance(node.node, nodes.Name) else ""
        if called == TAG:
            self._tag_call(node)
            return
        if called not in self._functions or node.kwargs or node.dyn_args or node.dyn_kwargs:
            known = ", ".join(f"{name}(...)" for name in sorted({TAG, *self._functions}))
            self._wrong(node, f"only {known} can be called")
            return
        yield from node.args

    def _tag_call(self, node: nodes.Call) -> None:
        arguments = [argument.value for argument in node.args if isinstance(argument, nodes.Const)]
        if len(arguments) != 1 or len(node.args) != 1 or node.kwargs or not isinstance(arguments[0], str):
            self._wrong(node, 'tag takes one written tag: tag("RequestAttributesSequence[0].StudyID")')
            return
        try:
            path = parse_tag(arguments[0])
        except Unfit as unfit:
            self._wrong(node, str(unfit))
            return
        if path.fact:
            self._wrong(node, f"{path.text} is not known to a template")
            return
        # An undeclared private tag may hold text.
        vr = "LO" if path.vr == "UN" and path.steps[-1].creator else path.vr
        self._tag(node, arguments[0], vr)

    def _tag(self, node: nodes.Node, written: str, vr: str) -> None:
        if vr in _UNREADABLE:
            what = "a sequence" if vr == "SQ" else "no text"
            self._wrong(node, f"{written} is {what} (its VR is {vr})")
        else:
            self.tags.add(written)

    def _filter(self, node: nodes.Filter) -> Iterator[nodes.Node]:
        if node.name not in FILTERS:
            near = did_you_mean(nearest(node.name, FILTERS)) or f"; there are {', '.join(FILTERS)}"
            self._wrong(node, f"there is no filter {quoted(node.name)}{near}")
        if node.node is None or node.kwargs or node.dyn_args or node.dyn_kwargs:
            self._wrong(node, f"the filter {node.name} takes plain values only")
            return
        yield node.node
        yield from node.args

    def _wrong(self, node: nodes.Node, message: str) -> None:
        self.problems.append(_at(node.lineno, self._text, message))


def _is_whole(node: nodes.Expr | None) -> bool:
    if isinstance(node, nodes.Neg):
        node = node.node
    return node is None or (isinstance(node, nodes.Const) and isinstance(node.value, int))


def _at(line: int, text: str, message: str) -> str:
    return f"line {line}: {message}" if "\n" in text.rstrip("\n") else message
