/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Hooks on ntdll's system calls: how a stub is diverted.
 *
 * On x86-64 each system call function of ntdll.dll is a stub of 32 bytes, on a
 * 16-byte boundary, without relative references out of itself:
 *
 *     +0  4c 8b d1                   mov    r10, rcx
 *     +3  b8 NN NN NN NN             mov    eax, NN
 *     +8  f6 04 25 08 03 fe 7f 01    test   byte [0x7ffe0308], 1
 *     +16 75 03                      jne    +21
 *     +18 0f 05                      syscall
 *     +20 c3                         ret
 *     +21 eb 01 c3                   jmp    +24; ret
 *     +24 ff 14 25 00 10 fe 7f c3    call   [0x7ffe1000]; ret
 *
 * The second instruction is as long as a near jump.  Only this one is
 * replaced, with an aligned store of the 8 bytes around it: whatever
 * instruction of the stub another thread stands at, what follows is whole.
 * The jump leads to a page within its reach, where each hook has a cell: a
 * far jump to the replacement, and a copy of the stub, which is the original.
 *
 * A stub that is diverted to a cell already is diverted once more: to the later
 * hook the earlier one's cell is the original.  A stub with other bytes
 * (another Wine, another tool that was here first) is left alone.
 */
#include "hook.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define STUB_SIZE 32
#define JUMP_OFFSET 3 /* of the replaced instruction in the stub */
#define JUMP_END 8
#define PAGE_LENGTH 4096

/* What a stub looks like; the four bytes of the system call's number differ. */
static const uint8_t stub_pattern[STUB_SIZE] = {
    0x4c, 0x8b, 0xd1, 0xb8, 0x00, 0x00, 0x00, 0x00, 0xf6, 0x04, 0x25,
    0x08, 0x03, 0xfe, 0x7f, 0x01, 0x75, 0x03, 0x0f, 0x05, 0xc3, 0xeb,
    0x01, 0xc3, 0xff, 0x14, 0x25, 0x00, 0x10, 0xfe, 0x7f, 0xc3,
};

struct cell {
    uint8_t far_jump[6]; /* jmp [rip + 0], to the address that follows */
    uint8_t replacement[8];
    uint8_t stub[8];        /* where it was put in */
    uint8_t padding[10];
    uint8_t original[STUB_SIZE];
};
_Static_assert(sizeof(struct cell) == 64, "a hook's cell");

#define GROUPS 16 /* calls of hook_install */

static struct cell *groups[GROUPS]; /* a page each; written while the module is
                                       loaded, by one thread */
static unsigned int n_groups;

/* The cell of ours that the stub leads to, NULL: none. */
static struct cell *stub_cell(const uint8_t *stub)
{
    const uint8_t *target;
    int32_t distance;
    unsigned int i;

    if (stub[JUMP_OFFSET] != 0xe9 ||
        memcmp(stub + JUMP_END, stub_pattern + JUMP_END, STUB_SIZE - JUMP_END))
        return NULL;
    memcpy(&distance, stub + JUMP_OFFSET + 1, sizeof(distance));
    target = stub + JUMP_END + distance;
    for (i = 0; i < n_groups; i++)
        if (target >= (const uint8_t *)groups[i] &&
            target < (const uint8_t *)groups[i] + PAGE_LENGTH)
            return (struct cell *)(void *)target;
    return NULL;
}

static int stub_is_known(const uint8_t *stub)
{
    return !((uintptr_t)stub & 7) && !memcmp(stub, stub_pattern, 4) &&
           !memcmp(stub + 8, stub_pattern + 8, STUB_SIZE - 8);
}

/* Executable memory that a near jump from `origin` reaches, NULL: none. */
static struct cell *cells_new(const void *origin)
{
    const uintptr_t limit = (uintptr_t)origin + 0x7fff0000;
    const uintptr_t granularity = 0x10000;
    uintptr_t at = (uintptr_t)origin;
    MEMORY_BASIC_INFORMATION region;
    struct cell *cells = NULL;

