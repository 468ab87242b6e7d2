"""Runs one Orthanc with the router in it: settings, data folder, process, demonstration."""
