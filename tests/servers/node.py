# SPDX-License-Identifier: GPL-3.0-or-later
"""A receiving DICOM node that remembers what comes, and misbehaves on demand."""

import itertools
import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from socketserver import BaseServer
from types import TracebackType
from weakref import WeakKeyDictionary

from pydicom import Dataset
from pydicom.uid import UID, AllTransferSyntaxes, ExplicitVRLittleEndian
from pynetdicom import AE, AllStoragePresentationContexts, build_role, evt
from pynetdicom.association import Association
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.events import EventHandlerType
from pynetdicom.transport import ThreadedAssociationServer

from servers.process import free_port
from servers.sender import without_nagle


@dataclass(frozen=True)
class Arrival:
    """One C-STORE request as a node saw it."""

    uid: str
    sop_class: str
    at: float
    status: int
    calling_aet: str
    association: int
    called_aet: str


#: Decides the status of a C-STORE response; it may also wait, or abort the association.
Behaviour = Callable[[evt.Event, C_STORE], int]

Verification = UID("1.2.840.10008.1.1")
StorageCommitmentPushModel = UID("1.2.840.10008.1.20.1")

SUCCESS = 0x0000
OUT_OF_RESOURCES = 0xA700
CANNOT_UNDERSTAND = 0xC000


def accept(_event: evt.Event, _request: C_STORE) -> int:
    """Take everything."""
    return SUCCESS


def refuse_sop_class(uid: str, status: int = 0x0122) -> Behaviour:
    """Answer this SOP class with a failure status (SOP class not supported), everything else with success."""
    return lambda _event, request: status if request.AffectedSOPClassUID == uid else SUCCESS


def refuse_instances(uids: Collection[str], status: int = CANNOT_UNDERSTAND) -> Behaviour:
    """Answer these instances with a failure status, everything else with success."""
    return lambda _event, request: status if str(request.AffectedSOPInstanceUID) in uids else SUCCESS


def abort(event: evt.Event, _request: C_STORE) -> int:
    """Abort the association instead of answering."""
    event.assoc.abort()
    return OUT_OF_RESOURCES


class _Server(ThreadedAssociationServer):
    """Pynetdicom's own ends only twice a second."""

    def serve_forever(self, poll_interval: float = 0.02) -> None:
        super().serve_forever(poll_interval)

    def shutdown(self) -> None:
        BaseServer.shutdown(self)
        self.server_close()


