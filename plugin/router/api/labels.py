"""Keeps people who may see the studies of some labels only from all others.

Orthanc's authorization plugin tells the labels (`authorized-labels`); the labels of a study are Orthanc's
(Orthanc Book, "Labels", 1.12.0 and newer).
"""

from collections.abc import Mapping

from router.api.http import Refused, Request, Route
from router.orthanc_api import OrthancApi


class Labels:
    """Compares a person's labels with those of studies."""

    def __init__(self, orthanc: OrthancApi) -> None:
        self._orthanc = orthanc

    def check(self, request: Request, route: Route, parameters: Mapping[str, str]) -> None:
        """Raises Refused where the answer may tell of a study that this person may not see."""
        if request.labels is None or route.role is None:
            return
        resources = None if route.about is None else route.about(request, **parameters)
        if resources is None:
            raise Refused(
                request,
                "limited_to_labels",
                "You may see the studies of some labels only, and this is about all studies.",
            )
        for identifier in resources:
            if request.labels.isdisjoint(self._orthanc.study_labels(identifier)):
                raise Refused(
                    request,
                    "limited_to_labels",
                    "You may see the studies of some labels only, and this study has none of them.",
                )
