# SPDX-License-Identifier: GPL-3.0-or-later
"""One association with a DICOM node, for C-STORE and C-ECHO (PS3.7, 9.1.1 and 9.1.5; PS3.8, 9.3).

pynetdicom encodes and decodes the negotiation. The images go through a socket of our own: pynetdicom uses two
threads for each association that poll every millisecond. This costs each image some milliseconds, and all
plugins of Orthanc the Python interpreter during the waits.
"""

import socket
import ssl
import struct
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final

from pydicom.uid import UID
from pynetdicom import PYNETDICOM_IMPLEMENTATION_UID, PYNETDICOM_IMPLEMENTATION_VERSION
from pynetdicom.pdu import (
    A_ABORT_RQ,
    A_ASSOCIATE_AC,
    A_ASSOCIATE_RJ,
    A_ASSOCIATE_RQ,
    A_RELEASE_RP,
    A_RELEASE_RQ,
)
from pynetdicom.pdu_primitives import (
    A_ABORT,
    A_ASSOCIATE,
    A_RELEASE,
    ImplementationClassUIDNotification,
    ImplementationVersionNameNotification,
    MaximumLengthNotification,
)
from pynetdicom.presentation import PresentationContext

from router.destinations.dicom.node import Node
from router.unreadable import UNREADABLE

#: The SOP class and transfer syntax of a presentation context.
Context = tuple[str, str]

#: Presentation contexts have odd numbers of one byte (PS3.8, 9.3.2.2).
MOST_CONTEXTS: Final = 128
_APPLICATION_CONTEXT: Final = UID("1.2.840.10008.3.1.1.1")

#: Types of PDU (PS3.8, 9.3.1).
_ACCEPTED, _REJECTED, _DATA, _RELEASE, _RELEASED, _ABORTED = 2, 3, 4, 5, 6, 7
#: The most bytes that a node may send in one PDU; and more than any answer has.
_OUR_MOST_BYTES: Final = 16384
_LARGEST_PDU: Final = 1 << 20
#: The most bytes in one PDU to a node that sets no limit; and how many are handed over at once.
_UNLIMITED: Final = 128 * 1024
_AT_ONCE: Final = 256 * 1024

#: Message control headers (PS3.8, annex E.2).
_COMMAND, _LAST = 1, 2
_C_STORE_RQ, _C_ECHO_RQ = 0x0001, 0x0030
_NO_DATA_SET, _DATA_SET = 0x0101, 0x0001
_STATUS = 0x0900

#: The reasons for a rejected association, by source and reason (PS3.8, table 9-21).
_REJECTIONS: Final = {
    (1, 2): "it does not know this application context",
    (1, 3): "it does not know our AE title {calling}: have its administrator enter it",
    (1, 7): "it is not called by the AE title {called}: correct it",
    (2, 2): "it speaks no version of the protocol that we know",
    (3, 1): "it is too busy for now",
    (3, 2): "it has as many associations as it takes: send it fewer at once, or have its administrator allow"
    " more",
}


class NoAssociation(Exception):  # noqa: N818 - it reads as what it says
    """The node cannot be reached, or accepts no association. The message says why, for an administrator.

    `is_rejection`: the node has answered that it accepts none.
    """

    def __init__(self, message: str, is_rejection: bool = False) -> None:
        super().__init__(message)
        self.is_rejection = is_rejection


class AssociationLost(Exception):  # noqa: N818
    """The association has ended before its release. The message says how."""


class NoAnswer(AssociationLost):
    """The node did not answer in time."""