    while (!cells && at < limit &&
           VirtualQuery((void *)at, &region, sizeof(region))) {
        uintptr_t start = (uintptr_t)region.BaseAddress;
        uintptr_t end = start + region.RegionSize;

        start = (start + granularity - 1) & ~(granularity - 1);
        if (region.State == MEM_FREE && start + PAGE_LENGTH <= end &&
            start + PAGE_LENGTH <= limit)
            cells = VirtualAlloc((void *)start, PAGE_LENGTH,
                                 MEM_RESERVE | MEM_COMMIT,
                                 PAGE_EXECUTE_READWRITE);
        at = end;
    }
    return cells;
}

static void cell_fill(struct cell *cell, uint8_t *stub,
                      const void *replacement)
{
    static const uint8_t jump[6] = {0xff, 0x25};

    memcpy(cell->far_jump, jump, sizeof(jump));
    memcpy(cell->replacement, &replacement, sizeof(replacement));
    memcpy(cell->stub, &stub, sizeof(stub));
    memset(cell->padding, 0xcc, sizeof(cell->padding));
    memcpy(cell->original, stub, STUB_SIZE);
}

/* The stub's first 8 bytes at once.  1: done. */
static int stub_write(uint8_t *stub, const uint8_t *bytes)
{
    uint64_t word;
    DWORD protection;

    memcpy(&word, bytes, sizeof(word));
    if (!VirtualProtect(stub, STUB_SIZE, PAGE_EXECUTE_READWRITE, &protection))
        return 0;
    __atomic_store_n((uint64_t *)(void *)stub, word, __ATOMIC_SEQ_CST);
    VirtualProtect(stub, STUB_SIZE, protection, &protection);
    return 1;
}

/* Diverts the stub to the cell.  1: done. */
static int stub_divert(uint8_t *stub, const struct cell *cell)
{
    const int32_t distance = (int32_t)((intptr_t)cell - (intptr_t)stub) -
                             JUMP_END;
    uint8_t bytes[JUMP_END];

    memcpy(bytes, stub, JUMP_OFFSET);
    bytes[JUMP_OFFSET] = 0xe9;
    memcpy(bytes + JUMP_OFFSET + 1, &distance, sizeof(distance));
    return stub_write(stub, bytes);
}

unsigned int hook_install(const struct hook *hooks, unsigned int n_hooks)
{
    HMODULE ntdll = GetModuleHandleA("ntdll.dll");
    struct cell *cells = cells_new((void *)ntdll);
    unsigned int n_installed = 0;
    unsigned int i;
    DWORD protection;

    for (i = 0; i < n_hooks; i++) {
        uint8_t *stub =
            (uint8_t *)(void *)GetProcAddress(ntdll, hooks[i].function);

        *hooks[i].original = stub;
        if (cells && (i + 1) * sizeof(*cells) <= PAGE_LENGTH &&
            (stub_is_known(stub) || stub_cell(stub))) {
            struct cell *earlier = stub_cell(stub);

            cell_fill(&cells[i], stub, hooks[i].replacement);
            *hooks[i].original =
                earlier ? (void *)earlier : cells[i].original;
            if (stub_divert(stub, &cells[i])) {
                n_installed++;
                continue;
            }
            *hooks[i].original = stub;
        }
        fprintf(stderr, "ws2emu: %s cannot be hooked in this Wine\n",
                hooks[i].function);
    }
    if (cells && n_groups < GROUPS)
        groups[n_groups++] = cells;
    if (cells)
        VirtualProtect(cells, PAGE_LENGTH, PAGE_EXECUTE_READ, &protection);
    return n_installed;
}

/* What is in a cell that was never used is 0. */
static void cell_remove(const struct cell *cell)
{
    uint8_t *stub;

    memcpy(&stub, cell->stub, sizeof(stub));
    if (stub && stub_cell(stub) == cell)
        (void)stub_write(stub, cell->original);
}

/* The later ones first: what they lead back to is the earlier ones. */
void hook_remove_all(void)
{
    const unsigned int n_cells = PAGE_LENGTH / sizeof(struct cell);
    unsigned int i, j;

    for (i = n_groups; i-- > 0;)
        for (j = n_cells; j-- > 0;)
            cell_remove(&groups[i][j]);
}
