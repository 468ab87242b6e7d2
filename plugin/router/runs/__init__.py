"""What is done in the background over what Orthanc stores already: previews, replays, simulations."""
