-- Sends the requests of a file, one a line: method, path, cookie, body, parted by tabs. Says how each was answered.
local lines, at, wanted = {}, 0, "200"
answered, refused, last = 0, 0, ""

local kept
function setup(thread)
  kept = thread
end

function init(args)
  for line in io.lines(args[1]) do lines[#lines + 1] = line end
  at, wanted = tonumber(args[2]), args[3]
  sent = at
end

function request()
  at = at + 1
  sent = at
  local method, path, cookie, body = lines[(at - 1) % #lines + 1]:match("^([^\t]*)\t([^\t]*)\t([^\t]*)\t(.*)$")
  -- Each request comes from an address of its own, as through a proxy: limits by address count for one visitor.
  local from = string.format("10.%d.%d.%d", math.floor(at / 65536) % 256, math.floor(at / 256) % 256, at % 256)
  local headers = {["Cookie"] = cookie, ["X-Forwarded-For"] = from}
  if method == "POST" then headers["Content-Type"] = "application/x-www-form-urlencoded" end
  return wrk.format(method, path, headers, body)
end

function response(status, headers, body)
  if tostring(status) == wanted then answered = answered + 1 else refused = refused + 1; last = tostring(status) end
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '\n{"answered": %d, "refused": %d, "last_refused": "%s", "broken": %d, "sent": %d, "seconds": %.4f, ' ..
    '"p50_ms": %.3f, "p95_ms": %.3f, "p99_ms": %.3f}\n',
    kept:get("answered"), kept:get("refused"), kept:get("last"),
    errors.connect + errors.read + errors.write + errors.timeout, kept:get("sent"), summary.duration / 1e6,
    latency:percentile(50) / 1000, latency:percentile(95) / 1000, latency:percentile(99) / 1000))
end
