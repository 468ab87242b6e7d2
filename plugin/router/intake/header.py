"""Reads what policies ask from the header of a DICOM file (PS3.10, PS3.5 7.1) while the file comes in.

Everything else is passed over without being kept, so that memory does not grow with the file. What is kept
of two images of a series is mostly equal, and then held once.
"""

import struct
import zlib
from collections import defaultdict
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from pydicom import DataElement, Dataset
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import RawDataElement
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag

from router.rules.item import FUNCTIONAL_GROUPS
from router.rules.raw import MOST_READ
from router.rules.tag_path import parse_tag

#: Reads as many bytes as are asked for; fewer only at the end.
Read = Callable[[int], bytes]

_UNDEFINED = 0xFFFFFFFF
_CHUNK = 1 << 14
#: Of a value that is no sequence; far more than rules compare.
_LONGEST_VALUE = 300_000
_DEEPEST = 60

_CHARACTER_SET = 0x00080005
_SOP_CLASS = 0x00080016
_SIGN = 0x00280103
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD

_IMPLICIT = b"1.2.840.10008.1.2"
_BIG_ENDIAN = b"1.2.840.10008.1.2.2"
_DEFLATED = b"1.2.840.10008.1.2.1.99"

#: Value representations, and whether their length takes four bytes (PS3.5, 7.1.2).
_LONG = dict.fromkeys(
    b"AE AS AT CS DA DS DT FL FD IS LO LT PN SH SL SS ST TM UI UL US".split(), False
) | dict.fromkeys(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split(), True)
_BYTES = frozenset(b"OB OD OF OL OV OW".split())

#: Single-frame images, whose objects have no functional groups (PS3.3, A.2 to A.8 and A.26).
_SINGLE_FRAME = frozenset(
    f"1.2.840.10008.5.1.4.1.1.{number}".encode() for number in ("1", "1.1", "1.1.1", "2", "4", "7", "128")
)


class Odd(Exception):  # noqa: N818 - it reads as what it says
    """The file is not written as its first bytes say, or ends too early."""


class Kept(NamedTuple):
    """One element as it is in the file; `value` is None where it is too long to be kept."""

    tag: int
    vr: str | None
    length: int
    value: bytes | None

    def raw(self, implicit: bool, little: bool) -> RawDataElement:
        """The element as pydicom has it before it decodes it."""
        return RawDataElement(BaseTag(self.tag), self.vr, self.length, self.value, 0, implicit, little)


class Wanted:
    """What is to be kept of a header."""

    def __init__(self, tags: Iterable[str]) -> None:
        """`tags` as rules write them; facts are left out."""
        public = {_CHARACTER_SET}
        #: The last two digits of private tags, by group.
        self.private: defaultdict[int, set[int]] = defaultdict(set)
        #: What an enhanced multi-frame object may have in its functional groups instead.
        self.framed: set[int] = set()
        for tag in tags:
            path = parse_tag(tag)
            if path.fact:
                continue
            step = path.steps[0]
            if step.creator:
                self.private[step.group].add(step.element)
                continue
            public.add(step.number)
            if path.vr == "US or SS":
                public.add(_SIGN)
            if len(path.steps) == 1 and step.group not in {0x0002, 0x5200}:
                self.framed.add(step.number)
        self.public = frozenset(public)
        self.last = max(*public, *((group << 16) | 0xFFFF for group in self.private), 0)

    def has(self, group: int, element: int) -> bool:
        """Whether the element is to be kept: also the creators of private blocks."""
        if (group << 16) | element in self.public:
            return True
        offsets = self.private.get(group)
        return offsets is not None and (element <= 0xFF or (element & 0xFF) in offsets)


@lru_cache(maxsize=64)
def wanted(tags: frozenset[str]) -> Wanted:
    """What is to be kept where rules ask for these tags."""
    return Wanted(tags)


