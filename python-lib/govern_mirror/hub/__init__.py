"""The hub: the project in which approvals are kept, which nobody but the plugin's own code needs to write."""
