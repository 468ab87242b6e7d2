# SPDX-License-Identifier: GPL-3.0-or-later
"""A template: checked when it is saved, and filled in for each image."""

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType

import jinja2

from router.templates.language import TAG, Inspection, environment, parsed
from router.templates.tags import Tags

#: The most characters that a template may produce.
LONGEST_OUTPUT = 1_000_000

Function = Callable[..., str]

_NO_FUNCTIONS: Mapping[str, Function] = MappingProxyType({})
#: The values that a new template is tried with in every tag: empty, and not empty.
_TRIALS = ("", "1")

_FAILURES = (jinja2.TemplateError, TypeError, ValueError, ArithmeticError, LookupError)


class TemplateError(ValueError):
    """A template is not usable, or cannot be filled in; `problems` lists all problems, in words."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class Template:
    """A checked template. May be rendered by several threads at once."""

    def __init__(
        self,
        text: str,
        *,
        names: Collection[str] = (),
        functions: Mapping[str, Function] = _NO_FUNCTIONS,
        escape: bool = False,
        path: bool = False,
    ) -> None:
        """`names` are allowed besides DICOM keywords, and `functions` may be called. `escape`: the text is
        HTML, and values are escaped. `path`: a value is at most one file name, or a part of it.

        Raises TemplateError.
        """
        nodes, problems = parsed(text, escape)
        if nodes is None:
            raise TemplateError(problems)
        inspection = Inspection(text, nodes, names, functions)
        if inspection.problems:
            raise TemplateError(inspection.problems)
        #: The tags that it uses, as written.
        self.tags = frozenset(inspection.tags)
        self._extra = frozenset(inspection.extra)
        self._functions = functions
        self._compiled = environment(escape, path).from_string(nodes)
        for value in _TRIALS:
            every = dict.fromkeys((*self.tags, *self._extra), value)
            self.render(every, every)

    def render(
        self,
        tags: Tags,
        extra: Mapping[str, str] = MappingProxyType({}),
        functions: Mapping[str, Function] | None = None,
    ) -> str:
        """The text for these tags. `extra` gives values for the names besides the keywords. `functions`
        replace those given at creation. Raises TemplateError."""
        values = {tag: tags.get(tag, "") for tag in self.tags}
        given: dict[str, object] = dict(values)
        given |= {name: extra.get(name, "") for name in self._extra}
        given |= self._functions if functions is None else functions
        given[TAG] = values.__getitem__
        parts = []
        length = 0
        try:
            for part in self._compiled.generate(given):
                length += len(part)
                if length > LONGEST_OUTPUT:
                    raise TemplateError([f"the text would have more than {LONGEST_OUTPUT} characters"])
                parts.append(part)
        except TemplateError:
            raise
        except _FAILURES as error:
            raise TemplateError([f"the template cannot be filled in: {error}"]) from error
        return "".join(parts)


def check_template(text: str, names: Collection[str] = (), functions: Collection[str] = ()) -> list[str]:
    """The problems of a template, in words; empty where it can be saved."""
    try:
        Template(text, names=names, functions=dict.fromkeys(functions, lambda *_: ""))
    except TemplateError as error:
        return error.problems
    return []


def render(text: str, tags: Tags) -> str:
    """Return a template filled in once. Raises TemplateError."""
    return Template(text).render(tags)