@dataclass(frozen=True, slots=True)
class Header:
    """What was asked of one header. Two are equal where no rule that asked can tell them apart."""

    implicit: bool
    little: bool
    elements: tuple[Kept, ...]
    #: What is in functional groups: shared ones, and those of frames; each different element once.
    groups: tuple[tuple[int, tuple[Kept, ...]], ...] = ()

    @property
    def size(self) -> int:
        """Bytes that are kept, roughly."""
        kept = (*self.elements, *(one for _, several in self.groups for one in several))
        return sum(len(one.value or b"") + 100 for one in kept)

    def dataset(self) -> Dataset:
        """The elements as a data set."""
        dataset = Dataset({BaseTag(one.tag): self._raw(one) for one in self.elements})
        for tag, several in self.groups:
            items = Sequence(Dataset({BaseTag(one.tag): self._raw(one)}) for one in several)
            dataset[tag] = DataElement(tag, "SQ", items)
        return dataset

    def _raw(self, one: Kept) -> RawDataElement:
        # The file's meta information is always explicit and little endian (PS3.10, 7.1).
        meta = one.tag >> 16 == 2
        return one.raw(self.implicit and not meta, self.little or meta)


def read_header(read: Read, asked: Wanted) -> Header:
    """The header of a file. Raises Odd, and what `read` raises."""
    source = _Source(read)
    if source.take(132)[128:] != b"DICM":
        raise Odd
    kept: list[Kept] = []
    syntax = b""
    parser = _Parser(source, implicit=False, little=True)
    while parser.peek_group() == 2:
        tag, vr, length = parser.head()
        value = parser.value(tag, vr, length)
        if tag == 0x00020010:
            syntax = (value.value or b"").rstrip(b"\0 ")
        if tag in asked.public:
            kept.append(value)
    if not syntax:
        raise Odd
    if syntax == _DEFLATED:
        source = _Source(_inflating(source.rest))
    parser = _Parser(source, implicit=syntax == _IMPLICIT, little=syntax != _BIG_ENDIAN)
    groups = parser.body(asked, kept)
    return Header(parser.implicit, parser.little, tuple(kept), groups)


