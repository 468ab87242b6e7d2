"""What a delivery says of images that came out of a transform otherwise than asked for, or than they were."""

from collections.abc import Iterable, Sequence

#: Different remarks that one note tells.
_MOST = 5


class Remarks:
    """Collects the remarks of a transform, by image: the same image may be changed more than once."""

    def __init__(self) -> None:
        self._by_instance: dict[str, Sequence[str]] = {}

    def add(self, instance: str, remarks: Sequence[str]) -> None:
        """Note what the transform says of an image."""
        self._by_instance[instance] = remarks

    def note(self, arrived: Iterable[str]) -> str | None:
        """One text for those that have arrived, with the number of images for each remark; None for none."""
        counts: dict[str, int] = {}
        for instance in arrived:
            for remark in self._by_instance.get(instance, ()):
                counts[remark] = counts.get(remark, 0) + 1
        told = [f"{count} image{'s' if count > 1 else ''}: {one}" for one, count in counts.items()]
        if len(told) > _MOST:
            told[_MOST:] = [f"{len(told) - _MOST} more remarks."]
        return " ".join(told) or None
