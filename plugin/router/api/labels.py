# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps people who may see the studies of some labels only from all others.

Orthanc's authorization plugin tells the labels (`authorized-labels`); the labels of a study are Orthanc's
(Orthanc Book, "Labels", 1.12.0 and newer).
"""

from collections.abc import Mapping
from dataclasses import replace

from router.api.http import Refused, Request, Route
from router.orthanc_api import OrthancApi


class Labels:
    """Compares a person's labels with those of studies."""

    def __init__(self, orthanc: OrthancApi, as_people: OrthancApi) -> None:
        """`as_people` shows Orthanc no authorization but that of the person who asks."""
        self._orthanc = orthanc
        self._as_people = as_people

    def narrowed(self, request: Request, route: Route, parameters: Mapping[str, str]) -> Request:
        """The request, for the studies that this person may see. Raises Refused where the answer may tell of
        another one."""
        if request.labels is None or route.role is None:
            return request
        if route.by_study:
            return replace(request, studies=self._studies(request, request.labels))
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
        return request

    def _studies(self, request: Request, labels: frozenset[str]) -> Mapping[str, str]:
        """The studies with one of these labels that Orthanc lets this person find."""
        # An older Orthanc would find all studies, because it does not know what a label is.
        if not labels or not self._orthanc.system().get("HasLabels"):
            return {}
        return self._as_people.labelled_studies(labels, request.token)
