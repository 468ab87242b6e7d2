# SPDX-License-Identifier: GPL-3.0-or-later
"""The router's API as a test writes it down: destinations, policies, deliveries."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, Protocol

from servers.orthanc import RestClient, RestError
from servers.waiting import wait_until

Json = dict[str, Any]

FINISHED = {"succeeded", "failed", "cancelled"}


class Receiver(Protocol):
    """A DICOM node that can be a destination."""

    aet: str
    host: str
    port: int


class RouterClient:
    """The routes below `/router`."""

    def __init__(self, rest: RestClient) -> None:
        self.rest = rest

    def destination(self, name: str, node: Receiver, **fields: object) -> Json:
        """Make a `dicom` destination of a node; `fields` go over the document (`retry`, `batch`, ...)."""
        settings = {"aet": node.aet, "host": node.host, "port": node.port}
        settings.update(fields.pop("settings", {}))  # type: ignore[call-overload]
        document = {"name": name, "kind": "dicom", "settings": settings, **fields}
        return self.post("/destinations", document)

    def policy(self, name: str, rule: Json, *destinations: Json | str, **fields: object) -> Json:
        """Make a policy that forwards what matches to these destinations."""
        actions = [
            {"type": "forward", "destination": target if isinstance(target, str) else target["id"]}
            for target in destinations
        ]
        return self.post("/policies", {"name": name, "rule": rule, "actions": actions, **fields})

    def get(self, path: str, **parameters: object) -> Any:
        return self.rest.get(f"/router{path}", **parameters)

    def post(self, path: str, document: object = None) -> Json:
        answer: Json = self.rest.post(f"/router{path}", document)
        return answer

    def put(self, path: str, document: object) -> Json:
        answer: Json = self.rest.put(f"/router{path}", document)
        return answer

    def delete(self, path: str) -> Any:
        return self.rest.delete(f"/router{path}")

    def health(self) -> Json:
        """What it says of its health, also as long as it does not work yet."""
        try:
            return dict(self.get("/health"))
        except RestError as error:
            if error.status != 503:
                raise
            return dict(error.response.json())

    def deliveries(self, **filters: object) -> list[Json]:
        """The deliveries that the filters leave, newest first (at most 1,000)."""
        return list(self.get("/deliveries", limit=1000, **filters)["items"])

    def wait_for_deliveries(
        self, condition: Callable[[list[Json]], object], timeout: float = 15, **filters: object
    ) -> list[Json]:
        """Wait until the deliveries that the filters leave fulfil the condition."""
        seen: list[Json] = []

        def fulfilled() -> object:
            seen[:] = self.deliveries(**filters)
            return condition(seen)

        wait_until(
            fulfilled, timeout, lambda: f"deliveries are {[brief(delivery) for delivery in seen[:20]]}"
        )
        return seen

    def wait_until_delivered(self, instances: int, timeout: float = 15, **filters: object) -> list[Json]:
        """Wait until succeeded deliveries stand for so many instances, and nothing is open."""
        return self.wait_for_deliveries(
            lambda found: (
                all(one["state"] == "succeeded" for one in found)
                and sum(one["instances"] for one in found) >= instances
            ),
            timeout,
            **filters,
        )

    def wait_for_state(self, delivery: str, states: str | Collection[str], timeout: float = 15) -> Json:
        """Wait until a delivery is in this state (or one of these); the delivery."""
        wanted = {states} if isinstance(states, str) else set(states)
        seen: list[Json] = []

        def reached() -> bool:
            seen[:] = [self.get(f"/deliveries/{delivery}")]
            return seen[0]["state"] in wanted

        wait_until(reached, timeout, lambda: f"the delivery is {brief(seen[0])}, not {sorted(wanted)}")
        return seen[0]

    def wait_until_caught_up(self, last_change: int | None = None, timeout: float = 15) -> None:
        """Wait until the intake has read all of the change log that there is now."""
        last = self.rest.get("/changes", last="")["Last"] if last_change is None else last_change
        wait_until(
            lambda: self._read_up_to(last), timeout, lambda: f"the intake is behind {last}: {self.health()}"
        )

    def _read_up_to(self, last: int) -> bool:
        cursor: int | None = self.health().get("intake", {}).get("cursor")
        return cursor is not None and cursor >= last


def as_read(saved: Json) -> Json:
    """A policy as it is read, from what a save has answered: without the warnings."""
    return {name: value for name, value in saved.items() if name != "warnings"}


def brief(delivery: Mapping[str, Any]) -> str:
    """A delivery in a few words, for messages."""
    attempts = delivery["attempts"]
    error = attempts[-1]["error"] if attempts else None
    counts = f"{delivery['instances']} instances, {len(attempts)} attempts"
    return f"{delivery['id']} {delivery['state']} ({counts}, {error})"


def tag(name: str, operator: str, value: object = None) -> Json:
    """A condition of a rule."""
    return {"tag": name, "operator": operator, **({} if value is None else {"value": value})}


def patient(patient_id: str) -> Json:
    """The rule that means one patient, by which tests on one server keep out of each other's way."""
    return {"all": [tag("PatientID", "equals", patient_id)]}
