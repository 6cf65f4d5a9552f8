"""The commands; their modules are imported only when one of them runs."""
