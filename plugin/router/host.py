# SPDX-License-Identifier: GPL-3.0-or-later
"""The one door to the embedded `orthanc` module; hides how its versions differ (4.0 to 7.x).

Rules that every caller relies on (Orthanc Book, "Python plugin for Orthanc"): a call into `orthanc`
may hold the interpreter's lock for as long as it takes, so nothing here waits for Orthanc, and no
lock of ours is held around a call. What needs Orthanc's REST API goes over HTTP (`orthanc_api`).
"""

import base64
import binascii
import ctypes
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, wait
from typing import Any, Protocol
from urllib.parse import unquote_plus

import orthanc
from router.api.admission import Admission, Busy
from router.api.http import ApiError, Request, Response
from router.orthanc_api import ECHO
from router.process_end import leave_globals_alone

#: Requests for the page's files that are answered at once. They ask Orthanc for nothing.
_FILES_AT_ONCE = 8


#: The description of the Python plugin in Orthanc's lists of plugins.
_DESCRIPTION = "Orthanc Router: sends what comes in to where policies say. Runs in the Python plugin."


#: How much of a thread's name Orthanc takes.
_THREAD_NAME_LENGTH = 16

#: The bytes of an image that is too large to be copied while its sender waits; the bytes kept of others.
_LARGE = 4_000_000
_HEADER = 1 << 16
#: How long a working thread keeps Python's interpreter from a thread that receives an image. Python's
#: default, 5 ms, is longer than it takes to receive an image.
_SWITCH_SECONDS = 0.001


class Host(Protocol):
    """What the router asks of Orthanc's plugin interface."""

    def configuration(self) -> str:
        """Orthanc's whole configuration as JSON."""
        ...

    def authorization(self) -> str:
        """The value of an `Authorization` header that Orthanc accepts from inside this process."""
        ...

    def set_metric(self, name: str, value: float) -> None:
        """Show a number in `/tools/metrics-prometheus`."""
        ...


