"""The governed-projects report: rows, summary and filters, and one module a format behind one protocol."""
