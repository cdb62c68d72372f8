"""Answers questions about what an AWS endpoint holds, a line of JSON each.

The aws command would do, but takes half a second to start for every one.
"""

import json
import sys

import boto3
import jmespath

endpoint, region = sys.argv[1:]
clients = {}
for line in sys.stdin:
    service, call, arguments, query = json.loads(line)
    if service not in clients:
        clients[service] = boto3.client(
            service, endpoint_url=endpoint, region_name=region, aws_access_key_id="test", aws_secret_access_key="test"
        )
    try:
        answer = getattr(clients[service], call)(**arguments)
        reply = {"answer": jmespath.search(query, answer)}
    except Exception as error:
        reply = {"error": str(error)}
    print(json.dumps(reply, default=str), flush=True)
