#!/bin/bash
# Shows a cluster without a PBX: three NATS servers, three proxies and four simulated Asterisks on loopback. Installs what is
# missing, builds, starts all, says what to try, starts again what was killed, and stops all on Ctrl-C.
#
#   contrib/demo-cluster.sh [--check]
#     --check   see that an event of each Asterisk arrives at each node, also after one was killed; stop: exit code 0 if so
#   DEMO_PORTS=20000 contrib/demo-cluster.sh
#     the 16 ports from there on, in place of 1241-1243, 1251-1253, 14222-14224, 15041-15044 and 16222-16224
set -euo pipefail
source=$(cd "$(dirname "$0")/.." && pwd)
build=$source/build/release
folder=$source/build/demo-cluster
check=no
again_after=10 # seconds after which what was killed starts again

case ${1:-} in
'') ;;
--check) check=yes ;;
*)
    sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac

# shellcheck source=contrib/demo-functions.sh
. "$source/contrib/demo-functions.sh"

# Everything has a name: nats1 … nats3, pbx1 … pbx4, n1 … n3 (the proxies), and what they have besides: page1 … page3 of
# the proxies, route1 … route3 of the NATS servers.
programs=(nats1 nats2 nats3 pbx1 pbx2 pbx3 pbx4 n1 n2 n3)
listeners=("${programs[@]}" page1 page2 page3 route1 route2 route3)

# port_of NAME: where it listens. `ports`: the first port of each kind, less one.
if [ -n "${DEMO_PORTS:-}" ]; then
    if ! [[ $DEMO_PORTS =~ ^[1-9][0-9]{0,4}$ ]] || [ "$DEMO_PORTS" -gt 65520 ]; then
        die "DEMO_PORTS: expected a port from 1 to 65520; found $DEMO_PORTS"
    fi
    declare -A ports=([n]=$((DEMO_PORTS - 1)) [page]=$((DEMO_PORTS + 2)) [nats]=$((DEMO_PORTS + 5))
        [route]=$((DEMO_PORTS + 8)) [pbx]=$((DEMO_PORTS + 11)))
else
    declare -A ports=([n]=1240 [page]=1250 [nats]=14221 [route]=16221 [pbx]=15040)
fi
port_of() {
    echo $((${ports[${1%[0-9]}]} + ${1: -1}))
}

# The process id: a proxy that was taken over (SIGUSR2) has another one than was started here.
process_of() {
    cat "$folder/$1.pid" 2>/dev/null || echo 0
}

is_running() {
    local process
    process=$(process_of "$1")
    [ "$process" -gt 0 ] && kill -0 "$process" 2>/dev/null
}

start_program() {
    local name=$1 port
    port=$(port_of "$name")
    case $name in
    nats*)
        nats-server -c "$folder/$name.conf" >>"$folder/$name.log" 2>&1 &
        ;;
    pbx*)
        "$build/astmansim" --port "$port" --user proxy --secret proxysecret --seed "${name#pbx}" --calls 4 \
            >>"$folder/$name.log" 2>&1 &
        ;;
    n*)
        "$build/astmanproxy" -f -c "$folder/$name.yaml" >>"$folder/$name.log" 2>&1 &
        ;;
    esac
    echo $! >"$folder/$name.pid"
    disown $! # the shell shall not tell its end; a proxy may become another process
    wait_for "$port" $! "$folder/$name.log" "$name"
}

