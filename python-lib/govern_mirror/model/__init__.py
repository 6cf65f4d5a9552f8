"""What is governed, as values: templates, workflow, values, events, changes and gate. Pure: no HTTP, no clock."""
