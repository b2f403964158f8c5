-- Makes wrk print its result once more, for a program to read, ask for another row each time where the
-- URL asks for one by its key, and send the order where it is to be placed.

local ITEMS = 10000

if wrk.path:find("^/db%?id=") then
  local requests = {}

  function init()
    for id = 1, ITEMS do requests[id] = wrk.format("GET", "/db?id=" .. id) end
  end

  function request()
    return requests[math.random(ITEMS)]
  end
end

if wrk.path == "/order" then
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
  wrk.body = '{"customer":"Ada","mail":"ada@example.org","lines":[{"article":"nut","quantity":3},{"article":"bolt","quantity":4}]}'
end

function done(summary, latency, requests)
  local e = summary.errors
  local failed = e.connect + e.read + e.write + e.status + e.timeout
  print(string.format("RESULT %d %d %d %d %d",
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), failed))
end