class Association:
    """An association that the node has accepted. For one thread."""

    def __init__(self, node: Node, contexts: Sequence[Context]) -> None:
        """Call a node and propose presentation contexts, at most 128, each with one transfer syntax.

        Raises NoAssociation.
        """
        self._node = node
        self._message = 0
        self._socket = _connected(node)
        try:
            self._negotiate(contexts)
        except BaseException:
            self._socket.close()
            raise

    @property
    def accepted(self) -> Mapping[Context, int]:
        """The contexts that the node has accepted, with their numbers (presentation context IDs)."""
        return self._accepted

    def store(self, sop_class: str, uid: str, context: int, data: memoryview) -> int:
        """C-STORE a data set, encoded as the context says; return the status of the answer.

        Raises AssociationLost.
        """
        command = [(0x0002, _uid(sop_class)), (0x0700, _us(0)), (0x1000, _uid(uid))]
        return self._ask(context, _C_STORE_RQ, command, data)

    def echo(self, context: int) -> int:
        """C-ECHO; return the status of the answer. Raises AssociationLost."""
        return self._ask(context, _C_ECHO_RQ, [(0x0002, _uid("1.2.840.10008.1.1"))], None)

    def release(self) -> None:
        """Release the association (PS3.8, 7.2), as far as the node takes part."""
        release = A_RELEASE_RQ()
        release.from_primitive(A_RELEASE())
        with suppress(AssociationLost):
            self._send(release.encode())
            deadline = time.monotonic() + min(self._node.timeout_seconds, 5)
            while self._receive(deadline)[0] != _RELEASED:
                pass
        self._socket.close()

    def abort(self) -> None:
        """Abort the association."""
        primitive = A_ABORT()
        primitive.abort_source = 0
        with suppress(AssociationLost):
            self._send(A_ABORT_RQ(primitive).encode())
        self._socket.close()

    def _negotiate(self, contexts: Sequence[Context]) -> None:
        node = self._node
        proposed: dict[int, Context] = {2 * number + 1: context for number, context in enumerate(contexts)}
        try:
            self._send(_request(node, proposed))
            kind, body = self._receive(time.monotonic() + node.timeout_seconds)
            if kind == _REJECTED:
                raise NoAssociation(
                    f"The node rejects the association: {_rejection(node, body)}", is_rejection=True
                )
            if kind != _ACCEPTED:
                raise AssociationLost(f"The node has sent a PDU of type {kind}")
            answer = A_ASSOCIATE_AC()
            answer.decode(body)
            accepted = answer.to_primitive()
            results = accepted.presentation_context_definition_results_list
            self._accepted = {
                proposed[result.context_id]: result.context_id
                for result in results
                if result.result == 0 and result.context_id in proposed
            }
            self._most_bytes = max(accepted.maximum_length_received or _UNLIMITED, 64)
        except NoAnswer as error:
            raise NoAssociation(str(error)) from error
        except AssociationLost as error:
            raise NoAssociation(f"{error} when it was asked for an association: see its log", True) from error
        except UNREADABLE as error:
            raise NoAssociation(
                f"The node's answer cannot be read as DICOM ({type(error).__name__})"
            ) from error

    def _ask(
        self, context: int, command_field: int, command: list[tuple[int, bytes]], data: memoryview | None
    ) -> int:
        self._message = self._message % 0xFFFF + 1
        has_data = _NO_DATA_SET if data is None else _DATA_SET
        elements = [*command, (0x0100, _us(command_field)), (0x0110, _us(self._message))]
        encoded = _command([*elements, (0x0800, _us(has_data))])
        self._send_pieces(context, _COMMAND, memoryview(encoded))
        if data is not None:
            self._send_pieces(context, 0, data)
        return self._status()

    def _send_pieces(self, context: int, header: int, content: memoryview) -> None:
        """Send a command or data set in PDUs no larger than the node accepts (PS3.8, 9.3.5)."""
        size = self._most_bytes - 6
        pieces = bytearray()
        for start in range(0, max(len(content), 1), size):
            piece = content[start : start + size]
            last = _LAST if start + size >= len(content) else 0
            pieces += struct.pack(">BBIIBB", _DATA, 0, len(piece) + 6, len(piece) + 2, context, header | last)
            pieces += piece
            if len(pieces) >= _AT_ONCE:
                self._send(pieces)
                pieces.clear()
        if pieces:
            self._send(pieces)

    def _status(self) -> int:
        deadline = time.monotonic() + self._node.timeout_seconds
        command = bytearray()
        while True:
            kind, body = self._receive(deadline)
            if kind == _RELEASE:
                release = A_RELEASE_RP()
                release.from_primitive(A_RELEASE())
                self._send(release.encode())
                raise AssociationLost("The node has ended the association before it answered")
            if kind != _DATA:
                raise AssociationLost(f"The node has sent a PDU of type {kind} where an answer is due")
            try:
                position = 6
                while position < len(body):
                    length, _, header = struct.unpack_from(">IBB", body, position)
                    if header & _COMMAND:
                        command += body[position + 6 : position + 4 + length]
                        if header & _LAST:
                            return int.from_bytes(_elements(command)[_STATUS], "little")
                    position += 4 + length
            except (struct.error, KeyError) as error:
                raise AssociationLost("The node's answer cannot be read as DICOM") from error

    def _send(self, content: bytes | bytearray) -> None:
        try:
            self._socket.settimeout(self._node.timeout_seconds)
            self._socket.sendall(content)
        except TimeoutError as error:
            raise NoAnswer(
                "The node has taken the association and then taken nothing more in time"
            ) from error
        except OSError as error:
            raise AssociationLost(f"The node has broken off ({error.strerror or error})") from error

    def _receive(self, deadline: float) -> tuple[int, bytes]:
        """Return the type of the next PDU, and all its bytes. Raises AssociationLost, also for an abort."""
        head = self._received(6, deadline)
        kind, length = struct.unpack(">BxI", head)
        if length > _LARGEST_PDU:
            raise AssociationLost("The node's answer is no DICOM")
        pdu = head + self._received(length, deadline)
        if kind == _ABORTED:
            by = "its user" if pdu[8:9] == b"\0" else f"its protocol machine, reason {pdu[9:10].hex()}"
            raise AssociationLost(f"The node has broken off (aborted by {by})")
        return kind, pdu

    def _received(self, count: int, deadline: float) -> bytes:
        received = bytearray()
        while len(received) < count:
            try:
                self._socket.settimeout(max(0.001, deadline - time.monotonic()))
                piece = self._socket.recv(count - len(received))
            except TimeoutError as error:
                raise NoAnswer(
                    "The node has taken the connection and then not answered in time: check that it is well,"
                    " or raise the timeout"
                ) from error
            except OSError as error:
                raise AssociationLost(f"The node has broken off ({error.strerror or error})") from error
            if not piece:
                raise AssociationLost("The node has broken off (connection closed)")
            received += piece
        return bytes(received)


