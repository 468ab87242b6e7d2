# SPDX-License-Identifier: GPL-3.0-or-later
"""Limits people who may see the studies of some labels only to these studies.

Orthanc's authorization plugin reports a person's labels (`authorized-labels`). Orthanc holds the labels of a
study (Orthanc Book, "Labels", 1.12.0 and newer).
"""

from collections.abc import Mapping
from dataclasses import replace

from router.api.http import Refused, Request, Route
from router.orthanc_api import OrthancApi


class Labels:
    """Compares a person's labels with those of studies."""

    def __init__(self, orthanc: OrthancApi, as_people: OrthancApi) -> None:
        """`as_people` calls Orthanc with the person's own authorization only."""
        self._orthanc = orthanc
        self._as_people = as_people

    def narrowed(self, request: Request, route: Route, parameters: Mapping[str, str]) -> Request:
        """Return the request, limited to the studies that this person may see.

        Raises Refused where the answer may be about another study.
        """
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
        """Return the studies with one of these labels that Orthanc lets this person find."""
        # An Orthanc without labels would ignore the filter and find all studies.
        if not labels or not self._orthanc.system().get("HasLabels"):
            return {}
        return self._as_people.labelled_studies(labels, request.token)
