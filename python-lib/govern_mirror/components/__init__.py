"""What stands behind the plugin's components in DSS: forms as DSS passes them in, result tables out."""
