/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The helper functions of ws2emu/ws2help.h but for the tables of handle
 * contexts, as a program finds them at run time: no import library of Wine's
 * has them.
 */
#ifndef TESTS_SUPPORT_HELPER_FUNCTIONS_H
#define TESTS_SUPPORT_HELPER_FUNCTIONS_H

#include "support/exports.h"
#include "support/sockets.h"

#include <ws2emu/ws2help.h>

#define FUNCTIONS(FUNCTION)                                                    \
    FUNCTION(WahOpenApcHelper)                                                 \
    FUNCTION(WahCloseApcHelper)                                                \
    FUNCTION(WahOpenCurrentThread)                                             \
    FUNCTION(WahCloseThread)                                                   \
    FUNCTION(WahQueueUserApc)                                                  \
    FUNCTION(WahEnableNonIFSHandleSupport)                                     \
    FUNCTION(WahDisableNonIFSHandleSupport)                                    \
    FUNCTION(WahOpenHandleHelper)                                              \
    FUNCTION(WahCloseHandleHelper)                                             \
    FUNCTION(WahCreateSocketHandle)                                            \
    FUNCTION(WahCloseSocketHandle)                                             \
    FUNCTION(WahCompleteRequest)                                               \
    FUNCTION(WahOpenNotificationHandleHelper)                                  \
    FUNCTION(WahCloseNotificationHandleHelper)                                 \
    FUNCTION(WahCreateNotificationHandle)                                      \
    FUNCTION(WahWaitForNotification)                                           \
    FUNCTION(WahNotifyAllProcesses)                                            \
    FUNCTION(WSApSetPostRoutine)

static struct {
#define MEMBER(name) __typeof__(&name) name;
    FUNCTIONS(MEMBER)
} wah;

static void load(void)
{
#define LOAD(name)                                                             \
    wah.name = (__typeof__(&name))export_named(#name);                         \
    CHECK_THAT(wah.name != NULL, "there is no %s", #name);
    FUNCTIONS(LOAD)
}

#endif
