"""Asks once by the Python SDK for each address given, all at the same time; prints the answers as JSON."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor

import anthropic


def ask(job):
    client = anthropic.Anthropic(
        api_key="sk-ant-test",
        base_url=job["url"],
        max_retries=5,
        timeout=anthropic.Timeout(60.0, read=5.0, write=10.0, connect=2.0),
    )
    try:
        if job["stream"]:
            with client.messages.stream(**job["request"]) as stream:
                message = stream.get_final_message()
        else:
            message = client.messages.create(**job["request"])
        return {"text": message.content[0].text, "stop_reason": message.stop_reason}
    except Exception as error:
        return {"error": repr(error)}


jobs = json.loads(sys.argv[1])
with ThreadPoolExecutor(len(jobs)) as pool:
    print(json.dumps(list(pool.map(ask, jobs))))
