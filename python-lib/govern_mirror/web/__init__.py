"""The live page's API and the page itself: an entry point, Flask. Inside DSS as a webapp, outside on loopback."""
