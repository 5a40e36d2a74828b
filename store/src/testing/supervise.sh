# Usage: supervise.sh BINARIES PORT. Commands come in on standard input, one word a line: start,
# halt. Each is answered by one line: ok, or what went wrong. The end of the input ends it all.
binaries=$1 port=$2
folder=$(mktemp -d /tmp/tribunal-postgres.XXXXXX) || exit 1
server=
trap '' INT TERM

# PostgreSQL refuses to be run by root.
as_postgres=
[ "$(id -u)" = 0 ] && as_postgres='setpriv --reuid=postgres --regid=postgres --clear-groups'

halt() {
    [ -n "$server" ] && kill -QUIT "$server" && wait "$server"
    server=
    return 0
}

start() {
    # Nothing here must outlive a power cut, so nothing waits for the disk.
    $as_postgres "$binaries/postgres" -D "$folder/data" -p "$port" -c listen_addresses=127.0.0.1 \
        -c unix_socket_directories= -c fsync=off -c full_page_writes=off -c max_connections=200 \
        >>"$folder/log" 2>&1 </dev/null &
    server=$!
    for _ in $(seq 300); do
        "$binaries/pg_isready" -q -U postgres -h 127.0.0.1 -p "$port" && return 0
        kill -0 "$server" 2>/dev/null || break
        sleep 0.1
    done
    return 1
}

cd "$folder" || exit 1
[ -z "$as_postgres" ] || chown postgres "$folder"
if $as_postgres "$binaries/initdb" -D "$folder/data" -U postgres --auth=trust --no-sync \
    --encoding=UTF8 --locale=C >"$folder/log" 2>&1; then
    echo ok
else
    echo "initdb failed: $(tail -n 1 "$folder/log")"
fi

while read -r command; do
    if "$command"; then echo ok; else echo "$command failed: $(tail -n 1 "$folder/log")"; fi
done

halt
cd / && rm -rf "$folder"
