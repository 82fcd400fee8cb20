# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
#
# For tests that make a Wine prefix of their own; they source it.

# end_prefix PREFIX: ends what runs in it, and removes it.  Debian's Wine keeps
# a folder in /tmp for each prefix, whose name is in the prefix's `wineserver`.
end_prefix()
{
    [ -d "$1" ] || return 0
    for option in -k -w; do
        WINEPREFIX=$1 timeout 20 "${WINESERVER:-wineserver}" $option \
            >/dev/null 2>&1 || :
    done
    folder=$(cat "$1/wineserver" 2>/dev/null) || :
    case $folder in
    wine-??????) rm -rf "/tmp/$folder" ;;
    esac
    rm -rf "$1"
}
