"""The official Python client asks one of our servers: client.py MODE URL | MODE PROGRAM ARGS..."""
import asyncio
import json
import sys

from mcp import Client, StdioServerParameters

MODES = {"modern": "2026-07-28"}


async def main(mode, target, *args):
    server = target if target.startswith("http") else StdioServerParameters(command=target, args=list(args))
    async with Client(server, mode=MODES.get(mode, mode)) as client:
        tools = await client.list_tools()
        result = await client.call_tool("get_costs", {"period": "last_month", "group_by": ["service"]})
        print(json.dumps({
            "revision": client.protocol_version,
            "tools": [tool.name for tool in tools.tools],
            "text": result.content[0].text,
            "data": result.structured_content,
        }))


asyncio.run(main(*sys.argv[1:]))
