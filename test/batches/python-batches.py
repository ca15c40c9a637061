"""Lists, reads and deletes batches by the Python SDK; prints what it saw as JSON."""

import json
import sys

import anthropic

url, *ids = sys.argv[1:]
batches = anthropic.Anthropic(api_key="sk-ant-test", base_url=url, max_retries=0).messages.batches

seen = {
    "listed": [batch.id for batch in batches.list(limit=1)],
    "statuses": [batches.retrieve(id).processing_status for id in ids],
    "results": [
        {item.custom_id: item.result.message.content[0].text for item in batches.results(id)} for id in ids
    ],
    "deleted": [batches.delete(id).id for id in ids],
}
try:
    batches.retrieve(ids[1])
except anthropic.NotFoundError as error:
    seen["missing"] = error.status_code
print(json.dumps(seen))
