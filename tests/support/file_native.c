/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Handles of files, natively: 4 * (fd + 1).  See extensions.h. */
#include <stdint.h>
#include <stdio.h>

void *file_handle(FILE *file);
void file_handle_close(void *handle);

void *file_handle(FILE *file)
{
    return (void *)(((uintptr_t)fileno(file) + 1) * 4);
}

void file_handle_close(void *handle)
{
    (void)handle;
}