class OrthancHost:
    """The plugin interface of the Orthanc that this code runs in."""

    def __init__(self) -> None:
        self._pools: list[ThreadPoolExecutor] = []
        self._under_way: set[Future[Response]] = set()
        #: Held for as long as this object: see `run_inside_orthanc`.
        self._called: Callable[..., None] | None = None
        self._extending: Callable[..., None] | None = None
        #: By thread: whether Orthanc has been told its name.
        self._named = threading.local()
        #: Whether the values of queries arrive decoded; see `OrthancApi.decodes_queries`.
        self.queries_are_decoded = False

    def configuration(self) -> str:
        return str(orthanc.GetConfiguration())

    def authorization(self) -> str:
        return str(orthanc.GenerateRestApiAuthorizationToken())

    def set_metric(self, name: str, value: float) -> None:
        orthanc.SetMetricsValue(name, value, orthanc.MetricsType.DEFAULT)

    def log(self, level: int, message: str, file: str, line: int) -> None:
        """Write to Orthanc's log; `level` as in the module `logging`.

        Where Orthanc can be told (1.12.4 and newer), a thread of ours has its name there, and the message
        shows the file and the line of the router that it comes from, not those of the Python plugin.
        """
        if hasattr(orthanc, "SetCurrentThreadName") and not getattr(self._named, "is_named", False):
            self._named.is_named = True
            name = threading.current_thread().name
            if name.startswith("router-"):
                orthanc.SetCurrentThreadName(name.upper()[:_THREAD_NAME_LENGTH])
        name = "ERROR" if level >= 40 else "WARNING" if level >= 30 else "INFO"
        if hasattr(orthanc, "LogMessage"):
            known = getattr(orthanc.LogLevel, name)
            orthanc.LogMessage(message, "router", file, line, orthanc.LogCategory.PLUGINS, known)
        else:
            getattr(orthanc, f"Log{name.capitalize()}")(message)

    def on_change(
        self,
        started: Callable[[], None],
        stored: Callable[[str], None],
        deleted: Callable[[str], None],
        stopped: Callable[[], None],
    ) -> None:
        """Have these called when Orthanc has started (its REST API answers), with each new instance it has
        stored, with each that it has deleted (also to overwrite it), and when it is stopping.

        Changes are told by a thread of the plugin. `OnStoredInstance` would tell the same to the thread that
        receives the image, and the sender would wait for Python's interpreter with every image.
        """
        thread_state = _ThreadState()

        def changed(change: int, level: int, resource: str) -> None:
            if change == orthanc.ChangeType.NEW_INSTANCE:
                stored(resource)
            elif change == orthanc.ChangeType.DELETED:
                if level == orthanc.ResourceType.INSTANCE:
                    deleted(resource)
            elif change == orthanc.ChangeType.ORTHANC_STARTED:
                thread_state.keep()
                started()
            elif change == orthanc.ChangeType.ORTHANC_STOPPED:
                stopped()
                thread_state.give_back()

        orthanc.RegisterOnChangeCallback(changed)
        if hasattr(orthanc, "RegisterStorageArea3"):  # plugin 7.1
            leave_globals_alone()

    def on_repetition(self, came: Callable[[str, str, bytes | None], None]) -> bool:
        """Have this called with each image that Orthanc seems to have stored before: its identifier, the AE
        title that sent it, and the begin of its file (None for large ones). False where Orthanc does not
        tell of them (1.13 and newer).

        Whoever sends waits for the call. That the image is known shows in the date of reception, which is
        that of the first arrival; one that is new and took long to be stored is told of, too.
        """
        if orthanc.CheckVersionAdvanced(1, 13, 0):
            return False
        sys.setswitchinterval(_SWITCH_SECONDS)
        threads = threading.local()

        def stored(instance: Any, identifier: str) -> None:
            # Those of Orthanc's pools, which last until it ends: kept for each, once.
            if not hasattr(threads, "state"):
                threads.state = _ThreadState()
                threads.state.keep()
            lately = time.strftime("%Y%m%dT%H%M%S", time.gmtime(time.time() - 1))
            if instance.GetInstanceMetadata("ReceptionDate") < lately:
                is_large = instance.GetInstanceSize() > _LARGE
                file = None if is_large else instance.GetInstanceData()[:_HEADER]
                came(identifier, instance.GetInstanceRemoteAet(), file)

        orthanc.RegisterOnStoredInstanceCallback(stored)
        return True

    def serve(
        self, answer: Callable[[Request], Response], at_once: int, asks_nothing: Callable[[Request], bool]
    ) -> None:
        """Answer everything below `/router`, until `close`.

        `at_once` is how many requests are answered at the same time: fewer than Orthanc's web server has
        threads. A request for which `asks_nothing` is true does not count: Orthanc is not asked for it.
        """
        # The threads of Orthanc's web server have a stack of 100 KB: nested JSON of a thousand levels
        # overflows it and takes Orthanc down. Threads of our own have what the system gives.
        answering = ThreadPoolExecutor(at_once, "router-http")
        giving_files = ThreadPoolExecutor(_FILES_AT_ONCE, "router-http-files")
        admission = Admission(at_once)
        self._pools = [answering, giving_files]

        def answered(pool: ThreadPoolExecutor, request: Request) -> Response:
            try:
                future = pool.submit(answer, request)
                self._under_way.add(future)
                future.add_done_callback(self._under_way.discard)
                return future.result()
            except (RuntimeError, CancelledError):  # closed before the request was taken up
                return ApiError(503, "stopping", "Orthanc is stopping.").response()

        def called(output: Any, uri: str, **given: Any) -> None:
            if uri == ECHO:
                _send(output, Response.of(given.get("get", {})))
                return
            request = _request(uri, given, self.queries_are_decoded)
            if asks_nothing(request):
                response = answered(giving_files, request)
            else:
                try:
                    with admission.place(f"{request.method} /{request.path.split('/')[1][:20]}"):
                        response = answered(answering, request)
                except Busy as busy:
                    response = busy.response()
            _send(output, response)

        self._called = called
        orthanc.RegisterRestCallback("/router/(.*)", called)

    def extend_page(self, pattern: str, page: str, extend: Callable[[bytes], bytes]) -> None:
        """Answer what `pattern` matches with another plugin's page, as `extend` changes it. Orthanc must load
        that plugin after this one. Where there is no such page, the answer is 404.

        The page must be in that plugin's memory: nothing else is answered while Orthanc asks for it.
        """

        def called(output: Any, _uri: str, **given: Any) -> None:
            if given["method"] != "GET":
                output.SendMethodNotAllowed("GET")
                return
            try:
                content = orthanc.RestApiGetAfterPlugins(page)
            except orthanc.OrthancException:
                output.SendHttpStatusCode(404)
                return
            output.AnswerBuffer(extend(content), "text/html; charset=utf-8")

        self._extending = called
        orthanc.RegisterRestCallback(pattern, called)

    def close(self) -> None:
        """Take no more requests; the threads that answer them end with those they are at."""
        for pool in self._pools:
            pool.shutdown(wait=False, cancel_futures=True)

    def join(self, seconds: float) -> bool:
        """Wait for the answers under way; False where one has not come after `seconds`."""
        return not wait(set(self._under_way), seconds).not_done

    def lead_to(self, page: str, explorer_script: str) -> None:
        """Have Orthanc's web interfaces lead to the page: its root URI, and JavaScript for the Explorer."""
        orthanc.SetRootUri(page)
        orthanc.SetDescription(_DESCRIPTION)
        orthanc.ExtendOrthancExplorer(explorer_script)


