# SPDX-License-Identifier: GPL-3.0-or-later
"""The identifying tags that a transform leaves in an image, as far as visible without the image."""

from collections.abc import Iterator

from router.documents.transform import Transform
from router.rules import RuleError
from router.rules.problem import Unfit
from router.rules.tag_path import parse_tag
from router.templates import Template, TemplateError
from router.transforms.claims import identifies


def left_identity(transform: Transform) -> list[str]:
    """Tags that identify a person and stay although everything else is anonymized: by `keep`, or unchanged in
    a template of `replace` or `insert`. Templates that cut a tag or make a pseudonym of it are not
    reported."""
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
            except TemplateError:  # reported where the transform is compiled
                continue
            yield from (tag for tag in sorted(tags) if _identifies(tag))


def _identifies(text: str) -> bool:
    try:
        path = parse_tag(text, unknown=True)
    except (Unfit, RuleError):  # reported there too
        return False
    return not path.fact and not path.steps[-1].creator and identifies(path.steps[-1].number)
