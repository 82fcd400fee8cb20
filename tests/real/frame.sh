# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What the programs of tests/real have in common; they source it.  It makes
#     $scratch   a folder that goes away at the end
#     $work      a folder of the build tree that stays, for what was got
# and a Wine prefix and a server of their own.  At the end come the server's
# tables, which must be empty, and everything that was started is ended.

set -u
name=$(basename "$0")
srcdir=$(readlink -f "${srcdir:-.}")
builddir=$(readlink -f "${builddir:-.}")
work=$builddir/tests/real/work/$name
mkdir -p "$work" || exit 1
scratch=$(mktemp -d) || exit 1
n_failed=0
n_checks=0
started=()

export WINEPREFIX=$scratch/prefix WS2EMU_DIR=$scratch/server
unset WINEDLLOVERRIDES WINEDLLPATH DISPLAY http_proxy HTTP_PROXY all_proxy
ws2run=$builddir/tools/ws2run
PATH=$PATH:/usr/sbin:/usr/lib/wine

skip()
{
    echo "skipped - $name: $*"
    exit 77
}

# check TEXT COMMAND...: one line of the result.
check()
{
    local what=$1
    shift
    n_checks=$((n_checks + 1))
    if "$@"; then
        echo "ok - $name: $what"
    else
        echo "not ok - $name: $what"
        n_failed=$((n_failed + 1))
    fi
}

equal()
{
    [ "$1" = "$2" ] || { echo "# <$1> is not <$2>"; return 1; }
}

# within SECONDS COMMAND...: a Windows program on ws2emu.
within()
{
    local seconds=$1
    shift
    timeout --kill-after=5 "$seconds" "$ws2run" "$@" </dev/null
}

# begin COMMAND...: in the background, until the end.  Its pid is $!.
begin()
{
    "$@" </dev/null >"$scratch/background.${#started[@]}" 2>&1 &
    started+=($!)
}

# answers PORT [HOST]: something accepts connections there.
answers()
{
    (exec 3<>"/dev/tcp/${2:-127.0.0.1}/$1") 2>/dev/null
}

# wait_for SECONDS COMMAND...: until the command succeeds.
wait_for()
{
    local until=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < until)) || return 1
        read -r -t 0.1 <> <(:) || :
    done
}

# free_port: prints a port where nothing answers.  (bash has no bind.)
free_port()
{
    local port
    while :; do
        port=$((RANDOM % 10000 + 20000))
        answers $port || break
    done
    echo $port
}

# debian_source PACKAGE: the upstream archive of Debian's source package, in
# $archive.  The lists of sources are our own: where the machine gets its
# packages from, but for their sources.  The first that has a version is taken,
# so security updates come last: their archive forgets what a release took over.
debian_source()
{
    archive=$(find "$work" -name "$1_*.orig.tar.*" ! -name '*.asc' | head -n 1)
    [ -z "$archive" ] || return 0
    type apt-get >/dev/null 2>&1 || skip "no apt-get here, for $1's source"
    local apt=$scratch/apt
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$work"
    local keys=/usr/share/keyrings/debian-archive-keyring.gpg
    [ -e $keys ] && keys="[signed-by=$keys]" || keys=
    apt-get indextargets --format \
        "deb-src $keys \$(REPO_URI) \$(RELEASE) \$(COMPONENT)" \
        'Created-By: Packages' 'Origin: Debian' 2>/dev/null |
        sort -u >"$apt/all"
    { grep -v security "$apt/all"; grep security "$apt/all"; } \
        >"$apt/sources.list"
    cat >"$apt/apt.conf" <<CONF
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::State::lists "$apt/lists";
Dir::Cache "$apt/cache";
APT::Sandbox::User "";
CONF
    # A missing signature file makes it fail after the archive is there.
    (
        export APT_CONFIG=$apt/apt.conf
        cd "$work" || exit
        timeout 120 apt-get -q update &&
            timeout 120 apt-get -q source --download-only "$1"
    ) >"$scratch/apt.log" 2>&1
    archive=$(find "$work" -name "$1_*.orig.tar.*" ! -name '*.asc' | head -n 1)
    [ -n "$archive" ] || skip "apt-get source $1 failed:" \
        "$(tail -n 1 "$scratch/apt.log")"
}

# npm_package NAME@VERSION: unpacked in $work/package.
npm_package()
{
    [ ! -e "$work/package/.complete" ] || return 0
    type npm >/dev/null 2>&1 || skip "no npm here, for $1"
    (
        cd "$scratch" &&
            timeout 200 npm pack --silent "$1" >"$scratch/npm.name" &&
            rm -rf "$work/package" &&
            tar -xzf "$(tail -n 1 "$scratch/npm.name")" -C "$work" &&
            touch "$work/package/.complete"
    ) >"$scratch/npm.log" 2>&1 ||
        skip "npm pack $1 failed: $(tail -n 1 "$scratch/npm.log")"
}

# start_nginx LOCATIONS: serves the new folder $www at $url, on $port of both
# loopback addresses.
start_nginx()
{
    local v6= pid
    type nginx >/dev/null 2>&1 || skip "no nginx here"
    www=$scratch/www
    mkdir "$www" "$scratch/body" && chmod 755 "$scratch" &&
        chmod 777 "$www" "$scratch/body" || exit 1
    port=$(free_port)
    url=http://127.0.0.1:$port
    [ ! -e /proc/net/if_inet6 ] || v6="listen [::1]:$port;"
    cat >"$scratch/nginx.conf" <<CONF
daemon off;
master_process off;
pid $scratch/nginx.pid;
error_log stderr;
events { worker_connections 64; }
http {
    access_log off;
    client_max_body_size 200m;
    client_body_temp_path $scratch/body;
    proxy_temp_path $scratch/proxy;
    fastcgi_temp_path $scratch/fastcgi;
    uwsgi_temp_path $scratch/uwsgi;
    scgi_temp_path $scratch/scgi;
    server {
        listen 127.0.0.1:$port;
        $v6
        root $www;
        $1
    }
}
CONF
    begin nginx -e stderr -p "$scratch" -c "$scratch/nginx.conf"
    pid=$!
    wait_for 20 answers "$port" && kill -0 $pid 2>/dev/null ||
        skip "nginx does not start: $(tail -n 1 "$scratch"/background.*)"
}

# build TEXT FUNCTION: what comes with a failure is its log.
build()
{
    if ! "$2" >"$scratch/build.log" 2>&1; then
        tail -n 20 "$scratch/build.log"
        echo "not ok - $name: $1 could not be built"
        exit 1
    fi
}

server_is_empty()
{
    "$builddir/ws2ctl" list 2>&1 | tail -n 1 |
        grep -Eq '^0 sockets, 0 holders|no ws2server'
}

# finish: the end of each program's file.
finish()
{
    check "no socket is left in the server" wait_for 10 server_is_empty
    ((n_failed == 0))
    exit
}

. "$srcdir/tests/support/prefix.sh"
cleanup()
{
    local pid
    for pid in "${started[@]}"; do
        kill "$pid" 2>/dev/null
    done
    wait "${started[@]}" 2>/dev/null
    end_prefix "$WINEPREFIX"
    rm -rf "$scratch"
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM

[ -n "${WINE:-}" ] || skip "no Wine here"
timeout 120 "$ws2run" --prepare 2>/dev/null || {
    echo "not ok - $name: a Wine prefix can be made"
    exit 1
}
