"""This Orthanc as a target: where actions act that need no destination."""


class ThisOrthanc:
    """`router.destinations.Target` of the lane in which the router changes what Orthanc stores."""

    def test(self) -> str:
        return "This is the Orthanc that the router runs in."

    def close(self) -> None:
        """Nothing is held."""
