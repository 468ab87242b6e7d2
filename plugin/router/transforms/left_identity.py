# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose identity a transform leaves in an image, as far as can be seen without the image."""

from collections.abc import Iterator

from router.documents.transform import Transform
from router.rules import RuleError
from router.rules.problem import Unfit
from router.rules.tag_path import parse_tag
from router.templates import Template, TemplateError
from router.transforms.claims import identifies


def left_identity(transform: Transform) -> list[str]:
    """Tags that identify a person and stay though everything else is anonymized: by `keep`, or as they are in
    a template of `replace` or `insert`. What a template cuts or makes a pseudonym of is left to its
    author."""
    return list(dict.fromkeys([*_kept(transform), *_put_in_again(transform)]))


def _kept(transform: Transform) -> Iterator[str]:
    for text in transform.keep:
        if _identifies(text):
            yield text


def _put_in_again(transform: Transform) -> Iterator[str]:
    for value in (*transform.replace.values(), *transform.insert.values()):
        for part in map(str, value if isinstance(value, list) else [value]):
            if "pseudonym(" in part or "[" in part:
                continue
            try:
                tags = Template(part).tags
            except TemplateError:  # told where the transform is compiled
                continue
            yield from (tag for tag in sorted(tags) if _identifies(tag))


def _identifies(text: str) -> bool:
    try:
        path = parse_tag(text, unknown=True)
    except (Unfit, RuleError):  # likewise
        return False
    return not path.fact and not path.steps[-1].creator and identifies(path.steps[-1].number)
