"""A server on the official Python SDK: server.py (stdio), or server.py http, which prints its URL."""
import socket
import sys

import uvicorn
from mcp.server import MCPServer
from mcp.server.mcpserver import Context

server = MCPServer("python")


@server.tool()
async def add(a: int, b: int, ctx: Context) -> int:
    """Adds, slowly enough to report."""
    for step in (1, 2):
        await ctx.report_progress(step, 2, "step")
    return a + b


if sys.argv[1:] == ["http"]:
    listener = socket.create_server(("127.0.0.1", 0))
    print("http://127.0.0.1:%d/mcp" % listener.getsockname()[1], flush=True)
    uvicorn.Server(uvicorn.Config(server.streamable_http_app(), log_level="error")).run(sockets=[listener])
else:
    server.run("stdio")
