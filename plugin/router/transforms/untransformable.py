# SPDX-License-Identifier: GPL-3.0-or-later
"""An image that cannot be changed as asked."""


class Untransformable(Exception):  # noqa: N818 - it reads as what it says
    """This image cannot be changed as the transform says; the message tells why, without values of it.

    Trying again does not help: either the image or the transform has to be another one.
    """
