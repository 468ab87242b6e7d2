# SPDX-License-Identifier: GPL-3.0-or-later
"""Templates: texts and paths with values of an image in them.

The syntax is a part of Jinja2's, chosen so that time and size are bounded: `{{ expression }}`, `{% if %}` and
comments. Names are DICOM keywords; a tag that the image does not have is an empty text. A template can call
and look up only what `language` lists, and repeat nothing. So it can neither leave the sandbox nor keep the
server busy.
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
