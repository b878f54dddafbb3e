"""The benchmark's tool on the official Python SDK: server.py stdio | server.py http."""
import socket
import sys

import uvicorn
from mcp.server.mcpserver import MCPServer
from pydantic import BaseModel

ROWS = 18


class Row(BaseModel):
    service: str
    region: str
    cost: float
    credits: float
    usage: int
    currency: str


class Answer(BaseModel):
    period: str
    rows: list[Row]


server = MCPServer("peer", log_level="ERROR")


@server.tool(description="What was spent, by service")
def get_costs(period: str, group_by: list[str]) -> Answer:
    return Answer(period=period, rows=[
        Row(service="Compute instances %02d" % i, region="europe-west-%02d" % i, cost=1234.25 + i, credits=-12.5 - i,
            usage=1000 + i, currency="EUR") for i in range(ROWS)])


if sys.argv[1] == "stdio":
    server.run("stdio")
else:
    listener = socket.create_server(("127.0.0.1", 0))
    print('{"message":"listening","url":"http://127.0.0.1:%d/mcp"}' % listener.getsockname()[1], file=sys.stderr,
          flush=True)
    app = server.streamable_http_app(json_response=True, stateless_http=True)
    config = uvicorn.Config(app, log_level="error", access_log=False, loop="uvloop", http="httptools")
    uvicorn.Server(config).run(sockets=[listener])
