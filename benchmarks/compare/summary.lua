-- Makes wrk print its result once more, for a program to read.
function done(summary, latency, requests)
  local e = summary.errors
  local failed = e.connect + e.read + e.write + e.status + e.timeout
  print(string.format("RESULT %d %d %d %d %d",
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), failed))
end
