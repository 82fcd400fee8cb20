/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The store of the catalogs as a file.
 *
 * One line for each item, in UTF-8, with tabs between its fields:
 *
 *     ws2emu-catalog 1 NEXT-ID                          the first line
 *     SECTION PATH TEXT N,N,N,N DATA                    the others
 *
 * Numbers are decimal, DATA is hexadecimal or "-".  In PATH and TEXT control
 * characters and % are written as %XX, and an empty one is "-" (one that is
 * "-" is "%2D").  Lines that begin with # and empty ones are comments.
 *
 * A change writes another file beside it, which then takes its name: a reader
 * sees the old store or the new one, and needs no lock.  Who changes holds a
 * lock on PATH.lock, which stays, for it must be one and the same file.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <ws2emu/constants.h>

#include "host/catalog.h"

#define HEADER "ws2emu-catalog"
#define VERSION 1
/* What a busy lock is waited for: the changes are short. */
#define LOCK_TRIES 250
#define LOCK_PAUSE_NS 20000000

static const char *const section_names[CATALOG_SECTIONS] = {
    [CATALOG_TRANSPORT] = "transport",
    [CATALOG_TRANSPORT_32] = "transport32",
    [CATALOG_NAME_SPACE] = "namespace",
    [CATALOG_NAME_SPACE_32] = "namespace32",
    [CATALOG_APPLICATION] = "application",
    [CATALOG_SERVICE_CLASS] = "serviceclass",
    [CATALOG_SETTING] = "setting",
};

/* --- Fields --------------------------------------------------------------- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A byte of two digits; -1: it is none. */
static int hex_byte(const char *from)
{
    int high = hex_digit(from[0]);
    int low = high < 0 ? -1 : hex_digit(from[1]);

    return low < 0 ? -1 : high << 4 | low;
}

/* In place; 0: a % without two digits, or one that stands for NUL. */
static int unescape(char *text)
{
    char *to = text;
    int byte;

    if (!strcmp(text, "-"))
        *text = '\0';
    for (; *text; text++) {
        if (*text != '%') {
            *to++ = *text;
            continue;
        }
        byte = hex_byte(text + 1);
        if (byte <= 0)
            return 0;
        *to++ = (char)byte;
        text += 2;
    }
    *to = '\0';
    return 1;
}

/* In place, to bytes; returns how many, -1: no hexadecimal. */
static long unhex(char *text)
{
    unsigned char *to = (unsigned char *)text;
    long n = 0;
    int byte;

    if (!strcmp(text, "-"))
        return 0;
    for (; *text; text += 2, n++) {
        byte = hex_byte(text);
        if (byte < 0 || n >= CATALOG_MAX_DATA)
            return -1;
        to[n] = (unsigned char)byte;
    }
    return n;
}

static int parse_numbers(const char *text, uint32_t *numbers)
{
    return sscanf(text, "%" SCNu32 ",%" SCNu32 ",%" SCNu32 ",%" SCNu32,
                  &numbers[0], &numbers[1], &numbers[2],
                  &numbers[3]) == CATALOG_NUMBERS;
}

/* --- Reading -------------------------------------------------------------- */

/* NULL with *ret_error 0: the line is no item. */
static struct catalog_item *parse_line(char *line, int *ret_error)
{
    enum { SECTION, PATH, TEXT, NUMBERS, DATA, FIELDS };
    uint32_t section, numbers[CATALOG_NUMBERS];
    char *fields[FIELDS], *rest = line;
    struct catalog_item *item = NULL;
    uint16_t *path = NULL, *text = NULL;
    long size;
    int i;

