"""What stands in for DSS outside DSS: the sandbox, the plugin host, the descriptor checks, the zip build."""
