"""Checking the plugin's descriptors, and building the zip that DSS installs."""
