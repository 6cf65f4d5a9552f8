"""The governed-projects report: rows, summary and filters, and one module for each format."""
