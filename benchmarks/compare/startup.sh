# What a start takes, for compare.sh; uses its start_server, stop_server, port, pid, work and csv.

# From the start of the process to the first answer, and the resident memory three seconds after it: with a heap that
# grows as it must, which compare.sh's other flags would hide.
measure_startup() { # round name
    local round=$1 name=$2 began answered JVM_FLAGS=("-Xmx$heap")
    stop_server "$name"
    sleep 1
    await_quiet
    began=$EPOCHREALTIME
    checking=no
    start_server "$name"
    checking=yes
    answered=$EPOCHREALTIME
    sleep 3
    awk -v head="startup,$round,$name" -v began="$began" -v answered="$answered" -v rss="$(rss "$name")" 'BEGIN {
            printf "%s,,,,%d,,,,,,,%d\n", head, (answered - began) * 1e6, rss }' | tee -a "$csv" | awk -F, '{
            printf "%-10s round %d  %-18s %8.2f s to the first answer, %.0f MB resident\n",
                $1, $2, $3, $7 / 1e6, $14 / 1048576 }' >&2
}