class _Source:
    """Bytes that come one after the other."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self.data = b""
        self.at = 0
        #: Where in the whole `data` begins.
        self._base = 0

    @property
    def position(self) -> int:
        return self._base + self.at

    def has(self, size: int) -> bool:
        """Have so many bytes at hand; False where the end comes before."""
        missing = self.at + size - len(self.data)
        if missing <= 0:
            return True
        more = self._read(max(missing, _CHUNK))
        self._base += self.at
        self.data = self.data[self.at :] + more
        self.at = 0
        return len(self.data) >= size

    def take(self, size: int) -> bytes:
        """The next bytes. Raises Odd."""
        if not self.has(size):
            raise Odd
        taken = self.data[self.at : self.at + size]
        self.at += size
        return taken

    def skip(self, size: int) -> None:
        """Pass over bytes. Raises Odd."""
        while size:
            if not self.has(1):
                raise Odd
            passed = min(size, len(self.data) - self.at)
            self.at += passed
            size -= passed

    def rest(self, size: int) -> bytes:
        """Up to so many of the next bytes."""
        self.has(size)
        taken = self.data[self.at : self.at + size]
        self.at += len(taken)
        return taken


def _inflating(read: Read) -> Read:
    """The bytes that deflated ones stand for (PS3.5, A.5)."""
    inflating = zlib.decompressobj(-zlib.MAX_WBITS)

    def inflated(size: int) -> bytes:
        parts = bytearray()
        while len(parts) < size and not inflating.eof:
            compressed = inflating.unconsumed_tail or read(_CHUNK)
            if not compressed:
                break
            try:
                parts += inflating.decompress(compressed, size - len(parts))
            except zlib.error as error:
                raise Odd from error
        return bytes(parts)

    return inflated


class _Parser:
    """Goes from element to element."""

    def __init__(self, source: _Source, *, implicit: bool, little: bool) -> None:
        self._source = source
        self.implicit = implicit
        self.little = little
        order = "<" if little else ">"
        self._explicit_head = struct.Struct(f"{order}HH2sH").unpack_from
        self._implicit_head = struct.Struct(f"{order}HHI").unpack_from
        self._length = struct.Struct(f"{order}I").unpack_from

    def peek_group(self) -> int | None:
        """The group of the next element; None at the end."""
        source = self._source
        if not source.has(8):
            return None
        return int.from_bytes(source.data[source.at : source.at + 2], "little" if self.little else "big")

    def head(self) -> tuple[int, bytes | None, int]:
        """Tag, value representation (None where it is not written) and length of the next element."""
        source = self._source
        if not source.has(12) and not source.has(8):
            raise Odd
        if self.implicit:
            group, element, length = self._implicit_head(source.data, source.at)
            source.at += 8
            return (group << 16) | element, None, length
        group, element, vr, length = self._explicit_head(source.data, source.at)
        if group == 0xFFFE:
            (length,) = self._length(source.data, source.at + 4)
            source.at += 8
            return (group << 16) | element, None, length
        long = _LONG.get(vr)
        if long is None:
            raise Odd
        if long:
            if not source.has(12):
                raise Odd
            (length,) = self._length(source.data, source.at + 8)
            source.at += 12
        else:
            source.at += 8
        return (group << 16) | element, vr, length

    def value(self, tag: int, vr: bytes | None, length: int) -> Kept:
        """The element with its value."""
        name = vr.decode("ascii") if vr else None
        if length == _UNDEFINED:
            if vr == b"UN" or tag >= 0x7FE00000:
                raise Odd
            taken = bytearray()
            self._pass_items(length, taken, 0)
            return Kept(tag, "SQ", len(taken), bytes(taken))
        if vr == b"SQ" or (vr is None and _is_sequence(tag)):
            return Kept(tag, name, length, self._source.take(length))
        if vr in _BYTES or (length > _LONGEST_VALUE and vr is None and tag >= 0x7FE00000):
            self._source.skip(length)
            return Kept(tag, name, length, None if length else b"")
        if length > _LONGEST_VALUE:
            begun = self._source.take(_LONGEST_VALUE)
            self._source.skip(length - _LONGEST_VALUE)
            return Kept(tag, name, length, begun)
        return Kept(tag, name, length, self._source.take(length))

    def body(self, asked: Wanted, kept: list[Kept]) -> tuple[tuple[int, tuple[Kept, ...]], ...]:
        """Keep what is asked of the data set; what its functional groups have of the rest."""
        source, public, private, last = self._source, asked.public, asked.private, asked.last
        may_have_groups = bool(asked.framed)
        groups: list[tuple[int, tuple[Kept, ...]]] = []
        stops = public.union(FUNCTIONAL_GROUPS, {_SOP_CLASS})
        limit = last
        while source.has(8):
            self._pass_plain(stops, limit, private)
            if not source.has(8):
                break
            tag, vr, length = self.head()
            missing: set[int] = set()
            if may_have_groups and (tag > last or tag in FUNCTIONAL_GROUPS):
                known = {one.tag for one in kept}.union(one.tag for _, found in groups for one in found)
                missing = asked.framed - known
            if missing and tag in FUNCTIONAL_GROUPS and tag not in public:
                if found := self._found_in(length, missing):
                    groups.append((tag, found))
                continue
            if tag > last:
                if not missing or tag > FUNCTIONAL_GROUPS[-1]:
                    break
                limit = FUNCTIONAL_GROUPS[-1]
            elif tag in public or (tag & 0x10000 and private and asked.has(tag >> 16, tag & 0xFFFF)):
                kept.append(self.value(tag, vr, length))
                if tag == _SOP_CLASS:
                    may_have_groups = may_have_groups and not _is_single_frame(kept[-1].value)
                continue
            if tag == _SOP_CLASS:
                may_have_groups = not _is_single_frame(source.take(length)) and may_have_groups
            elif length == _UNDEFINED:
                self._pass_undefined(tag, vr)
            else:
                source.skip(length)
        return tuple(groups)

    def _pass_plain(self, stops: Container[int], last: int, private: Container[int]) -> None:
        """Pass over elements that are at hand and of no interest. Nothing else is done as often."""
        source = self._source
        data, at = source.data, source.at
        end, explicit, implicit, long_length = (
            len(data),
            self._explicit_head,
            self._implicit_head,
            self._length,
        )
        while at + 12 <= end:
            if self.implicit:
                group, element, length = implicit(data, at)
                behind = at + 8 + length
            else:
                group, element, vr, length = explicit(data, at)
                long = _LONG.get(vr)
                if long is None:
                    break
                behind = at + 12 + long_length(data, at + 8)[0] if long else at + 8 + length
            tag = (group << 16) | element
            if behind > end or tag > last or tag in stops or group in private:
                break
            at = behind
        source.at = at

    def _pass_undefined(self, tag: int, vr: bytes | None) -> None:
        if tag >= 0x7FE00000:
            # Encapsulated pixels; what is asked of what comes after them is read by pydicom.
            raise Odd
        if vr == b"UN":
            # Its items are written with implicit VR (PS3.5, 6.2.2).
            _Parser(self._source, implicit=True, little=True)._pass_items(_UNDEFINED, None, 0)
        else:
            self._pass_items(_UNDEFINED, None, 0)

    def _pass_items(self, length: int, taken: bytearray | None, depth: int) -> None:
        """Pass over the items of a sequence, keeping their bytes (without the delimiter) in `taken`."""
        for _ in self._items(length, depth, taken):
            self._pass_item(taken, depth)

    def _pass_item(self, taken: bytearray | None, depth: int) -> None:
        """Pass over the elements of an item of undefined length."""
        while True:
            tag, vr, length = self._noted_head(taken)
            if tag == _ITEM_END:
                return
            if length == _UNDEFINED:
                inner = self if vr != b"UN" else _Parser(self._source, implicit=True, little=True)
                for _ in inner._items(length, depth + 1, taken, delimited=True):
                    inner._pass_item(taken, depth + 1)
            elif taken is None:
                self._source.skip(length)
            else:
                taken += self._source.take(length)

    def _noted_head(self, taken: bytearray | None) -> tuple[int, bytes | None, int]:
        source = self._source
        if not source.has(12) and not source.has(8):
            raise Odd
        begin = source.at
        head = self.head()
        if taken is not None:
            taken += source.data[begin : source.at]
        return head

    def _items(
        self, length: int, depth: int, taken: bytearray | None, *, delimited: bool = False
    ) -> Iterable[int]:
        """The items of a sequence of undefined length: those of undefined length to be passed over by the
        caller, the others passed over here. `delimited`: the last delimiter is kept, too."""
        if depth > _DEEPEST or length != _UNDEFINED:
            raise Odd
        while True:
            mark = len(taken) if taken is not None else 0
            tag, _, size = self._noted_head(taken)
            if tag == _SEQUENCE_END:
                if taken is not None and not delimited:
                    del taken[mark:]
                return
            if tag != _ITEM:
                raise Odd
            if size == _UNDEFINED:
                yield size
            elif taken is None:
                self._source.skip(size)
            else:
                taken += self._source.take(size)

    def _found_in(self, length: int, missing: set[int]) -> tuple[Kept, ...]:
        """What functional groups have of these tags, each different element once."""
        found: dict[Kept, None] = {}
        self._look_into(length, missing, found, within_group=False)
        return tuple(found)

    def _look_into(
        self, length: int, missing: set[int], found: dict[Kept, None], *, within_group: bool
    ) -> None:
        """Look into the items of a sequence: that of the functional groups of all frames or of each, or a
        group (PS3.3, C.7.6.16). What is in sequences of a group is not said of the frame."""
        source = self._source
        end = source.position + length if length != _UNDEFINED else None
        while end is None or source.position < end:
            tag, _, size = self.head()
            if tag == _SEQUENCE_END and end is None:
                return
            if tag != _ITEM:
                raise Odd
            self._look_into_item(size, missing, found, within_group=within_group)

    def _look_into_item(
        self, length: int, missing: set[int], found: dict[Kept, None], *, within_group: bool
    ) -> None:
        source = self._source
        end = source.position + length if length != _UNDEFINED else None
        while end is None or source.position < end:
            tag, vr, size = self.head()
            if tag == _ITEM_END and end is None:
                return
            if tag in missing:
                one = self.value(tag, vr, size)
                if len(found) < MOST_READ:
                    found[one] = None
            elif not within_group and (vr == b"SQ" or (vr is None and _is_sequence(tag))):
                self._look_into(size, missing, found, within_group=True)
            elif size == _UNDEFINED:
                self._pass_undefined(tag, vr)
            else:
                source.skip(size)


@lru_cache(maxsize=1024)
def _is_sequence(tag: int) -> bool:
    """Whether the dictionary calls it a sequence, where the file does not say."""
    try:
        return dictionary_VR(tag) == "SQ"
    except KeyError:
        return False


def _is_single_frame(sop_class: bytes | None) -> bool:
    return (sop_class or b"").rstrip(b"\0 ") in _SINGLE_FRAME
