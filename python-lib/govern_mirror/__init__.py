"""Dataiku Govern project workflow, for any Dataiku DSS instance."""
