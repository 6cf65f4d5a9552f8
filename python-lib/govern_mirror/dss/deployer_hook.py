# Only what has been approved in the governance hub is deployed. A pre-deployment hook of the Project Deployer, made by
# `govern-mirror gate hook`: put it into an infrastructure's settings as it is. It needs nothing but Python and the
# client that DSS brings, and is told where the design nodes are by a JSON file on the Deployer's machine, which the
# environment variable GOVERN_MIRROR_HOOK_FILE names (else the file itself, in GOVERN_MIRROR_HOOK):
#
#   {"nodes": {"design": {"url": "https://dss.example.com", "api_key": "...", "hub": "GOVERNANCE"}},
#    "policies": {"PROD": "PREVENT", "TEST": "WARN"}}
#
# The names of nodes are DSS's node ids; outside a fleet, where packages name no node, there is one. The key must be
# able to read the hub, and the bundles of the projects; nothing else. Policies are Govern's: PREVENT stops, WARN warns,
# NO_CHECK lets pass.
"""The hook that binds a deployment to its approval; it stands alone, and agrees with `model.signoff`."""

import functools
import hashlib
import heapq
import json
import os
from datetime import datetime, timedelta, timezone

HOOK_VERSION = 4
DEFAULT_POLICY = "PREVENT"
POLICIES = ("PREVENT", "WARN", "NO_CHECK")
TIMEOUT = 30
CLOCK_SKEW = 300
SUCCEEDED = ("SUCCESS", "INFO", "WARNING")
REFUSALS = ("REJECTED", "ABANDONED")
NOTHING_SAID = {"refused": False, "digest": "", "said": None}
ROLES = ("it_operations", "risk_compliance", "business", "final_approvers", "managers", "editor", "govern")
OPEN = ("WAITING_FOR_FEEDBACK", "WAITING_FOR_APPROVAL")
MOVES = {
    "request_feedback": (("NOT_STARTED",), "WAITING_FOR_FEEDBACK"),
    "request_approval": (("NOT_STARTED", "WAITING_FOR_FEEDBACK"), "WAITING_FOR_APPROVAL"),
    "feedback": (OPEN, None),
    "approve": (OPEN, "APPROVED"),
    "reject": (OPEN, "REJECTED"),
    "back": (("WAITING_FOR_APPROVAL",), "WAITING_FOR_FEEDBACK"),
    "abandon": (OPEN, "ABANDONED"),
    "cancel": (("ABANDONED",), None),
    "reset": (("APPROVED", "REJECTED", "ABANDONED"), "NOT_STARTED"),
    "delegate": (OPEN, None),
}


class Refused(Exception):  # noqa: N818 - reads as what happened
    """Why a deployment is not let pass."""


def execute(requesting_user=None, deployment_id=None, deployment_report=None, deployer_client=None, *args, **kwargs):
    """Judge a deployment; `HookResult` is given by DSS."""
    result = HookResult  # noqa: F821 - DSS gives it
    policy = DEFAULT_POLICY
    try:
        settings = deployer_client.get_projectdeployer().get_deployment(deployment_id).get_settings().get_raw()
        configuration = read_configuration(os.environ)
        policy = configuration.get("policies", {}).get(settings.get("infraId"), DEFAULT_POLICY)
        if policy == "NO_CHECK":
            return result.success("Approvals are not checked on this infrastructure")
        settings = dict(settings, id=deployment_id)
        emergency, message = judge(deployer_client, settings, configuration, datetime.now(timezone.utc))
        return result.warning(message) if emergency else result.success(message)
    except Refused as refusal:
        message = str(refusal)
    except Exception as error:  # whatever keeps the question from being answered is no approval
        message = f"Nobody can say whether this bundle is approved ({type(error).__name__}: {str(error)[:300]})"
    return result.warning(message) if policy == "WARN" else result.error(message)