    *ret_error = 0;
    for (i = 0; i < FIELDS; i++)
        if (!(fields[i] = strsep(&rest, "\t")))
            return NULL;
    for (section = 0; section < CATALOG_SECTIONS; section++)
        if (!strcmp(fields[SECTION], section_names[section]))
            break;
    size = unhex(fields[DATA]);
    if (rest || section == CATALOG_SECTIONS || size < 0 ||
        !unescape(fields[PATH]) || !unescape(fields[TEXT]) ||
        !parse_numbers(fields[NUMBERS], numbers))
        return NULL;
    path = catalog_text_from_utf8(fields[PATH]);
    text = catalog_text_from_utf8(fields[TEXT]);
    if (path && text)
        item = catalog_item_new(section, path, text, fields[DATA],
                                (uint32_t)size);
    free(path);
    free(text);
    if (item)
        memcpy(item->numbers, numbers, sizeof(numbers));
    else
        *ret_error = WS2_NOT_ENOUGH_MEMORY;
    return item;
}

static void complain(const char *path, unsigned long line, const char *what)
{
    static int told; /* atomic; a store has one message a process */

    if (__atomic_exchange_n(&told, 1, __ATOMIC_RELAXED))
        return;
    if (line)
        fprintf(stderr, "ws2emu: %s:%lu: %s\n", path, line, what);
    else
        fprintf(stderr, "ws2emu: %s: %s\n", path, what);
}

static int parse_header(char *line, uint32_t *ret_next_id)
{
    unsigned version;

    return sscanf(line, HEADER "\t%u\t%" SCNu32, &version, ret_next_id) == 2 &&
           version == VERSION;
}

static int parse_file(FILE *file, const char *path, struct catalog_items *ret)
{
    unsigned long number = 0;
    char *line = NULL;
    size_t room = 0;
    int error = 0;

    while (!error && getline(&line, &room, file) >= 0) {
        struct catalog_item *item;

        number++;
        line[strcspn(line, "\r\n")] = '\0';
        if (number == 1) {
            if (!parse_header(line, &ret->next_id)) {
                complain(path, 1, "not a catalog of this version; left out");
                error = WS2_NO_RECOVERY;
            }
            continue;
        }
        if (!*line || *line == '#')
            continue;
        item = ret->n < CATALOG_MAX_ITEMS ? parse_line(line, &error) : NULL;
        if (!item && !error)
            complain(path, number, "not an entry; it is left out");
        if (item && !catalog_items_insert(ret, ret->n, item))
            error = WS2_NOT_ENOUGH_MEMORY;
    }
    if (!error && ferror(file))
        error = WS2_NO_RECOVERY;
    free(line);
    return error;
}

int catalog_file_load(const char *path, struct catalog_items *ret)
{
    FILE *file = fopen(path, "re");
    int error;

    memset(ret, 0, sizeof(*ret));
    if (!file) {
        if (errno == ENOENT || errno == ENOTDIR)
            return 0;
        complain(path, 0, strerror(errno));
        return WS2_NO_RECOVERY;
    }
    error = parse_file(file, path, ret);
    fclose(file);
    if (error)
        catalog_items_free(ret);
    return error;
}

/* --- Writing -------------------------------------------------------------- */

static int put_text(FILE *file, const uint16_t *text)
{
    char *utf8 = catalog_text_to_utf8(text), *from;

    if (!utf8)
        return 0;
    if (!*utf8)
        fputc('-', file);
    else if (!strcmp(utf8, "-"))
        fputs("%2D", file);
    else
        for (from = utf8; *from; from++) {
            if ((unsigned char)*from < 0x20 || *from == '%' || *from == 0x7f)
                fprintf(file, "%%%02X", (unsigned char)*from);
            else
                fputc(*from, file);
        }
    free(utf8);
    return 1;
}

static int put_item(FILE *file, const struct catalog_item *item)
{
    uint32_t i;

    fprintf(file, "%s\t", section_names[item->section]);
    if (!put_text(file, item->path))
        return 0;
    fputc('\t', file);
    if (!put_text(file, item->text))
        return 0;
    fprintf(file, "\t%" PRIu32 ",%" PRIu32 ",%" PRIu32 ",%" PRIu32 "\t",
            item->numbers[0], item->numbers[1], item->numbers[2],
            item->numbers[3]);
    for (i = 0; i < item->data_size; i++)
        fprintf(file, "%02x", item->data[i]);
    if (!item->data_size)
        fputc('-', file);
    fputc('\n', file);
    return 1;
}

