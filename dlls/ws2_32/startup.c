/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * WSAStartup and WSACleanup: counted for the process, whatever the versions
 * that were asked for.  The first start-up starts the base provider, and with
 * it the process's side of ws2server; the last clean-up ends both, and every
 * descriptor with them.
 */
#include <winsock2.h>
#include <ws2spi.h>

#include "api.h"
#include "catalog.h"
#include "helpers.h"
#include "hosted_session.h"
#include "hosting.h"
#include "lookup.h"
#include "name_spaces.h"
#include "notices.h"
#include "provider_config.h"
#include "providers.h"
#include "tasks.h"
#include "unix/boundary.h"

#include <pthread.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned int startups; /* under lock */

/* The version that a program gets which asks for this one; WSAVERNOTSUPPORTED
   for what is older than 1.0. */
static int negotiate(WORD requested, WORD *ret)
{
    BYTE major = LOBYTE(requested), minor = HIBYTE(requested);

    if (major == 0) {
        *ret = MAKEWORD(2, 2);
        return WSAVERNOTSUPPORTED;
    }
    if (major == 1)
        *ret = MAKEWORD(1, minor == 0 ? 0 : 1);
    else if (major == 2 && minor <= 2)
        *ret = requested;
    else
        *ret = MAKEWORD(2, 2);
    return 0;
}

/* lpVendorInfo stays as it is. */
static void describe(WSADATA *data, WORD version)
{
    data->wVersion = version;
    data->wHighVersion = MAKEWORD(2, 2);
    strcpy(data->szDescription, "WinSock 2.0");
    strcpy(data->szSystemStatus, "Running");
    data->iMaxSockets = LOBYTE(version) == 1 ? 32767 : 0;
    data->iMaxUdpDg = LOBYTE(version) == 1 ? 65467 : 0;
}

/* In a child of fork the thread that held a lock is not there. */
static void forked(void)
{
    pthread_mutex_init(&lock, NULL);
    catalog_forked();
    notices_forked();
    provider_config_forked();
    providers_forked();
    tasks_forked();
    lookups_forked();
    helpers_forked();
    handle_contexts_forked();
    hosted_lookups_forked();
    hosted_sessions_forked();
    hostings_forked();
}

static void watch_fork(void)
{
    pthread_atfork(NULL, NULL, forked);
}

int api_prepare(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    int error;

    if (host_process_forks())
        pthread_once(&once, watch_fork);
    error = host_startup();
    host_set_handle_calls(&api_handle_calls);
    return error;
}

static int start(void)
{
    int error = 0;

    pthread_mutex_lock(&lock);
    if (startups == 0) {
        error = api_prepare();
        if (!error)
            catalog_refresh();
        if (!error)
            error = provider_start();
    }
    if (!error)
        startups++;
    pthread_mutex_unlock(&lock);
    return error;
}

/*
 * Begins the use of Winsock.  Returns the error, and does not set the last
 * error: WSAVERNOTSUPPORTED: a version before 1.0; WSAEFAULT: lpWSAData cannot
 * be written; WSASYSNOTREADY: ws2server cannot be reached or started.
 */
int WINAPI WSAStartup(WORD wVersionRequired, WSADATA *lpWSAData)
{
    WORD version;
    int error = negotiate(wVersionRequired, &version);

    if (unix_memory_check(lpWSAData, sizeof(*lpWSAData), 1))
        return error ? error : WSAEFAULT;
    describe(lpWSAData, version);
    if (!error)
        error = start();
    if (!error)
        host_set_last_error(0);
    return error;
}

/* Takes one WSAStartup back.  WSANOTINITIALISED: there is none. */
int WINAPI WSACleanup(void)
{
    struct hosted_session *sessions = NULL;
    struct hosting *hostings = NULL;
    struct lookup *left = NULL;
    BOOL is_last = FALSE;
    int error = 0;

    if (host_process_is_ending())
        return 0;
    pthread_mutex_lock(&lock);
    if (startups == 0) {
        error = WSANOTINITIALISED;
    } else if (--startups == 0) {
        is_last = TRUE;
        left = lookups_detach();
        tasks_end();
        sessions = hosted_sessions_detach();
        hostings = hostings_detach();
        provider_end();
    }
    pthread_mutex_unlock(&lock);
    /* Providers of name spaces may call Winsock. */
    lookups_end(left);
    hosted_sessions_end(sessions);
    hostings_end(hostings);
    if (is_last)
        provider_config_end();
    return api_result(error);
}