def read_configuration(environment):
    """Read where the design nodes are; raises Refused."""
    path, text = environment.get("GOVERN_MIRROR_HOOK_FILE"), environment.get("GOVERN_MIRROR_HOOK")
    if path:
        # some editors of Windows begin a file with a mark of its byte order
        with open(path, encoding="utf-8-sig") as file:  # noqa: PTH123 - an old Python's way is as good
            text = file.read()
    if not text:
        raise Refused(
            "The hook is not told where the design node is: set GOVERN_MIRROR_HOOK_FILE on the Deployer's machine"
        )
    try:
        configuration = json.loads(text)
    except ValueError as error:
        raise Refused(f"The hook's file is no JSON ({error}): correct it") from error
    nodes = configuration.get("nodes") if isinstance(configuration, dict) else None
    if not isinstance(nodes, dict):
        raise Refused("The hook's file has no nodes: correct it")
    if not all(isinstance(node, dict) and {"url", "api_key", "hub"} <= set(node) for node in nodes.values()):
        raise Refused("A node in the hook's file lacks its url, api_key or hub: correct it")
    policies = configuration.get("policies", {})
    if not isinstance(policies, dict) or not set(map(str, policies.values())) <= set(POLICIES):
        raise Refused("The hook's file gives an infrastructure another policy than {}: correct it".format(
            ", ".join(POLICIES)))  # fmt: skip
    return configuration


def judge(deployer, settings, configuration, now):
    """Return whether it is an emergency, and the sentence that says why the deployment may go on; raises Refused."""
    bundle_id, published_key = settings["bundleId"], settings["publishedProjectKey"]
    status = deployer.get_projectdeployer().get_project(published_key).get_status().light_status
    package = next((package for package in status["packages"] if package.get("id") == bundle_id), None)
    origin = (package or {}).get("designNodeInfo") or {}
    if not origin.get("projectKey"):
        raise Refused(f"The Deployer does not tell which project the bundle {bundle_id} comes from: publish it again")
    node = the_node(configuration, origin.get("nodeId"))
    hub = Hub(connect(node), node["hub"])
    source = origin["projectKey"]
    address = f"{source}/bundle/{bundle_id}"
    entries = hub.entries(address, now)
    state, govern, counts = standing_of(hub, entries)
    refusal = None
    for where, approval in approvals_of(state, govern, counts):
        try:
            require_same_package(hub, package, source, bundle_id, published_key, approval["body"])
        except Refused as refused:
            refusal = refused
            continue
        if where == "hub":
            require_models(hub, approval["body"].get("models"), now)
        by, moment_of_it, entry = approval["by"], approval["at"], approval["id"]
        if where == "govern":
            return False, f"{address} is approved in Govern, as a sync of {by} saw, {moment_of_it} (entry {entry})"
        return False, f"{address} is approved by {by}, {moment_of_it} (entry {entry})"
    if refusal is not None:
        raise refusal
    for emergency in emergencies_of(entries, settings.get("infraId"), now):
        try:
            require_same_package(hub, package, source, bundle_id, published_key, emergency["body"])
            is_listed = require_unused(deployer, settings, status["deployments"], emergency)
        except Refused as refused:  # another may be of this very export, or unused
            refusal = refused
            continue
        by, until, ticket = emergency["by"], emergency["body"]["until"], emergency["body"]["ticket"]
        sentence = f"{address} is not approved: {by} lets it pass once, until {until} ({ticket}). Its review is due"
        return True, sentence if is_listed else sentence + ". The Deployer does not tell whether this was used before"
    if refusal is not None:
        raise refusal
    standing = state["status"].replace("_", " ").lower()
    if govern["refused"] and state["status"] not in REFUSALS:
        raise Refused(f"{address} is not approved: it was refused in Govern. Reset it there, and sync")
    raise Refused(f"{address} is not approved: its sign-off is {standing}. Ask for its review, and deploy it again")


def the_node(configuration, node_id):
    """Return the design node that a package comes from; raises Refused."""
    nodes = configuration["nodes"]
    if node_id is None and len(nodes) == 1:
        return next(iter(nodes.values()))
    if node_id not in nodes:
        name = node_id or "of the package, which names none"
        raise Refused(f"The hook's file does not name the design node {name}: add it under `nodes`")
    return nodes[node_id]


