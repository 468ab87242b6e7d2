# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents as YAML: what JSON can express, written for people.

YAML's JSON schema (YAML 1.2.2, 10.2) decides what a plain scalar is; everything else is text. So `22:00`,
`no`, `018Y` and `000123` are texts. YAML 1.1 reads some of them as other types.
"""

import json
import re
from typing import Any

import yaml

#: The deepest nesting of values.
_DEEPEST = 100

#: The most values in a document. A value counts again for each alias that refers to it.
_MOST_VALUES = 500_000

_NULL = re.compile(r"null|~|")
_BOOL = re.compile(r"true|false")
_INT = re.compile(r"-?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")

_OTHER_BREAKS = re.compile("[\x85\u2028\u2029]")


class NotYaml(ValueError):  # noqa: N818 - it reads as what it says
    """The text is not readable; the message says where and why."""


class _Loader(yaml.SafeLoader):
    yaml_implicit_resolvers = {}  # noqa: RUF012 - as its base class has it

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Refuse deep nesting at once, because later steps cost more with each level."""
        self._depth = getattr(self, "_depth", 0) + 1
        try:
            if self._depth > _DEEPEST:
                raise NotYaml("It is nested too deeply")
            return super().compose_node(parent, index)
        finally:
            self._depth -= 1


class _Dumper(yaml.SafeDumper):
    """Writes YAML. Quotes text that this reader or one of YAML 1.1 would take for another type."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - nothing is to be an alias
        return True


for _kind, _pattern, _first in (
    ("null", _NULL, ["n", "~", ""]),
    ("bool", _BOOL, ["t", "f"]),
    ("int", _INT, list("-0123456789")),
    ("float", _FLOAT, list("-0123456789")),
):
    _whole = re.compile(rf"(?:{_pattern.pattern})\Z")
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_kind}", _whole, _first)
    _Dumper.add_implicit_resolver(f"tag:yaml.org,2002:{_kind}", _whole, _first)


def _number(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Any:
    return json.loads(loader.construct_scalar(node))


def _mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> Any:
    found: dict[str, Any] = {}
    yield found
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str):
            # `1:` and `true:` are names too.
            key = str(getattr(key_node, "value", ""))
        if key in found:
            raise yaml.constructor.ConstructorError(
                None, None, f"{key!r} is there twice", key_node.start_mark
            )
        found[key] = loader.construct_object(value_node, deep=True)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    # Only double quotes escape these characters; elsewhere they would be line breaks.
    style = '"' if _OTHER_BREAKS.search(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)
_Loader.add_constructor("tag:yaml.org,2002:int", _number)
_Loader.add_constructor("tag:yaml.org,2002:float", _number)
_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def read_yaml(text: str) -> Any:
    """Return the document. Raises NotYaml."""
    try:
        document = yaml.load(text, _Loader)
    except yaml.YAMLError as error:
        raise NotYaml(" ".join(str(error).split())) from None
    except NotYaml:
        raise
    except (RecursionError, ValueError):
        raise NotYaml("It is nested too deeply, or has a number that is none") from None
    _count(document, set(), _MOST_VALUES)
    return document


def write_yaml(document: Any) -> str:
    """Return the document as YAML, with its parts in their order."""
    written: str = yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return written


def _count(value: Any, above: set[int], left: int) -> int:
    """Return how many values may follow this one. Raises NotYaml for a cycle or too many values."""
    left -= 1
    if left < 0:
        raise NotYaml(f"It has more than {_MOST_VALUES:,} values")
    if isinstance(value, dict | list):
        if id(value) in above or len(above) > _DEEPEST:
            raise NotYaml("It is nested too deeply, or holds itself")
        above.add(id(value))
        for inner in value.values() if isinstance(value, dict) else value:
            left = _count(inner, above, left)
        above.discard(id(value))
    return left
