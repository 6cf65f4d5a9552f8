"""What the mail about a run that did not succeed says."""

FAILED_SUBJECT = "${scenarioName}: ${outcome}"
FAILED_MESSAGE = """\
The scenario ${scenarioName} of project ${scenarioProjectKey} ended with ${outcome}.

Step that failed: ${firstFailedStepName!"the one marked below"}
Error: ${errorMessage!"see the log of the run, on the scenario's page"}

Steps of govern-mirror (not run: the scenario stopped before, or does without it)
- sync with Govern (govern_mirror_sync): ${stepOutcome_govern_mirror_sync!"not run"}
- build the datasets (govern_mirror_build): ${stepOutcome_govern_mirror_build!"not run"}
- report: publish and mail (govern_mirror_report): ${stepOutcome_govern_mirror_report!"not run"}
"""
"""FreeMarker; a mail that names a variable DSS does not have is not sent at all, so those not known for sure carry a
default (`!`)."""
