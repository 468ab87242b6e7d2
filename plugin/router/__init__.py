"""Orthanc Router: routes what Orthanc stores, by policies, to where it belongs."""