def require_same_package(hub, package, project_key, bundle_id, published_key, body):
    """Require that what is to be deployed is the export that was approved; raises Refused."""
    subject = body.get("subject", {})
    if digest(canonical(subject)) != body.get("digest") or subject.get("bundle") != bundle_id:
        raise Refused("An entry of the ledger says two things of what it is about: run `govern-mirror audit --all`")
    approved = subject.get("exported_on")
    exported_on = at(package, "exportManifest", "exportUserInfo", "exportedOn")
    exported_on = package.get("exportedOn") if exported_on is None else exported_on
    if exported_on is not None:
        if approved is None or milliseconds(exported_on) != approved:
            raise Refused(f"The published bundle {bundle_id} is another export than the approved one: publish that")
        return
    bundles = hub.client._perform_json("GET", f"/projects/{project_key}/bundles/exported")["bundles"]
    exported = [milliseconds(at(b, "exportManifest", "exportUserInfo", "exportedOn")) for b in bundles
                if b.get("bundleId") == bundle_id]  # fmt: skip
    if exported != [approved]:
        raise Refused(
            f"The bundle {bundle_id} was exported again, or deleted, since it was approved, so that nobody can say "
            "what was published: ask for its review again"
        )
    published = milliseconds(package.get("publishedOn"))
    if published is None or approved is None or published < approved:
        raise Refused(f"The bundle {bundle_id} was published before the approved export: publish it again")
    if project_key not in hub.sources_of(published_key):
        raise Refused(
            f"The hub does not list {project_key} as a source of the published project {published_key}: a manager adds "
            "it under `published`"
        )


def standing_of(hub, entries):
    """Return where an item's review stands, what Govern says of it, and whether an approval there counts."""
    state, govern, counts = state_of(entries, "review"), NOTHING_SAID, False
    if any(entry["kind"] == "govern" for entry in entries):
        configured = hub.configuration()
        node = configured.get("govern_node") or {}
        counts = configured.get("switches", {}).get("govern_approvals") is True
        govern = govern_of(entries, "review", node.get("id"))
    return state, govern, counts


def require_models(hub, models, now):
    """Require that the models that had to be approved with a bundle still are; raises Refused."""
    if not models:
        return
    for address, stamp in models.items():
        state, govern, counts = standing_of(hub, hub.entries(address, now))
        approved = [approval["body"].get("digest") for _, approval in approvals_of(state, govern, counts)]
        if not stamp or stamp not in approved:
            status = state["status"].replace("_", " ").lower()
            raise Refused(f"The bundle holds a model that is not approved any more: {address} ({status})")


