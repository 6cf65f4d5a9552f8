"""YAML, CSV and XLSX files ↔ a plan: what a file wants projects to be, read and written in one room."""