# Ends what was started here: proxies, then Asterisks, then NATS servers. What was stopped (kill -STOP) goes on for that.
stop() {
    trap - EXIT INT TERM HUP
    local i j process
    for ((i = ${#programs[@]} - 1; i >= 0; i--)); do
        process=$(process_of "${programs[i]}")
        if [ "$process" -eq 0 ] || ! kill "$process" 2>/dev/null; then
            continue
        fi
        # To no other: it would disturb a leak checker, which stops the program at its end.
        if grep -q '^State:[[:space:]]*T' "/proc/$process/status" 2>/dev/null; then
            kill -CONT "$process" 2>/dev/null || true
        fi
        for ((j = 0; j < 150; j++)); do
            kill -0 "$process" 2>/dev/null || break
            sleep 0.1
        done
    done
    rm -f "$folder"/*.pid
}

write_nats() {
    local name=$1 number=${1#nats} other routes=''
    for other in 1 2 3; do
        routes+="${routes:+, }nats://127.0.0.1:$(port_of route$other)"
    done
    {
        printf 'server_name: %s\nlisten: 127.0.0.1:%s\n' "$name" "$(port_of "$name")"
        printf 'cluster {\n  name: demo\n  listen: 127.0.0.1:%s\n' "$(port_of "route$number")"
        printf '  routes: [%s]\n}\n' "$routes"
    } >"$folder/$name.conf"
}

write_proxy() {
    local name=$1 number=${1#n} server
    {
        printf 'insecure_permissions: allow # only for demonstrations\n'
        printf 'listen:\n  - {address: 127.0.0.1, port: %s}\n' "$(port_of "$name")"
        printf '  - {address: 127.0.0.1, port: %s, input: http, output: json, reports: true}\n' \
            "$(port_of "page$number")"
        printf 'servers:\n'
        for server in pbx1 pbx2 pbx3 pbx4; do
            printf '  - {name: %s, host: 127.0.0.1, port: %s, username: proxy, secret: proxysecret}\n' $server \
                "$(port_of $server)"
        done
        printf 'users:\n  - {name: demo, secret: demo}\n  - {name: admin, secret: admin, admin: true}\n'
        # Each node prefers a NATS server of its own.
        printf 'cluster:\n  name: demo\n  node: %s\n  standby: 1\n  bus:\n' "$name"
        for server in 0 1 2; do
            printf '    - nats://127.0.0.1:%s\n' "$(port_of nats$(((number - 1 + server) % 3 + 1)))"
        done
        printf 'plugins:\n  path: "%s"\nscripts:\n  path: "%s"\n' "$build/plugins" "$source/lua"
        printf 'http:\n  document_root: "%s"\n' "$source/examples/dashboard"
        printf 'workers: 1\nlog:\n  to: stderr\nprocess:\n  pid_file: "%s"\n' "$folder/$name.pid"
        if [ "$(id -u)" -eq 0 ]; then
            printf '  user: nobody\n  group: nogroup\n' # it does not run as root
        fi
    } >"$folder/$name.yaml"
}

write_configs() {
    local name
    for name in nats1 nats2 nats3; do
        write_nats $name
    done
    for name in n1 n2 n3; do
        write_proxy $name
    done
}

start() {
    local name
    for name in "${listeners[@]}"; do
        if accepts "$(port_of "$name")"; then
            die "port $(port_of "$name") on 127.0.0.1, for $name, is taken"
        fi
    done
    trap stop EXIT
    trap 'exit 130' INT TERM HUP
    rm -f "$folder"/*.log "$folder"/*.pid
    for name in "${programs[@]}"; do
        start_program "$name"
    done
}

# Starts again what was killed, after a while in which one can watch.
serve() {
    local -A ended=()
    local name
    while :; do
        for name in "${programs[@]}"; do
            if is_running "$name"; then
                unset "ended[$name]"
            elif [ -z "${ended[$name]:-}" ]; then
                ended[$name]=$SECONDS
                echo "demo: $name has ended; it starts again in $again_after seconds"
            elif [ $((SECONDS - ended[$name])) -ge $again_after ]; then
                start_program "$name"
                echo "demo: $name has started again"
            fi
        done
        sleep 1 &
        wait $! || true # Ctrl-C ends this by the trap
    done
}

# hears_all NODE: does an event of each Asterisk arrive there?
hears_all() {
    local line server='' deadline=$((SECONDS + 30))
    local -A heard=()
    exec 3<>"/dev/tcp/127.0.0.1/$(port_of "$1")"
    printf 'Action: Login\r\nUsername: demo\r\nSecret: demo\r\n\r\n' >&3
    while [ $SECONDS -lt $deadline ] && [ ${#heard[@]} -lt 4 ] && IFS= read -r -t 30 line <&3; do
        line=${line%$'\r'}
        case $line in
        'Event: ServerUp' | 'Event: ServerDown' | 'Event: FullyBooted') server=none ;;
        'Server: '*) [ "$server" = none ] || heard[${line#Server: }]=yes ;;
        '') server='' ;;
        esac
    done
    exec 3>&-
    [ ${#heard[@]} -eq 4 ] || die "at $1 events of these servers arrived: ${!heard[*]}; its log is $folder/$1.log"
    echo "demo: $1 hears all four Asterisks"
}

check() {
    local name
    for name in n1 n2 n3; do
        hears_all $name
    done
    kill -9 "$(process_of n1)"
    echo "demo: n1 is killed"
    for name in n2 n3; do
        hears_all $name
    done
}

say_what_to_try() {
    cat <<TEXT

Three proxies, n1 to n3, share four simulated Asterisks, pbx1 to pbx4: each Asterisk has one owner, and one node in standby.

    ampctl() { $build/ampctl -c $folder/\$1.yaml "\${@:2}"; }
    ampctl n1 servers                  # all four, at each node
    ampctl n1 -u admin cluster         # the nodes, and who owns which Asterisk
    ampctl n2 tail Newchannel Hangup   # events of all four
    ampctl n3 send Action=CoreShowChannels Server=pbx2

In another terminal, while that tail runs:

    kill -9 \$(cat $folder/n1.pid)      # a proxy dies: n2 and n3 take its Asterisks over, and no event is lost
    kill -USR2 \$(cat $folder/n2.pid)   # a new process takes over, without a gap
    kill -9 \$(cat $folder/nats1.pid)   # a NATS server dies: its proxies go to another one
    kill -STOP \$(cat $folder/nats2.pid) # one hangs (kill -CONT: it goes on)
    kill -9 \$(cat $folder/pbx3.pid)    # an Asterisk dies: ServerDown at all nodes
    kill -9 \$(cat $folder/nats?.pid)   # without the bus each node serves alone, and connects to all four

What was killed starts again after $again_after seconds. Logs, configurations and process ids: $folder

    http://127.0.0.1:$(port_of page1)/ ($(port_of page2), $(port_of page3))   the live page of each node: user demo, secret demo (admin, admin)
    curl -s http://127.0.0.1:$(port_of page1)/metrics | grep bus

Ctrl-C stops all.
TEXT
}

mkdir -p "$folder"
build_programs nats-server
write_configs
start
if [ $check = yes ]; then
    check
    stop
    exit 0
fi
say_what_to_try
serve
