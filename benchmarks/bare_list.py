"""The yardstick of the report: a script that only lists the projects with the client."""

import os

import dataikuapi

client = dataikuapi.DSSClient(os.environ["DKU_DSS_URL"], api_key=os.environ["DKU_API_KEY"])
print(len(client.list_projects()))
