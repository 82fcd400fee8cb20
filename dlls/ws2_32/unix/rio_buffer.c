/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Registered buffers; see rio_buffer.h.
 *
 * Windows locks the pages of one into memory; here it is what spares a request
 * the look whether its memory is the program's to use: the kernel finds out.
 */
#include "unix/rio_buffer.h"

#include "unix/memory.h"
#include "unix/rio_table.h"

struct rio_buffer {
    struct rio_entry entry; /* the first member */
    char *memory;
    uint32_t length;
};

static void buffer_end(struct rio_entry *entry)
{
    (void)entry;
}

RIO_TABLE(buffers, 1, struct rio_buffer, buffer_end);

int unix_rio_buffer_register(const void *memory, uint32_t length,
                             uint64_t *ret_buffer)
{
    struct rio_buffer *buffer;

    if (length == 0)
        return WS2_EINVAL;
    if (unix_memory_check(memory, length, /* writing= */ 0))
        return WS2_EFAULT;
    buffer = (struct rio_buffer *)rio_table_new(&buffers);
    if (buffer == NULL)
        return WS2_ENOBUFS;
    buffer->memory = (char *)memory;
    buffer->length = length;
    *ret_buffer = rio_table_open(&buffers, &buffer->entry);
    rio_table_release(&buffers, &buffer->entry);
    return WS2_SUCCESS;
}

void unix_rio_buffer_deregister(uint64_t id)
{
    struct rio_entry *entry = rio_table_close(&buffers, id);

    if (entry != NULL)
        rio_table_release(&buffers, entry);
}

int rio_buffer_resolve(const struct unix_rio_slice *program,
                       struct unix_buffer *ret_memory)
{
    const struct rio_buffer *buffer;
    struct unix_rio_slice slice;
    int error = memory_read_cached(&slice, program, sizeof(slice));

    if (error)
        return error;
    buffer = (struct rio_buffer *)rio_table_acquire(&buffers, slice.buffer);
    if (buffer == NULL)
        return WS2_EFAULT;
    if (slice.offset > buffer->length ||
        slice.length > buffer->length - slice.offset)
        error = WS2_EINVAL;
    else
        *ret_memory = (struct unix_buffer){
            .length = slice.length, .data = buffer->memory + slice.offset};
    rio_table_release(&buffers, (struct rio_entry *)&buffer->entry);
    return error;
}

void rio_buffers_forget(void)
{
    rio_table_forget(&buffers);
}
