from govern_mirror.web.webapp import setup

setup(app)  # noqa: F821 - DSS puts the Flask application here
