-- One tools/call per request: the body and header lines come from the environment.
wrk.method = "POST"
local bodies = {}
for line in io.lines(os.getenv("BENCH_BODIES")) do bodies[#bodies + 1] = line end
local headers = {
  ["Content-Type"] = "application/json",
  ["Accept"] = "application/json, text/event-stream",
  ["MCP-Protocol-Version"] = "2026-07-28",
  ["Mcp-Method"] = "tools/call",
  ["Mcp-Name"] = os.getenv("BENCH_TOOL"),
}
local requests, at = {}, 0
init = function()
  for i, body in ipairs(bodies) do requests[i] = wrk.format("POST", "/mcp", headers, body) end
end
request = function()
  at = at % #requests + 1
  return requests[at]
end
done = function(summary, latency)
  io.write(string.format("RESULT %d %d %d %d %d %d\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99),
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    summary.errors.status))
end
