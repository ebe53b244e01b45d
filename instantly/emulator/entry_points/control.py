"""/_emulator/...: what the real service has not got. Loopback only, no key.

GET  /_emulator                      what there is: workspaces, assumptions, rate, waiting faults
GET  /_emulator/truth                what really happened
GET  /_emulator/events?workspace=ID&after=0&limit=1000     every happening, one by one
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
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import orjson

from ..api.errors import Refusal, bad_request, not_found
from ..api.routing import Request, Response
from ..life import trigger

if TYPE_CHECKING:
    from ..fake import FakeInstantly

PREFIX = "/_emulator"
LOOPBACK = ("127.0.0.1", "::1", "::ffff:127.0.0.1")
LOCAL_NAMES = ("127.0.0.1", "localhost", "[::1]")


def answer(fake: "FakeInstantly", request: Request, client: str) -> Response:
    """The answer to a control request. Never raises."""
    try:
        host = request.headers.get("host", "").rpartition(":")[0] or request.headers.get("host", "")
        if client not in LOOPBACK or host not in LOCAL_NAMES:  # the host: a web page must not reach in by a name
            raise Refusal(403, "Only this machine may use /_emulator")
        act = ACTIONS.get((request.method, request.path.rstrip("/")))
        if act is None:
            raise not_found(f"No {request.method} {request.path}; there are: {_known()}")
        body = orjson.loads(request.body or b"{}")
        if not isinstance(body, dict):
            raise bad_request("body must be object")
        return Response(200, orjson.dumps(act(fake, body | _query(request))))
    except Refusal as refusal:
        return Response(refusal.status, orjson.dumps(refusal.body))
    except (ValueError, TypeError, KeyError) as error:  # orjson's decode error is a ValueError
        return Response(400, orjson.dumps(bad_request(str(error)).body))


def _query(request: Request) -> dict[str, Any]:
    return {name: values[-1] for name, values in parse_qs(request.query).items()}


def _known() -> str:
    return ", ".join(f"{method} {path}" for method, path in ACTIONS)


def overview(fake: "FakeInstantly", body: dict[str, Any]) -> Any:
    return {
        "seed": fake.seed,
        "rate": fake.life.rate,
        "workspaces": [
            {"id": space.id, "name": space.name, "campaigns": len(space.campaigns), "accounts": len(space.accounts)}
            for space in fake.workspaces.values()
        ],
        "assumptions": fake.assumptions.as_dict(),
        "faults_waiting": len(fake.faults),
        "deliveries": {"waiting": fake.deliveries.waiting, "faults": fake.deliveries.faults.__dict__},
    }


def truth(fake: "FakeInstantly", body: dict[str, Any]) -> Any:
    return fake.truth()


def events(fake: "FakeInstantly", body: dict[str, Any]) -> Any:
    found = fake.events(body["workspace"], int(body.get("after", 0)), int(body.get("limit", 1_000)))
    return {"events": [happening._asdict() for happening in found]}


def faults(fake: "FakeInstantly", body: dict[str, Any]) -> Any:
    with fake.lock:
        if not body:
            fake.faults.clear()
            fake.deliveries.disturb(duplicates=0.0, reorder=0.0, drop=0.0)
        for wanted in body.get("api", []):
            fake.faults.add(**wanted)
        if "deliveries" in body:
            fake.deliveries.disturb(**body["deliveries"])
        return {"waiting": len(fake.faults), "deliveries": fake.deliveries.faults.__dict__}


def life(fake: "FakeInstantly", body: dict[str, Any]) -> Any:
    fake.set_rate(float(body["rate"]))
    return {"rate": fake.life.rate}


def deliveries(fake: "FakeInstantly", body: dict[str, Any]) -> Any:
    service = fake.deliveries
    do: dict[str, Callable[[], Any]] = {
        "pause": service.pause,
        "resume": service.resume,
        "drain": service.drain,
        "hurry": lambda: service.drain(hurry=True),
    }
    done = do[body["do"]]()
    return {"waiting": service.waiting, "empty": done}


def assumptions(fake: "FakeInstantly", body: dict[str, Any]) -> Any:
    with fake.lock:
        fake.assume(**body)
    return fake.assumptions.as_dict()


def plan(fake: "FakeInstantly", body: dict[str, Any]) -> Any:
    fake.set_plan(body["workspace"], active=bool(body["active"]))
    return {"active": bool(body["active"])}


def happen(fake: "FakeInstantly", body: dict[str, Any]) -> Any:
    happening = trigger.make_happen(
        fake, body["workspace"], body["event"], campaign=body.get("campaign"), lead=body.get("lead")
    )
    return happening._asdict()


def reset(fake: "FakeInstantly", body: dict[str, Any]) -> Any:
    fake.reset()
    return overview(fake, {})


ACTIONS: dict[tuple[str, str], Callable[["FakeInstantly", dict[str, Any]], Any]] = {
    ("GET", PREFIX): overview,
    ("GET", f"{PREFIX}/truth"): truth,
    ("GET", f"{PREFIX}/events"): events,
    ("POST", f"{PREFIX}/faults"): faults,
    ("POST", f"{PREFIX}/life"): life,
    ("POST", f"{PREFIX}/deliveries"): deliveries,
    ("POST", f"{PREFIX}/assumptions"): assumptions,
    ("POST", f"{PREFIX}/plan"): plan,
    ("POST", f"{PREFIX}/happen"): happen,
    ("POST", f"{PREFIX}/reset"): reset,
}
