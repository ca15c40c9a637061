"""Talks with tools by the Python SDK until the model has no further call; prints the last text as JSON."""

import json
import sys

import anthropic

job = json.loads(sys.argv[1])
client = anthropic.Anthropic(api_key="sk-ant-test", base_url=job["url"], max_retries=0)
messages = [{"role": "user", "content": job["opening"]}]
for _ in range(job["turnsMax"]):
    request = {"model": job["model"], "max_tokens": 4000, "messages": messages, "tools": [job["tool"]]}
    with client.messages.stream(**request, thinking={"type": "adaptive"}) as stream:
        message = stream.get_final_message()
    messages.append({"role": "assistant", "content": message.content})
    calls = [block for block in message.content if block.type == "tool_use"]
    if not calls:
        print(json.dumps({"text": "".join(block.text for block in message.content if block.type == "text")}))
        break
    results = [
        {
            "type": "tool_result",
            "tool_use_id": call.id,
            "content": f"It rains in {call.input['city']} [turn {call.input['turn']}].",
        }
        for call in calls
    ]
    messages.append({"role": "user", "content": results})
