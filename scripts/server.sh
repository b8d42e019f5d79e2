# The server that `make up` runs. Sourced by the scripts beside it, which run in the project's folder.
# shellcheck shell=bash

# Everything that `make up` leaves behind is in here.
home=.up
pid_file=$home/pid
log=$home/hearthline.log
program=target/debug/hearthline

# get PORT PATH: the status code of a GET on loopback; nothing if nobody answers within a second or so.
# Bash speaks TCP itself, so that a fresh machine needs no HTTP client.
get() {
    local line
    exec 3<>"/dev/tcp/127.0.0.1/$1" || return
    printf 'GET %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nConnection: close\r\n\r\n' "$2" "$1" >&3
    IFS= read -r -t 2 line <&3
    exec 3>&-
    set -- $line
    printf '%s' "${2:-}"
} 2>/dev/null

# Whether anybody listens there.
taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# our_server: sets pid and port if the server that we started still runs. A process id can be reused
# by a stranger, so its command line must be ours as well.
our_server() {
    read -r pid port <"$pid_file" && kill -0 "$pid" || return
    case "$(command_line "$pid")" in *"$program"*"serve"*":$port"*) ;; *) return 1 ;; esac
} 2>/dev/null

command_line() {
    if [ -r "/proc/$1/cmdline" ]; then tr '\0' ' ' <"/proc/$1/cmdline"; else ps -o command= -p "$1"; fi
}
