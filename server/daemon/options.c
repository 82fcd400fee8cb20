/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The command line of ws2server. */
#include "daemon/options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unversioned"
#endif

static const char usage[] =
    "Usage: ws2server --directory DIR [--foreground] [--debug]\n"
    "Keeps what the sockets of ws2emu's programs share.  Programs start it\n"
    "themselves; it leaves a few seconds after the last of them.\n"
    "\n"
    "  --directory DIR  where server.socket is; must be the user's own\n"
    "  --foreground     do not detach\n"
    "  --debug          print each request to standard error\n"
    "  --version        print the version\n"
    "  --help           print this text\n";

/*
 * Reads the command line.  OPTIONS_DONE: what was asked for is printed;
 * OPTIONS_WRONG: a complaint is.
 */
enum options_result options_read(int argc, char **argv,
                                 struct options *ret_options)
{
    static const struct option known[] = {
        { "directory", required_argument, NULL, 'D' },
        { "foreground", no_argument, NULL, 'f' },
        { "debug", no_argument, NULL, 'd' },
        { "version", no_argument, NULL, 'v' },
        { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
    int found;

    memset(ret_options, 0, sizeof *ret_options);
    while ((found = getopt_long(argc, argv, "", known, NULL)) != -1) {
        switch (found) {
        case 'D': ret_options->directory = optarg; break;
        case 'f': ret_options->foreground = true; break;
        case 'd': ret_options->debug = true; break;
        case 'v': puts("ws2server " PACKAGE_VERSION); return OPTIONS_DONE;
        case 'h': fputs(usage, stdout); return OPTIONS_DONE;
        default: return OPTIONS_WRONG;
        }
    }
    if (!ret_options->directory || optind < argc) {
        fputs(usage, stderr);
        return OPTIONS_WRONG;
    }
    return OPTIONS_RUN;
}
