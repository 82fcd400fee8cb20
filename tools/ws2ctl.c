/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ws2ctl: shows what a running ws2server knows.
 *
 * Exit status: 0 done, 1 no server runs, 2 wrong usage or another failure.
 */
#include "ws2ctl.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_NO_SERVER = 1, EXIT_ERROR = 2 };

static const char usage[] =
    "Usage: ws2ctl list [OPTION]...\n"
    "Show the sockets that a running ws2server knows: who holds them, which\n"
    "event registration each has, and the duplicates under way.\n"
    "\n"
    "  -j, --json            print JSON\n"
    "  -d, --directory=DIR   of the server [$WS2EMU_DIR, else\n"
    "                        $XDG_RUNTIME_DIR/ws2emu, else /tmp/ws2emu-UID]\n"
    "  -p, --prefix=DIR      the server of a Wine prefix\n"
    "  -h, --help            print this\n"
    "  -V, --version         print the version\n"
    "\n"
    "Exit status: 0 done, 1 no server runs there, 2 anything else.\n";

static int list(const char *directory, int json)
{
    struct ws2emu_snapshot *snapshot = NULL;
    int error = ws2emu_inspect(directory, &snapshot);

    if (error == -ENOENT) {
        fprintf(stderr, "ws2ctl: no ws2server runs in %s\n", directory);
        return EXIT_NO_SERVER;
    }
    if (error) {
        fprintf(stderr, "ws2ctl: %s: %s\n", directory, strerror(-error));
        return EXIT_ERROR;
    }
    error = json ? print_json(snapshot) : print_tables(snapshot);
    ws2emu_snapshot_free(snapshot);
    if (!error && (fflush(stdout) || ferror(stdout)))
        error = -EIO;
    if (error) {
        fprintf(stderr, "ws2ctl: %s\n", strerror(-error));
        return EXIT_ERROR;
    }
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        { "json", no_argument, NULL, 'j' },
        { "directory", required_argument, NULL, 'd' },
        { "prefix", required_argument, NULL, 'p' },
        { "help", no_argument, NULL, 'h' },
        { "version", no_argument, NULL, 'V' },
        { 0 },
    };
    const char *directory = NULL, *prefix = NULL;
    char path[PATH_MAX];
    int json = 0, option, error;

    (void)setlocale(LC_ALL, ""); /* whether tables may draw lines */
    while ((option = getopt_long(argc, argv, "jd:p:hV", options, NULL)) >= 0) {
        switch (option) {
        case 'j': json = 1; break;
        case 'd': directory = optarg; break;
        case 'p': prefix = optarg; break;
        case 'h': fputs(usage, stdout); return EXIT_SUCCESS;
        case 'V': puts("ws2ctl " WS2EMU_VERSION); return EXIT_SUCCESS;
        default: fputs(usage, stderr); return EXIT_ERROR;
        }
    }
    if (argc - optind != 1 || strcmp(argv[optind], "list") != 0 ||
        (directory && prefix)) {
        fputs(usage, stderr);
        return EXIT_ERROR;
    }
    if (!directory) {
        error = ws2emu_inspect_directory(prefix, path, sizeof path);
        if (error) {
            fprintf(stderr, "ws2ctl: %s: %s\n",
                    prefix ? prefix : "the server's directory",
                    strerror(-error));
            return EXIT_ERROR;
        }
        directory = path;
    }
    return list(directory, json);
}
