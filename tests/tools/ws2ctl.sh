#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# ws2ctl: its exit statuses, and what it shows of the sockets that
# tests/tools/hold holds.
#
# Environment: builddir (the top build directory), WS2EMU_SERVER.

set -eu

builddir=$(readlink -f "${builddir:-.}")
ws2ctl=$builddir/ws2ctl
scratch=$(mktemp -d)
WS2EMU_DIR=$scratch/state
export WS2EMU_DIR
holder=

clean_up()
{
    exec 3>&- || :
    [ -z "$holder" ] || wait "$holder" || :
    rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM

fail()
{
    echo "FAILED: $*"
    cat "$scratch/out" "$scratch/error" || :
    exit 1
}

# expect STATUS ARGUMENT...
expect()
{
    expected=$1 status=0
    shift
    "$ws2ctl" "$@" >"$scratch/out" 2>"$scratch/error" || status=$?
    [ $status -eq "$expected" ] ||
        fail "ws2ctl $*: exit status $status, not $expected"
}

# shows TEXT...: each is a line of the output, or part of one
shows()
{
    for text; do
        grep -qF -- "$text" "$scratch/out" || fail "not shown: $text"
    done
}

expect 0 --help
expect 0 --version
expect 2
expect 2 list more
expect 2 nonsense
expect 2 list --nonsense
expect 1 list
grep -q 'no ws2server runs' "$scratch/error" || fail "no message"
expect 1 list --json
expect 1 list --directory "$scratch/none"
expect 2 list --directory "$scratch" --prefix "$scratch"

mkfifo "$scratch/input" "$scratch/said"
"$builddir/tests/tools/hold" $$ <"$scratch/input" >"$scratch/said" &
holder=$!
exec 3>"$scratch/input"
said=
read -r said <"$scratch/said" || :
[ "$said" = ready ] || fail "hold: no sockets"

expect 0 list --json
shows '"kind": "tcp/ipv4"' '"program": "hold"' "\"pid\": $holder" '"FD_READ",' \
    '"FD_CLOSE"' '"target": "event"' "\"target_process_id\": $$" \
    '"duplicates": []' '"registration": null'
[ "$(grep -c '"cookie"' "$scratch/out")" -eq 2 ] || fail "not two sockets"
if command -v jq >/dev/null; then
    jq -e '
        (.sockets | length == 2) and
        (.sockets | map(.holders | length) == [1, 1]) and
        (.sockets | map(select(.registration)) | length == 1) and
        (.sockets[] | select(.registration) | .nonblocking and
            .registration.mask == 33 and .registration.pending == [] and
            .registration.socket == .holders[0].socket and
            (.duplicates | length == 1)) and
        (.clients | length == 1)' "$scratch/out" >/dev/null ||
        fail "other content"
fi
# Where the kernel tells the states.
if grep -q '"state": "LISTENING"' "$scratch/out"; then
    shows '"state": "ESTABLISHED"' '"local": "127.0.0.1:'
fi

expect 0 list
shows COOKIE tcp/ipv4 'FD_READ|FD_CLOSE' 'by WSAEventSelect' "$holder" hold \
    'Duplicates under way' \
    '2 sockets, 2 holders, 1 registration, 1 duplicate under way'

# The holder ends; the duplicate holds its socket.
exec 3>&-
wait "$holder" || fail "hold: exit status $?"
holder=
expect 0 list
shows '1 socket, 0 holders, 0 registrations, 1 duplicate under way'