def _connected(node: Node) -> socket.socket:
    """Connect to a node. Raises NoAssociation."""
    try:
        connection = socket.create_connection((node.host, node.port), node.timeout_seconds)
    except (socket.gaierror, UnicodeError) as error:
        raise NoAssociation("The node cannot be reached: its host name is not known: check it") from error
    except TimeoutError as error:
        raise NoAssociation(
            "The node cannot be reached: it does not answer in time: check address, port and firewalls"
        ) from error
    except ConnectionRefusedError as error:
        raise NoAssociation(
            "The node cannot be reached: nobody listens at its address and port: check them, and that it runs"
        ) from error
    except ConnectionError as error:
        raise NoAssociation(
            "The node has broken off when it was called: see what answers at its address and port"
        ) from error
    except OSError as error:
        raise NoAssociation(f"The node cannot be reached: {error.strerror or error}") from error
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if node.tls is None:
        return connection
    try:
        return node.tls.wrap_socket(connection)
    except (OSError, ValueError) as error:
        connection.close()
        raise NoAssociation(f"The node cannot be called by TLS: {_tls_failure(error)}") from error


def _tls_failure(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            "its certificate is not among DicomTlsTrustedCertificates of Orthanc's configuration"
            f" ({error.verify_message})"
        )
    if isinstance(error, TimeoutError):
        return "it does not answer in time"
    if isinstance(error, ssl.SSLError):
        return f"check that it expects TLS, and knows our certificate ({error.reason or error})"
    return f"it has broken off: check that it expects TLS ({error})"


def _request(node: Node, proposed: Mapping[int, Context]) -> bytes:
    """Encode an A-ASSOCIATE-RQ (PS3.8, 9.3.2)."""
    contexts = []
    for number, (sop_class, syntax) in proposed.items():
        context = PresentationContext()
        context.context_id = number
        context.abstract_syntax = UID(sop_class)
        context.transfer_syntax = [UID(syntax)]
        contexts.append(context)
    most_bytes = MaximumLengthNotification()
    most_bytes.maximum_length_received = _OUR_MOST_BYTES
    implementation = ImplementationClassUIDNotification()
    implementation.implementation_class_uid = PYNETDICOM_IMPLEMENTATION_UID
    version = ImplementationVersionNameNotification()
    version.implementation_version_name = PYNETDICOM_IMPLEMENTATION_VERSION
    primitive = A_ASSOCIATE()
    primitive.application_context_name = _APPLICATION_CONTEXT
    primitive.calling_ae_title = node.calling_aet
    primitive.called_ae_title = node.aet
    primitive.presentation_context_definition_list = contexts
    primitive.user_information = [most_bytes, implementation, version]
    return bytes(A_ASSOCIATE_RQ(primitive).encode())


def _rejection(node: Node, body: bytes) -> str:
    answer = A_ASSOCIATE_RJ()
    answer.decode(body)
    words = _REJECTIONS.get((answer.source or 0, answer.reason_diagnostic or 0))
    if words is None:
        return "it does not say why: check both AE titles, and see its log"
    return words.format(calling=node.calling_aet, called=node.aet)


def _command(elements: list[tuple[int, bytes]]) -> bytes:
    """Encode a command set: group 0000, implicit VR little endian (PS3.7, 6.3.1)."""
    body = b"".join(struct.pack("<HHI", 0, number, len(value)) + value for number, value in sorted(elements))
    return struct.pack("<HHII", 0, 0, 4, len(body)) + body


def _elements(command: bytes | bytearray) -> dict[int, bytes]:
    elements: dict[int, bytes] = {}
    position = 0
    while position < len(command):
        _, number, length = struct.unpack_from("<HHI", command, position)
        elements[number] = bytes(command[position + 8 : position + 8 + length])
        position += 8 + length
    return elements


def _us(value: int) -> bytes:
    return struct.pack("<H", value)


def _uid(value: str) -> bytes:
    encoded = value.encode("ascii", "replace")
    return encoded + b"\0" * (len(encoded) % 2)
