# SPDX-License-Identifier: GPL-3.0-or-later
"""Templates: texts and paths with values of an image in them.

Jinja2's syntax, cut down to what ends in bounded time and size: `{{ expression }}`, `{% if %}` and comments.
Names are DICOM keywords; a tag that the image does not have is an empty text. Nothing can be called,
looked up or repeated beyond what `language` lists, so that a template can neither leave the sandbox nor
keep the server busy.
"""

from router.templates.header import header_of
from router.templates.path import PathTemplate, safe_component
from router.templates.tags import DatasetTags, FileTags, NotDicom, Tags
from router.templates.template import Template, TemplateError, check_template, render

__all__ = [
    "DatasetTags",
    "FileTags",
    "NotDicom",
    "PathTemplate",
    "Tags",
    "Template",
    "TemplateError",
    "check_template",
    "header_of",
    "render",
    "safe_component",
]
