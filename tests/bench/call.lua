-- One tools/call per request: bodies and header lines stand in the files of $BENCH_FOLDER.
local folder = os.getenv("BENCH_FOLDER")
local bodies = {}
for line in io.lines(folder .. "/bodies") do bodies[#bodies + 1] = line end
local headers = {
  ["Content-Type"] = "application/json",
  ["Accept"] = "application/json, text/event-stream",
}
for line in io.lines(folder .. "/headers") do
  local name, value = line:match("^(.-): (.*)$")
  headers[name] = value
end
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