static int put_items(FILE *file, const struct catalog_items *list)
{
    uint32_t i;

    fprintf(file, HEADER "\t%d\t%" PRIu32 "\n", VERSION, list->next_id);
    fputs("# The Winsock catalogs of ws2emu; ws2ctl provider changes them.\n",
          file);
    for (i = 0; i < list->n; i++)
        if (!put_item(file, list->items[i]))
            return 0;
    return 1;
}

/* The file and its directory are on disk when this returns 1. */
static int write_whole(int fd, const struct catalog_items *list)
{
    FILE *file = fdopen(fd, "w");
    int done;

    if (!file) {
        close(fd);
        return 0;
    }
    done = put_items(file, list);
    done = !fflush(file) && !ferror(file) && done;
    done = !fsync(fileno(file)) && done;
    return !fclose(file) && done;
}

int catalog_file_save(const char *path, const struct catalog_items *list)
{
    char *temporary;
    int fd, done = 0;

    if (asprintf(&temporary, "%s.XXXXXX", path) < 0)
        return WS2_NOT_ENOUGH_MEMORY;
    fd = mkostemp(temporary, O_CLOEXEC);
    if (fd >= 0) {
        done = write_whole(fd, list) && !rename(temporary, path);
        if (!done)
            unlink(temporary);
    }
    free(temporary);
    return done ? 0 : WS2_NO_RECOVERY;
}

/* --- The lock, the stamp -------------------------------------------------- */

struct catalog_lock {
    int fd;
};

/* The directories above a path. */
static void make_directories(const char *path)
{
    char *copy = strdup(path), *at;

    for (at = copy ? copy + 1 : NULL; at && (at = strchr(at, '/')); at++) {
        *at = '\0';
        (void)mkdir(copy, 0700);
        *at = '/';
    }
    free(copy);
}

static int open_lock(const char *path)
{
    char *name;
    int fd;

    if (asprintf(&name, "%s.lock", path) < 0)
        return -1;
    fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 && errno == ENOENT) {
        make_directories(name);
        fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    }
    free(name);
    return fd;
}

int catalog_file_lock(const char *path, struct catalog_lock **ret_lock)
{
    const struct timespec pause = {0, LOCK_PAUSE_NS};
    struct catalog_lock *lock = malloc(sizeof(*lock));
    int tries, error = WS2_NO_RECOVERY;

    if (!lock)
        return WS2_NOT_ENOUGH_MEMORY;
    lock->fd = open_lock(path);
    if (lock->fd < 0)
        goto out;
    for (tries = 0; tries < LOCK_TRIES; tries++) {
        if (!flock(lock->fd, LOCK_EX | LOCK_NB)) {
            *ret_lock = lock;
            return 0;
        }
        if (errno != EWOULDBLOCK && errno != EINTR)
            goto out;
        (void)nanosleep(&pause, NULL);
    }
    error = WS2_TRY_AGAIN;
out:
    if (lock->fd >= 0)
        close(lock->fd);
    free(lock);
    return error;
}

void catalog_file_unlock(struct catalog_lock *lock)
{
    close(lock->fd);
    free(lock);
}

/* Every change makes a new file. */
uint64_t catalog_file_stamp(const char *path)
{
    struct stat status;

    if (stat(path, &status))
        return 0;
    return (uint64_t)status.st_ino * 1000003u ^
           (uint64_t)status.st_mtim.tv_sec * 1000000007u ^
           (uint64_t)status.st_mtim.tv_nsec ^ (uint64_t)status.st_size << 40;
}