def at(value, *path):
    """Return what stands at a path of keys; None when nothing does."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def milliseconds(stamp):
    """Return a time of DSS, which is epoch milliseconds or ISO 8601, as milliseconds; None when it is neither."""
    if isinstance(stamp, (int, float)) and not isinstance(stamp, bool):
        return int(stamp)
    if not isinstance(stamp, str):
        return None
    try:
        form = "%Y-%m-%dT%H:%M:%S.%f%z" if "." in stamp else "%Y-%m-%dT%H:%M:%S%z"
        instant = datetime.strptime(stamp.replace("Z", "+0000"), form)
    except ValueError:
        return None
    return (instant - datetime(1970, 1, 1, tzinfo=timezone.utc)) // timedelta(milliseconds=1)


def connect(node):
    """Return a client of a design node, which waits for no answer for ever."""
    import dataikuapi

    client = dataikuapi.DSSClient(node["url"].rstrip("/"), api_key=node["api_key"])
    client._session.request = functools.partial(client._session.request, timeout=TIMEOUT)
    if node.get("check_certificate") is False:
        client._session.verify = False
    return client


# the hub's ledger -----------------------------------------------------------------------------------------------


class Hub:
    """The hub of a design node, read."""

    def __init__(self, client, project_key):
        self.client = client
        self.base = f"/projects/{project_key}"
        folder = at(client._perform_json("GET", self.base + "/metadata"), "customFields", "govern_hub")
        folders = client._perform_json("GET", self.base + "/managedfolders/")
        ids = [item["id"] for item in folders if item.get("name") == "govern"]
        if not folder or ids != [folder]:
            raise Refused(f"{project_key} is no hub, or not as it was set up: run `govern-mirror hub check`")
        self.folder = client.get_project(project_key).get_managed_folder(folder)
        self.paths = [item["path"].strip("/") for item in self.folder.list_contents()["items"]]

    def entries(self, address, now):
        """Return the entries of an item, verified; raises Refused."""
        prefix = f"ledger/{digest(address)}-"
        entries = [self.entry(path) for path in self.paths if path.startswith(prefix)]
        require_whole(entries, address, now)
        return entries

    def entry(self, path):
        """Return one entry, which must be what its name says; raises Refused."""
        content = self.content(path)
        entry = json.loads(content)
        identifier = digest(content)
        if (
            content != canonical(entry)
            or entry.get("format") != 1
            or path != "ledger/{}-{}.json".format(digest(entry["item"]), identifier)
        ):
            raise Refused("An entry of the ledger is not as it was written: run `govern-mirror audit --all`")
        return dict(entry, id=identifier)

    def sources_of(self, published_key):
        """Return the source projects that the hub lists for a published project."""
        return self.configuration().get("published", {}).get(published_key, [])

    def configuration(self):
        """Return the configuration in force, which must be the one that the ledger tells of; raises Refused."""
        document = json.loads(self.content("configuration.json"))
        entry = self.entry("ledger/{}-{}.json".format(digest("hub"), document["entry"]))
        if entry["kind"] != "configuration" or entry["body"].get("configuration") != document["configuration"]:
            raise Refused("The hub's configuration is not the one that its ledger tells of")
        return document["configuration"]

    def content(self, path):
        """Return a file of the hub."""
        return self.folder.get_file(path).content.decode("utf-8")


def canonical(document):
    """Return JSON in the one form that is hashed."""
    return json.dumps(document, sort_keys=True, ensure_ascii=True, separators=(",", ":"))


def digest(text):
    """Return 128 bits over a text, in hexadecimal."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def moment(text):
    """Return a time of the ledger in seconds since 1970."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc).timestamp()


def require_whole(entries, address, now):
    """Require that an item's entries are those that were written, as `govern_mirror.hub.ledger.audit` does."""
    times = {entry["id"]: moment(entry["at"]) for entry in entries}
    first = min((times[entry["id"]] for entry in entries if not entry["parents"]), default=None)
    whole = all(entry["item"] == address for entry in entries)
    for entry in entries:
        at = times[entry["id"]]
        earlier = [times.get(parent) for parent in entry["parents"]]
        late = not earlier and at > first + CLOCK_SKEW
        if late or at > now.timestamp() + CLOCK_SKEW or any(t is None or t > at + CLOCK_SKEW for t in earlier):
            whole = False
    whole = whole and all(is_readable(entry) for entry in entries)
    if not whole or any(state_of(entries, step)["refused"] for step in {entry["step"] for entry in entries}):
        raise Refused(f"The ledger of {address} is not whole: run `govern-mirror audit {address}`")


def is_readable(entry):
    """Tell whether an entry is of its kind, as `govern_mirror.hub.ledger` reads them."""
    body, step = entry["body"], entry["step"]
    readers = {"signoff": is_of_signoff, "govern": is_of_govern, "attestation": is_attestation}
    if entry["kind"] not in (*readers, "emergency", "configuration"):
        return False
    shaped = isinstance(body, dict) and isinstance(entry["by"], str) and (step is None or isinstance(step, str))
    return shaped and readers.get(entry["kind"], bool)(entry)


def is_of_signoff(entry):
    """Tell whether an entry holds one thing that somebody did in a sign-off."""
    body = entry["body"]
    delegation = body.get("delegation")
    handed_over = True
    if delegation:
        until = delegation.get("until") if isinstance(delegation, dict) else None
        handed_over = isinstance(delegation, dict) and delegation.get("role") in ROLES
        handed_over = handed_over and all(isinstance(delegation.get(name), str) for name in ("of", "to"))
        handed_over = handed_over and (not until or is_moment(until))
    reviewers = body.get("reviewers", {})
    return (
        isinstance(entry["step"], str)
        and isinstance(body.get("act"), str)
        and body["act"] in MOVES
        and body.get("role") in ROLES
        and ("feedback" not in body or body["feedback"] in ("approved", "minor_issue", "major_issue"))
        and handed_over
        and all(body.get(name) is None or isinstance(body[name], str) for name in ("on_behalf_of", "comment"))
        and all(isinstance(body.get(name, {}), dict) for name in ("subject", "values"))
        and isinstance(body.get("digest", ""), str)
        and isinstance(reviewers, dict)
        and all(are_texts(names) for names in reviewers.values())
        and are_texts(body.get("groups", []))
        and isinstance(body.get("barred", {}), dict)
        and are_texts(list(body.get("barred", {}).values()))
    )


