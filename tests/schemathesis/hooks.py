"""What generated calls have to be kept from.

VAYU_TARGET is the URL of the origin that load goes to.
"""

import os

import schemathesis
from hypothesis import strategies as st

TARGET = os.environ["VAYU_TARGET"]

schemathesis.openapi.format("uri", st.just(TARGET))


@schemathesis.hook
def map_body(context, body):
    if not isinstance(body, dict):
        return body
    operation = context.operation.label
    if operation == "POST /run":
        keep_small(body)
    elif operation == "POST /request":
        any_method(body)
        stay_here(body)
    elif operation in ("POST /collections", "POST /requests", "POST /environments"):
        complete(body)
    return body


@schemathesis.hook
def map_query(context, query):
    """Later calls for the same run would get 404 after its deletion."""
    if context.operation.label == "DELETE /runs":
        query = {**(query or {}), "dryRun": "true"}
        query.setdefault("type", "load")
    return query


def keep_small(run):
    """A run is short and sends requests to the origin only."""
    request = run.get("request")
    if isinstance(request, dict):
        if isinstance(request.get("url"), str):
            request["url"] = TARGET
        any_method(request)
        reach_the_origin(request)
        run_scripts(request)
    for name in ("duration", "rampUpDuration", "gracefulStop"):
        if isinstance(run.get(name), (str, float, int)):
            run[name] = "50ms"
    if isinstance(run.get("iterations"), int) and run["iterations"] > 0:
        run["iterations"] = min(run["iterations"], 50)
    keep_connectable(run)


def any_method(request):
    """Which tokens need `customMethod` the document does not say."""
    if isinstance(request.get("method"), str):
        request["customMethod"] = True


def stay_here(request):
    """A request is sent to the origin only, with a short timeout."""
    if isinstance(request.get("url"), str):
        request["url"] = TARGET
    request["timeout"] = 1000
    reach_the_origin(request)
    run_scripts(request)
    keep_connectable(request)


def keep_connectable(body):
    """Addresses, and certificates that fit their keys, cannot be made up."""
    connection = body.get("connection")
    if isinstance(connection, dict):
        for name in ("dns", "resolve", "localAddresses", "tls", "maxConnections"):
            connection.pop(name, None)


def reach_the_origin(request):
    """Tokens are asked for, and proxies looked for, at the origin."""
    if isinstance(request.get("proxy"), str):
        request["proxy"] = TARGET
    auth = request.get("auth")
    if not isinstance(auth, dict):
        return
    for fields in [auth, *auth.values()]:
        if isinstance(fields, dict):
            for name in ("accessTokenUrl", "tokenUrl"):
                if isinstance(fields.get(name), str):
                    fields[name] = TARGET
        elif isinstance(fields, list):
            for pair in fields:
                if isinstance(pair, dict) and "Url" in str(pair.get("key")):
                    pair["value"] = TARGET


def run_scripts(request):
    """Text that is made up is hardly ever JavaScript: the longer half of it becomes some."""
    for name, script in SCRIPTS.items():
        if isinstance(request.get(name), str) and len(request[name]) > 1:
            request[name] = script


SCRIPTS = {
    "preRequestScript": "pm.variables.set('made', 'up');",
    "postRequestScript": "pm.test('answered', () => pm.expect(pm.response.code).to.be.above(0));",
}


def complete(saved):
    """A new object needs more than its id, which depends on what is stored."""
    any_method(saved)
    saved.setdefault("name", "made up")
    saved.setdefault("method", "GET")
    saved.setdefault("url", TARGET)
