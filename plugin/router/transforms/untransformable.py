# SPDX-License-Identifier: GPL-3.0-or-later
"""The error for an image that a transform cannot change."""


class Untransformable(Exception):  # noqa: N818 - it reads as what it says
    """This image cannot be changed as the transform says; the message says why, without its values.

    A retry does not help: either the image or the transform must change.
    """