def is_attestation(entry):
    """Tell whether an entry holds that somebody vouched for a decision who may."""
    body, by = entry["body"], entry["by"]
    digests, role, reviewers, groups = (body.get(n) for n in ("attested", "role", "reviewers", "groups"))
    if not isinstance(digests, dict) or not digests or not are_texts(list(digests.values())):
        return False
    if type(body.get("last_event")) is not int or not isinstance(body.get("last_hash", ""), str):
        return False
    if role not in ("final_approvers", "managers") or not isinstance(reviewers, dict):
        return False
    if not are_texts(reviewers.get(role, [])) or ("groups" in body and not are_texts(groups)):
        return False
    return bool(by) and not by.startswith("api:") and is_reviewer(body, by, role)


def are_texts(value):
    """Tell whether something is a list of texts."""
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def is_moment(text):
    """Tell whether something is a time of the ledger."""
    try:
        return isinstance(text, str) and moment(text) is not None
    except ValueError:
        return False


def ordered(entries):
    """Return entries, each after those that it saw; else by time; raises Refused for a circle."""
    by_id = {entry["id"]: entry for entry in entries}
    waiting = {entry["id"]: set(entry["parents"]) & set(by_id) for entry in entries}
    children = {}
    for identifier, parents in waiting.items():
        for parent in parents:
            children.setdefault(parent, []).append(identifier)
    ready = [(moment(entry["at"]), entry["id"]) for entry in entries if not waiting[entry["id"]]]
    heapq.heapify(ready)
    order = []
    while ready:
        _, identifier = heapq.heappop(ready)
        order.append(by_id[identifier])
        for child in children.get(identifier, ()):
            waiting[child].discard(identifier)
            if not waiting[child]:
                heapq.heappush(ready, (moment(by_id[child]["at"]), child))
    if len(order) < len(entries):
        raise Refused("The entries of the ledger see each other in a circle")
    return order


def state_of(entries, step):
    """Return the state of a step's sign-off, as `govern_mirror.model.signoff.signoff_of` computes it."""
    state = {"status": "NOT_STARTED", "before": None, "digest": "", "requesters": [], "verdict": None,
             "delegations": [], "request": 0, "effective": 0, "refused": []}  # fmt: skip
    bits, masks = {}, {}
    for position, entry in enumerate(ordered(entries)):
        bits[entry["id"]], mask = 1 << position, 0
        for parent in entry["parents"]:
            mask |= masks.get(parent, 0) | bits.get(parent, 0)
        masks[entry["id"]] = mask
        if entry["kind"] == "signoff" and entry["step"] == step:
            apply(state, entry, mask, bits)
    return state


def apply(state, entry, mask, bits):
    """Let an entry count in the state that it meets, if it may."""
    act, body, verdict = entry["body"]["act"], entry["body"], state["verdict"]
    origins, target = MOVES[act]
    requests = act in ("request_feedback", "request_approval")
    outweighs = act in ("reject", "abandon") and state["status"] == "APPROVED" and not mask & bits[verdict["id"]]
    if state["status"] not in origins and not outweighs:
        if requests and state["status"] in OPEN:
            ask(state, entry["by"])
        return
    if act in ("approve", "feedback", "delegate") and state["request"] & ~mask:
        return
    if fault_of(state, entry):
        if not state["effective"] & ~mask:
            state["refused"].append(entry["id"])
        return
    state["effective"] |= bits[entry["id"]]
    if requests:
        if state["status"] == "NOT_STARTED":
            state.update(requesters=[], request=bits[entry["id"]])
        ask(state, entry["by"])
        state.update(digest=body.get("digest", ""), verdict=None)
    elif act == "delegate":
        state["delegations"].append(dict(body["delegation"], by=entry["by"]))
    elif act == "cancel":
        state.update(status=state["before"] or "WAITING_FOR_FEEDBACK", verdict=None)
        return
    elif act == "reset":
        state.update(verdict=None, requesters=[], request=0, digest="", delegations=[])
    if act in ("approve", "reject", "abandon"):
        state.update(verdict=entry, before=state["before"] if outweighs else state["status"])
    state["status"] = target or state["status"]


