"""Portfolios of projects for the sandbox: a believable small one, and as many as wanted."""
