#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# ws2run with Wine prefixes: makes one, runs Windows and Linux programs with
# their exit codes, installs into a prefix twice, and leaves after uninstalling
# exactly what was there.  Skipped (77) without Wine, its modules or mingw.
#
# Environment: builddir (the top build directory), MINGW_CC, WINESERVER; srcdir.

set -eu

srcdir=$(readlink -f "${srcdir:-.}")
builddir=$(readlink -f "${builddir:-.}")
ws2run=$builddir/tools/ws2run
mingw=${MINGW_CC:-x86_64-w64-mingw32-gcc}
wine=$(sed -n "s/^ *wine=\${WINE:-'\(.*\)'}$/\1/p" "$ws2run")
wine=${WINE:-${wine:-wine}}
WINESERVER=${WINESERVER:-/usr/lib/wine/wineserver}

command -v "$wine" >/dev/null && command -v "$mingw" >/dev/null || exit 77
[ -e "$builddir/wine/x86_64-unix/ws2emu.dll.so" ] || exit 77

scratch=$(mktemp -d)
prefix=$scratch/prefix
existing=$scratch/existing
WINEDEBUG=-all
WS2EMU_DIR=$scratch/server
export WINEDEBUG WS2EMU_DIR
unset WINEPREFIX WINEDLLOVERRIDES WINEDLLPATH DISPLAY

. "$srcdir/tests/support/prefix.sh"
cleanup()
{
    end_prefix "$prefix"
    end_prefix "$existing"
    rm -rf "$scratch"
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM

n_failed=0
check()
{
    what=$1
    shift
    if "$@"; then
        echo "ok - $what"
    else
        echo "not ok - $what"
        n_failed=$((n_failed + 1))
    fi
}
equal()
{
    [ "$1" = "$2" ] || { echo "# <$1> is not <$2>"; return 1; }
}
# complains TEXT COMMAND...: it fails, and says so, with ws2run's name.
complains()
{
    text=$1
    shift
    ! "$@" >"$scratch/out" 2>&1 </dev/null && grep -q "^ws2run: .*$text" \
        "$scratch/out" || { sed 's/^/# /' "$scratch/out"; return 1; }
}
# status COMMAND...: its exit code, whatever it prints.
status()
{
    "$@" >/dev/null 2>&1 </dev/null && echo 0 || echo $?
}
# The path of the module that a program under Wine has as ws2emu, or none.
implementation()
{
    "$@" 2>/dev/null </dev/null | tr -d '\r'
}
# Everything in a prefix but what Wine itself writes whenever it runs.
listing()
{
    (cd "$1" && find . \( -name '*.reg' -o -name .update-timestamp \
        -o -path ./wineserver -o -path './dosdevices/*' \) -prune -o \
        \( -type f -o -type l \) -printf '%p %l %m %s %T@\n' | sort)
}
override()
{
    WINEPREFIX=$existing "$wine" reg query 'HKCU\Software\Wine\DllOverrides' \
        /v ws2_32 2>/dev/null </dev/null | tr -d '\r' |
        sed -n 's/^ *ws2_32 *REG_SZ *//p'
}

cat >"$scratch/program.c" <<'EOF'
#include <winsock2.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    WSADATA data;
    int error = WSAStartup(MAKEWORD(2, 2), &data);

    (void)argv;
    if (!error)
        WSACleanup();
    puts(GetModuleHandleA("ws2emu.dll") ? "ws2emu" : "builtin");
    return error ? 1 : 40 + argc;
}
EOF
"$mingw" -o "$scratch/program.exe" "$scratch/program.c" -lws2_32

# --- A program at a time ------------------------------------------------------

WINEPREFIX=$prefix
export WINEPREFIX
check 'a prefix is made once by two first programs' sh -c "
    '$ws2run' '$scratch/program.exe' >/dev/null 2>'$scratch/one' </dev/null &
    '$ws2run' '$scratch/program.exe' >/dev/null 2>'$scratch/two' </dev/null
    first=\$?; wait \$!; second=\$?
    [ \$first = 41 ] && [ \$second = 41 ] &&
    [ \$(cat '$scratch/one' '$scratch/two' | grep -c making) = 1 ]"
check 'exit code and arguments pass' \
    equal "$(status "$ws2run" "$scratch/program.exe" 'a b' c)" 43
check 'the program has ws2emu' \
    equal "$(implementation "$ws2run" "$scratch/program.exe")" ws2emu
check '--builtin: the program has the builtin' \
    equal "$(implementation "$ws2run" --builtin "$scratch/program.exe")" builtin
check 'the override stays with ws2run alone' \
    equal "$(implementation "$wine" "$scratch/program.exe")" builtin
check 'the prefix is Windows 10' sh -c "
    '$ws2run' cmd.exe /c ver </dev/null | grep -q 'Windows 10'"
check 'a Linux program finds the library' sh -c "
    '$ws2run' env | grep -q '^LD_LIBRARY_PATH=$builddir/.libs'"
check 'its exit code passes' equal "$(status "$ws2run" sh -c 'exit 9')" 9
check '--network is told to the program' sh -c "
    '$ws2run' --network=loopback env | grep -qx WS2EMU_NETWORK=loopback"
check 'no limit of the builtin' equal \
    "$(status "$ws2run" --network=loopback --builtin true)" 1
check 'another network' equal "$(status "$ws2run" --network=all true)" 1
check '--directory obeys WS2EMU_DIR' \
    equal "$("$ws2run" --directory)" "$WS2EMU_DIR"
check 'no builtin for a Linux program' \
    complains 'a Linux program' "$ws2run" --builtin true
