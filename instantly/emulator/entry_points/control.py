"""Control API of the emulator under /_emulator, for tests and demo; loopback only, without a key.

GET  /_emulator                      overview: workspaces, assumptions, rate, waiting faults
GET  /_emulator/truth                ground truth
GET  /_emulator/events?workspace=ID&after=0&limit=1000     recorded events
POST /_emulator/faults               {"api": [{"kind": "status", "status": 429, "retry_after": 2, "times": 3, …}],
                                      "deliveries": {"duplicates": 0.2, "reorder": 0.3, "drop": 0.0}}; {} clears
POST /_emulator/life                 {"rate": 4}
POST /_emulator/deliveries           {"do": "pause" | "resume" | "drain" | "hurry"}
POST /_emulator/assumptions          {"disable_after_failures": 5, …}
POST /_emulator/plan                 {"workspace": ID, "active": false}
POST /_emulator/happen               {"workspace": ID, "event": "reply_received", "campaign": ID?, "lead": ADDRESS?}
POST /_emulator/reset
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import orjson

from ..api.errors import bad_request, not_found
from ..fake import FakeInstantly
from ..wire import Refusal, Request, Response

PREFIX = "/_emulator"
LOOPBACK = ("127.0.0.1", "::1", "::ffff:127.0.0.1")
LOCAL_NAMES = ("127.0.0.1", "localhost", "[::1]")


def handle(fake: FakeInstantly, request: Request, client: str) -> Response:
    """Handle a control request from the address ``client``. Never raises."""
    try:
        host = request.headers.get("host", "").rpartition(":")[0] or request.headers.get("host", "")
        if client not in LOOPBACK or host not in LOCAL_NAMES:  # host: protects against DNS rebinding by web pages
            raise Refusal(403, "Only this machine may use /_emulator")
        action = ACTIONS.get((request.method, request.path.rstrip("/")))
        if action is None:
            known = ", ".join(f"{method} {path}" for method, path in ACTIONS)
            raise not_found(f"No {request.method} {request.path}; there are: {known}")
        body = orjson.loads(request.body or b"{}")
        if not isinstance(body, dict):
            raise bad_request("body must be object")
        return Response(200, orjson.dumps(action(fake, body | _query(request))))
    except Refusal as refusal:
        return Response(refusal.status, orjson.dumps(refusal.body))
    except (ValueError, TypeError, KeyError) as error:  # orjson's decode error is a ValueError
        return Response(400, orjson.dumps(bad_request(str(error)).body))


def _query(request: Request) -> dict[str, Any]:
    return {name: values[-1] for name, values in parse_qs(request.query).items()}


def overview(fake: FakeInstantly, body: dict[str, Any]) -> Any:
    return {
        "seed": fake.simulation.seed,
        "rate": fake.life.rate,
        "workspaces": [
            {"id": space.id, "name": space.name, "campaigns": len(space.campaigns), "accounts": len(space.accounts)}
            for space in fake.workspaces.values()
        ],
        "assumptions": fake.assumptions.as_dict(),
        "faults_waiting": len(fake.faults),
        "deliveries": {"waiting": fake.deliveries.waiting, "faults": fake.deliveries.faults.__dict__},
    }


def ground_truth(fake: FakeInstantly, body: dict[str, Any]) -> Any:
    return fake.truth()


def events(fake: FakeInstantly, body: dict[str, Any]) -> Any:
    found = fake.events(body["workspace"], int(body.get("after", 0)), int(body.get("limit", 1_000)))
    return {"events": [event._asdict() for event in found]}


def set_faults(fake: FakeInstantly, body: dict[str, Any]) -> Any:
    with fake.lock:
        if not body:
            fake.faults.clear()
            fake.deliveries.set_faults(duplicates=0.0, reorder=0.0, drop=0.0)
        for wanted in body.get("api", []):
            fake.faults.add(**wanted)
        if "deliveries" in body:
            fake.deliveries.set_faults(**body["deliveries"])
        return {"waiting": len(fake.faults), "deliveries": fake.deliveries.faults.__dict__}


def set_rate(fake: FakeInstantly, body: dict[str, Any]) -> Any:
    fake.set_rate(float(body["rate"]))
    return {"rate": fake.life.rate}


def control_deliveries(fake: FakeInstantly, body: dict[str, Any]) -> Any:
    service = fake.deliveries
    operations: dict[str, Callable[[], Any]] = {
        "pause": service.pause,
        "resume": service.resume,
        "drain": service.drain,
        "hurry": lambda: service.drain(hurry=True),
    }
    result = operations[body["do"]]()
    return {"waiting": service.waiting, "empty": result}


def change_assumptions(fake: FakeInstantly, body: dict[str, Any]) -> Any:
    with fake.lock:
        fake.assume(**body)
    return fake.assumptions.as_dict()


def set_plan(fake: FakeInstantly, body: dict[str, Any]) -> Any:
    fake.set_plan(body["workspace"], active=bool(body["active"]))
    return {"active": bool(body["active"])}


def trigger_event(fake: FakeInstantly, body: dict[str, Any]) -> Any:
    event = fake.trigger(body["workspace"], body["event"], campaign=body.get("campaign"), lead=body.get("lead"))
    return event._asdict()


def reset(fake: FakeInstantly, body: dict[str, Any]) -> Any:
    fake.reset()
    return overview(fake, {})


ACTIONS: dict[tuple[str, str], Callable[[FakeInstantly, dict[str, Any]], Any]] = {
    ("GET", PREFIX): overview,
    ("GET", f"{PREFIX}/truth"): ground_truth,
    ("GET", f"{PREFIX}/events"): events,
    ("POST", f"{PREFIX}/faults"): set_faults,
    ("POST", f"{PREFIX}/life"): set_rate,
    ("POST", f"{PREFIX}/deliveries"): control_deliveries,
    ("POST", f"{PREFIX}/assumptions"): change_assumptions,
    ("POST", f"{PREFIX}/plan"): set_plan,
    ("POST", f"{PREFIX}/happen"): trigger_event,
    ("POST", f"{PREFIX}/reset"): reset,
}