class _ThreadState:
    """Python's state of a thread of the plugin, kept between its calls.

    The plugin has it made and thrown away again around each call (PyGILState_Ensure, PyGILState_Release),
    with a piece of memory that is mapped and unmapped: 0.2 ms of processor time for each image, in which
    all other processors are interrupted too. It stays for as long as somebody else holds it.
    """

    def __init__(self) -> None:
        self._held: int | None = None

    def keep(self) -> None:
        """Keep the state. The thread itself must call this, and `give_back`."""
        self._held = ctypes.pythonapi.PyGILState_Ensure()

    def give_back(self) -> None:
        """Leave it to the plugin again."""
        if self._held is not None:
            ctypes.pythonapi.PyGILState_Release(self._held)
            self._held = None


def _request(uri: str, request: dict[str, Any], is_decoded: bool) -> Request:
    query = request.get("get", {}).items()
    if not is_decoded:
        query = [(unquote_plus(name), unquote_plus(value)) for name, value in query]
    headers: dict[str, str] = request.get("headers", {})
    return Request(
        method=request["method"],
        # The groups are decoded, but the part before them is not in them; `uri` is decoded as a whole.
        path=uri.removeprefix("/router"),
        query=list(query),
        headers=headers,
        body=request.get("body", b""),
        user=_user(headers.get("authorization", "")),
    )


def _user(authorization: str) -> str:
    """The name in a Basic authorization that Orthanc has already accepted; empty where there is none."""
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(credentials).decode("utf-8", "replace").partition(":")[0]
    except binascii.Error:
        return ""


def _send(output: Any, response: Response) -> None:
    if response.status == 405:
        # Orthanc leaves a request unanswered where this status is sent in any other way, so without a body.
        output.SendMethodNotAllowed(response.headers["Allow"])
        return
    for name, value in response.headers.items():
        output.SetHttpHeader(name, value)
    if response.status == 200:
        # AnswerBuffer sets the content type by itself; set beside it, it would be sent twice.
        output.AnswerBuffer(response.body, response.content_type)
    elif response.body:
        output.SetHttpHeader("Content-Type", response.content_type)
        text = response.body.decode("ascii")
        try:
            output.SendHttpStatus(response.status, text, len(text))
        except TypeError:  # plugin 4.3 and newer take the length from the text
            output.SendHttpStatus(response.status, text)
    else:
        output.SendHttpStatusCode(response.status)
