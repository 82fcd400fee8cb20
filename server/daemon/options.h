/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The command line of ws2server. */
#ifndef DAEMON_OPTIONS_H
#define DAEMON_OPTIONS_H

#include <stdbool.h>

struct options {
    const char *directory;
    bool foreground;
    bool debug;
};

enum options_result { OPTIONS_RUN, OPTIONS_DONE, OPTIONS_WRONG };

enum options_result options_read(int argc, char **argv,
                                 struct options *ret_options);

#endif
