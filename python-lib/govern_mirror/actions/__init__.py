"""The use cases. Macros, recipes, the command line and the Python API call these and nothing below them."""
