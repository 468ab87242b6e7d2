# SPDX-License-Identifier: GPL-3.0-or-later
"""The name under which Orthanc knows the node of a destination."""

import threading

from router.destinations.dicom.node import unknown_alias
from router.destinations.dicom.settings import DicomSettings
from router.destinations.kind import DestinationUnavailable
from router.destinations.own_modalities import make_known
from router.orthanc_api import OrthancApi, OrthancError, OrthancUnreachable


class Alias:
    """A name of Orthanc's configuration, or one of the router's own, which is given to the node on first use.

    May be used by several threads at once.
    """

    def __init__(self, own_name: str, settings: DicomSettings, orthanc: OrthancApi) -> None:
        self.name = settings.modality or own_name
        self._settings = settings
        self._orthanc = orthanc
        self._lock = threading.Lock()
        self._is_known = settings.modality is not None

    def make_known(self) -> None:
        """Give the node its name, where it has none yet. Raises OrthancError, OrthancUnreachable."""
        with self._lock:
            if self._is_known:
                return
        make_known(self._orthanc, self.name, self._settings.entry())
        with self._lock:
            self._is_known = True

    def ensure_known(self) -> None:
        """Do the same. Raises DestinationUnavailable."""
        try:
            self.make_known()
        except OrthancUnreachable as error:
            raise DestinationUnavailable(str(error)) from error
        except OrthancError as error:
            raise unknown_alias(self.name, error) from error

    def is_forgotten(self) -> bool:
        """Whether Orthanc does not know the name. A name of the router's own is given anew then.

        Raises OrthancError, OrthancUnreachable.
        """
        if self.name in self._orthanc.modalities():
            return False
        with self._lock:
            self._is_known = self._settings.modality is not None
        return True
