# SPDX-License-Identifier: GPL-3.0-or-later
"""This Orthanc as a target, for the actions without a destination."""


class ThisOrthanc:
    """The target (`router.destinations.Target`) of the lane in which the router changes stored images."""

    def test(self) -> str:
        return "This is the Orthanc that the router runs in."

    def close(self) -> None:
        """Do nothing: there is nothing to close."""