def ask(state, login):
    """Note who asks for the review: the final approvers whom they chose for others do not count then."""
    state["requesters"].append(login)
    state["delegations"] = [
        delegation
        for delegation in state["delegations"]
        if delegation["role"] != "final_approvers" or delegation["by"] != login or delegation["of"] == login
    ]


def fault_of(state, entry):
    """Tell whether an entry must not count, though the ledger holds it."""
    body, by = entry["body"], entry["by"]
    act, role, whose = body["act"], body["role"], body.get("on_behalf_of")
    barred = set(body.get("barred", {})) | set(state["requesters"])
    if act == "approve":
        is_other = body.get("digest", "") != state["digest"]
        if is_other or role != "final_approvers" or by in barred or (whose is not None and whose in barred):
            return True
    if act == "feedback" and role not in ("it_operations", "risk_compliance", "business"):
        return True
    if act == "delegate":
        delegation = body.get("delegation")
        if not delegation or not is_reviewer(body, delegation["of"], delegation["role"]):
            return True
        if role != "managers":
            return delegation["of"] != by
        return delegation["to"] == by or (delegation["role"] == "final_approvers" and by in barred)
    if act in ("approve", "reject", "feedback"):
        if whose is None:
            return not is_reviewer(body, by, role)
        if any(serves(delegation, entry) for delegation in state["delegations"]):
            return False
        deputy = body.get("delegation")
        return not (deputy and serves(deputy, entry) and is_reviewer(body, deputy["of"], deputy["role"]))
    return False


def is_reviewer(body, login, role):
    """Tell whether an entry's list of reviewers names somebody, by login or by group."""
    names = body.get("reviewers", {}).get(role, ())
    return "user:" + login in names or any("group:" + group in names for group in body.get("groups", ()))


def serves(delegation, entry):
    """Tell whether an entry's author acts by a delegation."""
    body, until = entry["body"], delegation.get("until")
    parts = (delegation["role"], delegation["of"], delegation["to"])
    acts = parts == (body["role"], body.get("on_behalf_of"), entry["by"])
    return acts and (until is None or moment(entry["at"]) < moment(until))


def emergencies_of(entries, infrastructure, now):
    """Return the emergencies that let an item pass on an infrastructure now."""
    passing = []
    for entry in entries:
        body = entry["body"]
        if entry["kind"] != "emergency" or body.get("infrastructure") != infrastructure:
            continue
        if moment(entry["at"]) - CLOCK_SKEW <= now.timestamp() < moment(body["until"]):
            passing.append(entry)
    return passing


