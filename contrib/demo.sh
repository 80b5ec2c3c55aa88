#!/bin/bash
# Shows astmanproxy without a PBX: installs what is missing, builds, starts the simulator and the proxy on loopback, says
# what to try, and stops both on Ctrl-C.
#
#   contrib/demo.sh [--check] [--installed]
#     --check       log in once, see that an event arrives, stop: exit code 0 if all went well
#     --installed   the installed proxy, with its own plugins, scripts and page; only the simulator is built
set -euo pipefail
source=$(cd "$(dirname "$0")/.." && pwd)
build=$source/build/release
folder=$source/build/demo
server_port=15038
proxy_port=1234
page_port=1235
programs=$build
ctl=$build/ampctl
page=$source/examples/dashboard
check=no
simulator=
proxy=
pause=

for option in "$@"; do
    case $option in
    --check) check=yes ;;
    --installed)
        programs=/usr/sbin
        ctl=ampctl
        page=/usr/share/astmanproxy/dashboard
        ;;
    *)
        sed -n '2,7s/^# \{0,1\}//p' "$0" >&2
        exit 2
        ;;
    esac
done

# shellcheck source=contrib/demo-functions.sh
. "$source/contrib/demo-functions.sh"

# Ends what was started here, the proxy first.
stop() {
    trap - EXIT INT TERM HUP
    local process
    for process in $proxy $simulator $pause; do
        if kill "$process" 2>/dev/null; then
            wait "$process" 2>/dev/null || true
        fi
    done
}

# The key of tokens, with which F5 keeps who is logged in to the page; nobody else may read it, as it makes logins.
write_token_files() {
    local token_folder=$folder/tokens
    rm -rf "$token_folder"
    (
        umask 077
        mkdir "$token_folder"
        head -c 32 /dev/urandom | od -An -vtx1 | tr -d ' \n' >"$token_folder/keys"
        echo >>"$token_folder/keys"
        : >"$token_folder/revoked"
    )
    if [ "$(id -u)" -eq 0 ]; then
        chown -R nobody:nogroup "$token_folder" # as whom the proxy runs
    fi
}

# The demo's configuration, with what depends on this machine.
write_config() {
    write_token_files
    cp "$source/config/demo.yaml" "$folder/demo.yaml"
    {
        printf '\nauth:\n  token_keys: "%s"\n  revoked: "%s"\n' "$folder/tokens/keys" "$folder/tokens/revoked"
        if [ "$programs" = "$build" ]; then
            printf '\nplugins:\n  path: "%s"\n' "$build/plugins"
            printf '\nscripts:\n  path: "%s"\n' "$source/lua"
        fi
        printf '\nhttp:\n  document_root: "%s"\n' "$page"
        if [ "$(id -u)" -eq 0 ]; then
            printf '\nprocess:\n  user: nobody\n  group: nogroup\n' # it does not run as root
        fi
    } >>"$folder/demo.yaml"
}

start_simulator() {
    "$build/astmansim" --port $server_port --user proxy --secret proxysecret --seed 1 --calls 6 \
        >>"$folder/simulator.log" 2>&1 &
    simulator=$!
    echo $simulator >"$folder/simulator.pid"
}

# Serves until the proxy ends. A simulator that was stopped, to see what clients are told, comes back.
serve() {
    while :; do
        wait -n "$simulator" "$proxy" || true # Ctrl-C ends this by the trap
        kill -0 "$proxy" 2>/dev/null || return 0
        echo "demo: the simulated Asterisk has ended; it starts again in 10 seconds"
        sleep 10 &
        pause=$!
        wait -n "$pause" "$proxy" || true
        kill "$pause" 2>/dev/null || true
        kill -0 "$proxy" 2>/dev/null || return 0
        start_simulator
    done
}

start() {
    local port
    for port in $server_port $proxy_port $page_port; do
        if accepts "$port"; then
            die "port $port on 127.0.0.1 is taken: the demo needs $server_port (simulator), $proxy_port and $page_port (proxy)"
        fi
    done
    trap stop EXIT
    trap 'exit 130' INT TERM HUP
    rm -f "$folder/simulator.log"
    start_simulator
    wait_for $server_port "$simulator" "$folder/simulator.log" "the simulator"
    "$programs/astmanproxy" -f -c "$folder/demo.yaml" >"$folder/proxy.log" 2>&1 &
    proxy=$!
    wait_for $proxy_port "$proxy" "$folder/proxy.log" "the proxy"
}

