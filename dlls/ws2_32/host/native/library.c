/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Libraries of providers: shared objects.
 */
#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <ws2emu/constants.h>

#include "host/catalog.h"
#include "host/host.h"

/* dlsym also looks into the libraries that this one needs, and every provider
   needs ws2_32, which has a WSPStartup of its own. */
static int is_own_symbol(void *library, const void *symbol)
{
    struct link_map *map;
    Dl_info info;

    return !dlinfo(library, RTLD_DI_LINKMAP, &map) &&
           dladdr(symbol, &info) && (uintptr_t)info.dli_fbase == map->l_addr;
}

static int find_function(const char *path, const char *name,
                         void **ret_function, char *why, size_t why_size)
{
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL), *function;
    const char *error;

    if (!library) {
        error = dlerror();
        snprintf(why, why_size, "%s", error ? error : "cannot be loaded");
        return WS2_EPROVIDERFAILEDINIT;
    }
    function = dlsym(library, name);
    if (!function || !is_own_symbol(library, function)) {
        snprintf(why, why_size, "%s: has no %s", path, name);
        dlclose(library);
        return WS2_EPROVIDERFAILEDINIT;
    }
    *ret_function = function;
    return 0;
}

/* The path is what dlopen takes: a name without a slash is looked for where
   the loader looks for libraries. */
int host_library_function(const uint16_t *path, const char *name,
                          void **ret_function, char *why, size_t why_size)
{
    char *utf8 = catalog_text_to_utf8(path);
    int error;

    if (!utf8) {
        snprintf(why, why_size, "out of memory");
        return WS2_NOT_ENOUGH_MEMORY;
    }
    error = find_function(utf8, name, ret_function, why, why_size);
    free(utf8);
    return error;
}

static int is_program(const char *path)
{
    struct stat program, other;

    return !stat("/proc/self/exe", &program) && !stat(path, &other) &&
           program.st_dev == other.st_dev && program.st_ino == other.st_ino;
}

/* The arguments after the program's name, with a space between each two. */
static int has_arguments(const char *arguments)
{
    FILE *file = fopen("/proc/self/cmdline", "re");
    int c = 0;

    if (!file)
        return !*arguments;
    while ((c = fgetc(file)) > 0)
        ;
    for (; *arguments; arguments++) {
        c = fgetc(file);
        if (c != *arguments && !(c == 0 && *arguments == ' '))
            break;
    }
    fclose(file);
    return !*arguments;
}

int host_program_is(const uint16_t *path, const uint16_t *arguments)
{
    char *path_utf8 = catalog_text_to_utf8(path);
    char *arguments_utf8 = catalog_text_to_utf8(arguments);
    int result = path_utf8 && arguments_utf8 && is_program(path_utf8) &&
                 has_arguments(arguments_utf8);

    free(arguments_utf8);
    free(path_utf8);
    return result;
}