def require_unused(deployer, settings, deployments, emergency):
    """Require that nothing of the project was deployed on the infrastructure since an emergency; raises Refused.

    The Deployer names no bundle beside an update, so another bundle uses an emergency up as well; one that failed uses
    up none. Returns whether the Deployer tells at all: it lists its updates from DSS 14.1 on.
    """
    granted, ticket = moment(emergency["at"]) * 1000, emergency["body"]["ticket"]
    for deployment in deployments:
        if deployment["infraId"] != settings["infraId"]:
            continue
        updates = updates_of(deployer, deployment["id"])
        if updates is None:
            return False
        last = max((milliseconds(update["startTimestamp"]) for update in updates), default=None)
        for update in updates:
            start, status = milliseconds(update["startTimestamp"]), update["status"]
            # the one that asks is the last; what goes on elsewhere may succeed
            asks = deployment["id"] == settings["id"] and start == last
            if start >= granted and (status in SUCCEEDED or (status != "ERROR" and not asks)):
                at = datetime.fromtimestamp(start / 1000, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
                raise Refused(f"The emergency {ticket} was used by the deployment of {at}: ask for the review, or for "
                              "another emergency")  # fmt: skip
    return True


def updates_of(deployer, deployment_id):
    """Return the updates of a deployment; None where the Deployer's version does not tell them."""
    deployment = deployer.get_projectdeployer().get_deployment(deployment_id)
    # the client is that of the Deployer's own version
    if not hasattr(deployment, "list_updates"):
        return None
    return [update.get_raw() for update in deployment.list_updates()]


# what Govern says, as `govern_mirror.model.govern_signoff` computes it --------------------------------------------


def is_of_govern(entry):
    """Tell whether an entry holds what Govern answered, and one thing only of what it is about."""
    body = entry["body"]
    subject, status, read_at = body.get("subject", {}), body.get("status"), body.get("read_at")
    texts = (entry["step"], body.get("node"), body.get("artifact"))
    others = [body[name] for name in ("fault", "approved_by", "comment") if body.get(name) is not None]
    valid = status is None or status == "NOT_STARTED" or status == "APPROVED" or status in OPEN or status in REFUSALS
    stamped = digest(canonical(subject)) if subject else ""
    approvers, barred, notes = body.get("approvers"), body.get("barred", {}), body.get("said", [])
    people = (
        (approvers is None or are_texts(approvers)) and isinstance(barred, dict) and are_texts(list(barred.values()))
    )
    shaped = (
        people and isinstance(subject, dict) and isinstance(notes, list) and all(isinstance(o, dict) for o in notes)
    )
    shaped = shaped and (read_at is None or is_moment(read_at)) and are_texts(others)
    return all(isinstance(text, str) for text in texts) and valid and shaped and body.get("digest", "") == stamped


def govern_of(entries, step, node):
    """Return whether Govern refuses an item, and the digest of what it approves, with the entry that says so."""
    log, covers, anchors, refused, doubts, latest = [], [], [], [], [], {}
    for entry in ordered(entries):
        body, mask, covered = entry["body"], 0, 0
        for parent in entry["parents"]:
            mask |= latest.get(parent, 0)
        for position in positions(mask):
            covered |= covers[position]
        before = [position for position in positions(mask) if not covered >> position & 1]
        latest[entry["id"]] = sum(1 << position for position in before)
        if entry["kind"] != "govern" or entry["step"] != step or body["node"] != node:
            continue
        status, stamp = body.get("status"), body.get("digest", "")
        same = before and all(anchors[p] == stamp and log[p]["body"]["artifact"] == body["artifact"] for p in before)
        anchors.append(stamp if same or status not in (None, "APPROVED") else "")
        refused.append(status in REFUSALS or (status is None and any(refused[p] for p in before)))
        earlier = status in (None, "APPROVED") and any(doubts[p] for p in before)
        doubts.append(earlier or (status is not None and not all_may(body)))
        covers.append(mask | covered)
        latest[entry["id"]] = 1 << len(log)
        log.append(entry)
    covered = 0
    for mask in covers:
        covered |= mask
    last = [position for position in range(len(log)) if not covered >> position & 1]
    approved = [p for p in last if log[p]["body"].get("status") == "APPROVED" and anchors[p]]
    good = [p for p in approved if may_count(log[p]["body"], doubts[p])]
    digests = {anchors[position] for position in good}
    counts = last and good == last and len(digests) == 1 and not any(refused[position] for position in last)
    last_entry = log[last[-1]] if last else None
    any_refused = any(refused[position] for position in last)
    return {"refused": any_refused, "digest": digests.pop() if counts else "", "said": last_entry}


def positions(bits):
    """Yield the positions of the bits of a number."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def all_may(body):
    """Tell whether everybody who may approve in Govern may approve the item."""
    return bool(body.get("approvers")) and not any(login in body.get("barred", {}) for login in body["approvers"])


def may_count(body, doubt):
    """Tell whether an approval in Govern may count for who gave it, or, where that is not told, could have."""
    by = body.get("approved_by")
    return not doubt if by is None else by not in body.get("barred", {})


def approvals_of(state, govern, counts):
    """Return the approvals that stand, each with where it was given: a refusal on either side outweighs both."""
    if state["status"] in REFUSALS or govern["refused"]:
        return []
    approvals = [("hub", state["verdict"])] if state["status"] == "APPROVED" else []
    return approvals + ([("govern", govern["said"])] if counts and govern["digest"] else [])