# Logs in and waits for an event of a call: --check.
check() {
    local line deadline=$((SECONDS + 30)) logged_in=no
    exec 3<>"/dev/tcp/127.0.0.1/$proxy_port"
    printf 'Action: Login\r\nUsername: demo\r\nSecret: demo\r\n\r\n' >&3
    while [ $SECONDS -lt $deadline ] && IFS= read -r -t 30 line <&3; do
        line=${line%$'\r'}
        case $line in
        'Response: Success') logged_in=yes ;;
        'Response: Error') die "the login was refused" ;;
        'Event: FullyBooted' | 'Event: ServerUp') ;;
        'Event: '*)
            [ $logged_in = yes ] || die "an event came before the login"
            exec 3>&-
            echo "demo: logged in, and received $line"
            check_http
            return
            ;;
        esac
    done
    cat "$folder/proxy.log" >&2
    die "no event arrived within 30 seconds (logged in: $logged_in); the proxy's log is above"
}

# The same port speaks HTTP: a Ping of the user demo, answered in JSON.
check_http() {
    local answer
    exec 3<>"/dev/tcp/127.0.0.1/$proxy_port"
    printf 'GET /?Action=Ping&format=json HTTP/1.0\r\nHost: 127.0.0.1:%s\r\nAuthorization: Basic ZGVtbzpkZW1v\r\n\r\n' \
        $proxy_port >&3
    answer=$(timeout 30 cat <&3) || die "HTTP was not answered"
    exec 3>&-
    case $answer in
    'HTTP/1.'?' 200 '*'"Ping":"Pong"'*) echo "demo: answered over HTTP, too" ;;
    *) die "HTTP was answered by: $answer" ;;
    esac
    exec 3<>"/dev/tcp/127.0.0.1/$page_port"
    printf 'GET / HTTP/1.0\r\nHost: 127.0.0.1:%s\r\n\r\n' $page_port >&3
    answer=$(timeout 30 cat <&3) || die "the live page was not served"
    exec 3>&-
    case $answer in
    'HTTP/1.'?' 200 '*'text/html'*'<title>astmanproxy</title>'*) echo "demo: the live page is served" ;;
    *) die "instead of the live page came: ${answer:0:500}" ;;
    esac
}

say_what_to_try() {
    cat <<TEXT

Open the live page: calls, queues and events as they happen

    http://127.0.0.1:$page_port/       user demo, secret demo (or admin, secret admin: sessions, too)

The proxy listens on 127.0.0.1:$proxy_port for AMI and scripts, on 127.0.0.1:$page_port for browsers; the simulated Asterisk behind it plays calls.
Its logs: $folder/proxy.log, $folder/simulator.log

In another terminal: log in, ask for the channels, watch the calls go by

    (printf 'Action: Login\r\nUsername: demo\r\nSecret: demo\r\n\r\nAction: CoreShowChannels\r\n\r\n'; cat) | nc 127.0.0.1 $proxy_port

(nc is in the package netcat-openbsd) or by hand (as many at once as you like: the simulator sees one connection)

    nc -C 127.0.0.1 $proxy_port
    Action: Login
    Username: demo
    Secret: demo
    (and an empty line)

The same port speaks HTTP, Server-Sent Events, WebSocket, JSON, XML and CSV to programs that say something at once:

    curl -u demo:demo 'http://127.0.0.1:$proxy_port/?Action=CoreShowChannels&format=json'
    curl -N -u demo:demo http://127.0.0.1:$proxy_port/events

What the proxy does, and its events as they happen:

    $ctl -c $folder/demo.yaml status
    $ctl -c $folder/demo.yaml tail Newchannel Hangup

The user wallboard (secret wallboard) sees calls through a Lua filter that leaves variables out: lua/filters/novar.lua

Ctrl-C stops both.
TEXT
}

mkdir -p "$folder"
if [ "$programs" = "$build" ]; then
    # shellcheck disable=SC2119 # no further packages
    build_programs
else
    build_simulator
fi
write_config
start
if [ $check = yes ]; then
    check
    stop
    exit 0
fi
say_what_to_try
serve
cat "$folder/proxy.log" >&2
die "the proxy ended by itself; its log is above"
