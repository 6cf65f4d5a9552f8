"""From the export of a bundle to its deployment, as issue and docs tell it: everybody with their own key, one test."""

import json
from datetime import timedelta

from hub.conftest import V1, V2

from govern_mirror import clock

V3, V4 = "CHURN/bundle/v3", "CHURN/bundle/v4"


def test_a_bundle_from_its_export_to_its_deployment(bank, deployer, as_):
    def ok(login, *arguments):
        ended = as_(login, *arguments)
        assert ended.code == 0, (arguments, ended.out, ended.err)
        return ended.out

    def export(bundle):
        bank.bundles.export(bank.accounts.user("emil"), "CHURN", bundle)
        deployer.publish(bundle)

    def on(infrastructure, bundle):
        severity, message, deployed = deployer.deploy(infrastructure, bundle)
        assert deployed is (severity != "ERROR")
        return severity, message

    def hook(infrastructure, *hooks):
        settings = deployer.api.get_infra(infrastructure).get_settings()
        settings.get_raw()["preDeploymentHooks"] = list(hooks)
        settings.save()

    def checked():
        return " ".join(as_("admin", "hub", "check").out.split())

    # what `gate hook` prints goes into the infrastructures as it is
    printed = {"name": "approved", "enabled": True, "code": ok("admin", "gate", "hook")}
    for infrastructure in ("PROD", "TEST"):
        hook(infrastructure, printed)

    # exported, asked for, feedback, rejected
    deployer.publish("v1")
    ok("rita", "signoff", "request", V1, "--comment", "first release")
    ok("cleo", "signoff", "feedback", V1, "--status", "major_issue", "--comment", "scores are kept for ever")
    ok("rita", "signoff", "request", V1, "--final")
    ok("ana", "signoff", "reject", V1, "--comment", "see Cleo's issue")
    assert as_("rita", "signoff", "approve", V1).code == 1
    assert as_("admin", "gate", V1, "--signed-off").code == 3
    severity, message = on("PROD", "v1")
    assert severity == "ERROR" and "its sign-off is rejected" in message

    # a new bundle, approved and deployed
    export("v2")
    ok("rita", "signoff", "request", V2)
    ok("cleo", "signoff", "feedback", V2, "--status", "approved")
    ok("ben", "signoff", "feedback", V2, "--status", "minor_issue", "--comment", "say it in the notes")
    ok("ana", "signoff", "approve", V2, "--comment", "scores go after 90 days")
    assert as_("admin", "gate", V2, "--signed-off").code == 0
    assert on("PROD", "v2")[0] == "SUCCESS"
    assert "all 1 deployments that this key sees are of approved bundles" in checked()

    # one that nobody approved: refused where the policy is PREVENT, warned of where it is WARN
    export("v3")
    assert on("PROD", "v3")[0] == "ERROR"
    severity, message = on("TEST", "v3")
    assert severity == "WARNING" and "its sign-off is not started" in message

    # the hook is away for an hour: what went through is found, also after it is back
    hook("PROD")
    assert "PROD (is not there)" in checked()
    deployment = deployer.api.create_deployment("slipped", "CHURN", "PROD", "v3", "CHURN_SLIPPED")
    assert deployment.start_update().wait_for_result()["error"] is False
    hook("PROD", printed)
    assert on("PROD", "v3")[0] == "ERROR"
    assert "v3 on PROD is not approved: its sign-off is not started" in checked()

    # an emergency, for its bundle, on its infrastructure, in its time
    export("v4")
    emergency = ("--infra", "PROD", "--reason", "outage", "--ticket", "INC-7", "--hours", "2")
    bank.clock.set(clock.now() - timedelta(hours=3))
    ok("max", "signoff", "emergency", V4, *emergency)
    bank.clock.set(None)
    assert on("PROD", "v4")[0] == "ERROR", "that was over an hour ago"
    # the ledger knows no parts of a second, and v3 went through in this one
    bank.clock.set(clock.now() + timedelta(minutes=1))
    ok("max", "signoff", "emergency", V4, *emergency)
    assert on("PROD", "v3")[0] == "ERROR", "it is for another bundle"
    severity, message = on("PROD", "v4")
    assert severity == "WARNING" and "INC-7" in message
    severity, message = on("PROD", "v4")
    assert severity == "ERROR" and "INC-7 was used by the deployment of" in message, "it passes once"
    assert "v4 on PROD is not approved" in checked() and "and its review is due" in checked()

    # and all of it stands in the register, for who may only read
    assert ok("admin", "audit", "--all").startswith("Whole: ")
    told = json.loads(ok("admin", "reviews", "--all", "--format", "json"))["entries"]

    def acts(address):
        return [(entry["by"], entry["act"]) for entry in reversed(told) if entry["item"] == address]

    asked = [("rita", "request_feedback"), ("cleo", "feedback")]
    assert acts(V1) == [*asked, ("rita", "request_approval"), ("ana", "reject")]
    assert acts(V2) == [*asked, ("ben", "feedback"), ("ana", "approve")]
    assert acts(V3) == [] and acts(V4) == [("max", "emergency")] * 2