check 'unknown option' equal "$(status "$ws2run" --nothing)" 1
check 'no program' equal "$(status "$ws2run")" 2
# The program's machine is at 4 behind the offset that 60 has.
cp "$scratch/program.exe" "$scratch/program32.exe"
machine=$(($(od -An -tu4 -j60 -N4 "$scratch/program.exe") + 4))
printf '\114\001' | dd of="$scratch/program32.exe" bs=1 seek=$machine \
    conv=notrunc status=none
check 'a 32-bit program' \
    complains 'a 32-bit program' "$ws2run" "$scratch/program32.exe"
check 'a program that is not there' \
    complains 'not found' "$ws2run" "$scratch/none.exe"
check 'a Linux program that is not there' \
    complains 'not found' "$ws2run" "$scratch/none"
check 'no server' complains 'ws2server is not there' \
    env WS2EMU_SERVER="$scratch/none" "$ws2run" "$scratch/program.exe"
check 'no server for a Linux program' complains 'ws2server is not there' \
    env WS2EMU_SERVER="$scratch/none" "$ws2run" true
check 'no Wine' complains 'not found; install Wine' \
    env WINE="$scratch/none" "$ws2run" "$scratch/program.exe"
check 'a directory of too long a name' complains 'too long' \
    env WS2EMU_DIR="/tmp/$(printf %90s | tr ' ' x)" "$ws2run" true
unset WINEPREFIX

check 'the runtime directory is the own one' equal "$(
    unset WS2EMU_DIR
    mkdir "$scratch/runtime"
    WINEPREFIX=$prefix XDG_RUNTIME_DIR=$scratch/runtime \
        "$ws2run" --directory | sed 's,-.*,,')" "$scratch/runtime/ws2emu"
check 'the runtime directory of somebody else' equal "$(
    unset WS2EMU_DIR
    WINEPREFIX=$prefix XDG_RUNTIME_DIR=$scratch/none \
        "$ws2run" --directory | sed 's,-.*-,-,')" "$(
    printf '/tmp/ws2emu-%x' "$(stat -c %i "$prefix")")"

# --- An existing prefix -------------------------------------------------------

WINEPREFIX=$existing WINEDLLOVERRIDES='mscoree,mshtml=' \
    "$wine" wineboot --init >/dev/null 2>&1 </dev/null
# Until the last of Wine's own processes has ended, files may still come.
WINEPREFIX=$existing timeout 60 "$WINESERVER" -w
listing "$existing" >"$scratch/before"

check '--install' equal "$(status "$ws2run" --install "$existing")" 0
check '--install again' equal "$(status "$ws2run" --install "$existing")" 0
check 'every program of the prefix has ws2emu' equal \
    "$(WINEPREFIX=$existing implementation "$wine" "$scratch/program.exe")" \
    ws2emu
check '--uninstall' equal "$(status "$ws2run" --uninstall "$existing")" 0
check '--uninstall again' equal "$(status "$ws2run" --uninstall "$existing")" 0
WINEPREFIX=$existing timeout 60 "$WINESERVER" -w
listing "$existing" >"$scratch/after"
check 'the files are as they were' diff "$scratch/before" "$scratch/after"
check 'the override is gone' equal "$(override)" ''
check 'the programs have the builtin again' equal \
    "$(WINEPREFIX=$existing implementation "$wine" "$scratch/program.exe")" \
    builtin

WINEPREFIX=$existing "$wine" reg add 'HKCU\Software\Wine\DllOverrides' \
    /v ws2_32 /d builtin /f >/dev/null 2>&1 </dev/null
check '--install over an override' \
    equal "$(status "$ws2run" --install "$existing")" 0
check 'the override is ours' equal "$(override)" native,builtin
check '--uninstall' equal "$(status "$ws2run" --uninstall "$existing")" 0
check 'the override is the old one' equal "$(override)" builtin

# --- What is there already, or half of it -------------------------------------

listing "$existing" >"$scratch/before"
mkdir "$existing/.ws2emu"
: >"$existing/.ws2emu/override"
WINEPREFIX=$existing "$wine" reg delete 'HKCU\Software\Wine\DllOverrides' \
    /v ws2_32 /f >/dev/null 2>&1 </dev/null
check '--uninstall of an --install that was ended at its start' \
    equal "$(status "$ws2run" --uninstall "$existing")" 0
listing "$existing" >"$scratch/after"
check 'the files are as they were' diff "$scratch/before" "$scratch/after"

system32=$existing/drive_c/windows/system32
echo "the program's own" >"$system32/ws2_32.dll"
listing "$existing" >"$scratch/before"
check '--install over a ws2_32.dll of others' \
    equal "$(status "$ws2run" --install "$existing")" 0
check '--uninstall' equal "$(status "$ws2run" --uninstall "$existing")" 0
listing "$existing" >"$scratch/after"
check 'the ws2_32.dll of others is back' diff "$scratch/before" "$scratch/after"

rm "$system32/ws2_32.dll"
listing "$existing" >"$scratch/before"
check '--install where no ws2_32.dll is' \
    equal "$(status "$ws2run" --install "$existing")" 0
echo 'an older version' >"$system32/ws2_32.dll"
check '--install over an older version' \
    equal "$(status "$ws2run" --install "$existing")" 0
check '--uninstall' equal "$(status "$ws2run" --uninstall "$existing")" 0
listing "$existing" >"$scratch/after"
check 'no ws2_32.dll is there again' diff "$scratch/before" "$scratch/after"

check '--install needs a folder that is there' complains \
    "$scratch/none/prefix: no Wine prefix" \
    "$ws2run" --install "$scratch/none/prefix"
check '--install needs a prefix' \
    equal "$(status "$ws2run" --install "$scratch")" 1

exit $((n_failed > 0))