class Node:
    """A DICOM node in this process that remembers every request and does what the test wants.

    `behaviour` may be changed while it runs. `hold()` makes it keep every association waiting for its
    response until `let_go()`. Without `contexts` it takes every storage SOP class.
    """

    def __init__(
        self,
        aet: str = "NODE",
        behaviour: Behaviour = accept,
        *,
        refused_contexts: Collection[str] = (),
        commits: bool = True,
        only_from: str = "",
        syntaxes: Sequence[str] = AllTransferSyntaxes,
    ) -> None:
        """`only_from`: the one AE title from which, called by its own, it takes associations; `syntaxes`: the
        transfer syntaxes that it accepts."""
        self.aet = aet
        self.host = "127.0.0.1"
        self.port = free_port()
        self.behaviour = behaviour
        self.commits = commits
        self.commitments: list[Dataset] = []
        self._arrivals: list[Arrival] = []
        self._echoes = 0
        #: Each has a number, because the address of one that has ended (`id`) is given to another.
        self._associations: WeakKeyDictionary[Association, int] = WeakKeyDictionary()
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._free = threading.Event()
        self._free.set()
        self._thread = threading.Thread()
        self._server: ThreadedAssociationServer | None = None
        self._ae = AE(ae_title=aet)
        self._ae.maximum_associations = 50
        if only_from:
            self._ae.require_calling_aet = [only_from]
            self._ae.require_called_aet = True
        self._ae.add_supported_context(Verification)
        self._ae.add_supported_context(StorageCommitmentPushModel)
        for context in AllStoragePresentationContexts:
            if context.abstract_syntax and context.abstract_syntax not in refused_contexts:
                self._ae.add_supported_context(context.abstract_syntax, list(syntaxes))

    def start(self) -> "Node":
        """Start listening; also again after `stop`, on the same port."""
        handlers: list[EventHandlerType] = [
            (evt.EVT_CONN_OPEN, without_nagle),
            (evt.EVT_C_ECHO, self._echo),
            (evt.EVT_C_STORE, self._store),
            (evt.EVT_N_ACTION, self._commit),
        ]
        server = self._ae.make_server((self.host, self.port), evt_handlers=handlers, server_class=_Server)
        self._server = server
        self._thread = threading.Thread(target=server.serve_forever, name=f"node-{self.aet}")
        self._thread.start()
        return self

    def stop(self) -> None:
        """Abort what is under way and stop listening."""
        self.let_go()
        if self._server is not None:
            for association in self._server.active_associations:
                association.abort()
            self._server.shutdown()
            self._thread.join()
            self._server = None

    def hold(self) -> None:
        """Keep every sender waiting for its response from now on."""
        self._free.clear()

    def let_go(self) -> None:
        """Answer again, also those that wait."""
        self._free.set()

    @property
    def arrivals(self) -> list[Arrival]:
        """Every C-STORE request so far, in order."""
        with self._changed:
            return list(self._arrivals)

    @property
    def echoes(self) -> int:
        """How many C-ECHO requests came."""
        with self._changed:
            return self._echoes

    @property
    def associations(self) -> int:
        """In how many associations they came."""
        return len({arrival.association for arrival in self.arrivals})

    def accepted(self) -> list[str]:
        """The SOP Instance UIDs answered with success, in order, the same one as often as it came."""
        return [arrival.uid for arrival in self.arrivals if arrival.status == SUCCESS]

    def wait_for(self, uids: Collection[str], timeout: float = 15) -> None:
        """Wait until all of these instances have been accepted."""
        wanted = set(uids)
        with self._changed:
            complete = self._changed.wait_for(
                lambda: wanted <= {arrival.uid for arrival in self._arrivals if arrival.status == SUCCESS},
                timeout,
            )
        missing = wanted - set(self.accepted())
        assert complete, f"after {timeout} s {len(missing)} of {len(wanted)} instances have not arrived"

    def wait_for_requests(self, count: int, timeout: float = 15) -> None:
        """Wait until `count` C-STORE requests have come, whatever their answer."""
        with self._changed:
            enough = self._changed.wait_for(lambda: len(self._arrivals) >= count, timeout)
        assert enough, f"after {timeout} s only {len(self.arrivals)} of {count} requests have come"

    def _echo(self, _event: evt.Event) -> int:
        with self._changed:
            self._echoes += 1
            self._changed.notify_all()
        return SUCCESS

    def _store(self, event: evt.Event) -> int:
        at = time.time()
        request = event.request
        assert isinstance(request, C_STORE)
        if not self._free.is_set():
            self._remember(event, request, at, -1)
            self._free.wait()
        status = self.behaviour(event, request)
        self._remember(event, request, at, status)
        return status

    def _remember(self, event: evt.Event, request: C_STORE, at: float, status: int) -> None:
        requested = event.assoc.requestor.primitive
        assert requested is not None
        with self._changed:
            arrival = Arrival(
                str(request.AffectedSOPInstanceUID),
                str(request.AffectedSOPClassUID),
                at,
                status,
                event.assoc.requestor.ae_title,
                self._associations.setdefault(event.assoc, next(self._numbers)),
                requested.called_ae_title,
            )
            self._arrivals.append(arrival)
            self._changed.notify_all()

    def _commit(self, event: evt.Event) -> tuple[int, Dataset | None]:
        self.commitments.append(event.action_information)
        return (SUCCESS if self.commits else 0x0110), None

    def report_commitment(
        self, port: int, called_aet: str, transaction: str, committed: list[Dataset], failed: list[Dataset]
    ) -> int:
        """Report a storage commitment to its requester (PS3.4, J.3.3); the status of the response."""
        report = Dataset()
        report.TransactionUID = transaction
        report.ReferencedSOPSequence = committed
        if failed:
            report.FailedSOPSequence = failed
        ae = AE(ae_title=self.aet)
        ae.add_requested_context(StorageCommitmentPushModel, ExplicitVRLittleEndian)
        association = ae.associate(
            self.host,
            port,
            ae_title=called_aet,
            ext_neg=[build_role(StorageCommitmentPushModel, scp_role=True)],
        )
        assert association.is_established, "the requester refuses the association"
        try:
            status, _ = association.send_n_event_report(
                report, 2 if failed else 1, StorageCommitmentPushModel, "1.2.840.10008.1.20.1.1"
            )
            return int(status.Status)
        finally:
            association.release()

    def __enter__(self) -> "Node":
        return self.start()

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.stop()
