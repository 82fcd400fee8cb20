/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Addresses as text; see address_text.h.
 */
#include "address_text.h"

#include <stdio.h>
#include <string.h>

BOOL address_text_narrow(const WCHAR *from, char to[ADDRESS_INPUT_SIZE])
{
    size_t i;

    for (i = 0; from[i] && i < ADDRESS_INPUT_SIZE - 1; i++)
        to[i] = from[i] < 0x80 ? (char)from[i] : '?';
    to[i] = '\0';
    return !from[i];
}

/* --- Numbers -------------------------------------------------------------- */

/* The value of a digit of this base; -1: none. */
static int digit_value(char c, int base)
{
    int value = c >= '0' && c <= '9'   ? c - '0'
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                       : base;

    return value < base ? value : -1;
}

/* A C constant: decimal, octal or hexadecimal.  FALSE: no number, or one that
   exceeds 32 bits; with wrap the low 32 bits of a hexadecimal one count. */
static BOOL read_number(const char **cursor, BOOL wrap, ULONG *ret)
{
    const char *text = *cursor, *first;
    ULONGLONG value = 0;
    BOOL overflow = FALSE;
    int base = 10, digit;

    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        base = 16;
        text += 2;
    } else if (text[0] == '0') {
        base = 8;
    }
    for (first = text; (digit = digit_value(*text, base)) >= 0; text++) {
        value = value * (ULONG)base + (ULONG)digit;
        overflow = overflow || value > 0xffffffff;
        value &= 0xffffffff;
    }
    if (text == first || (overflow && !(wrap && base == 16)))
        return FALSE;
    *cursor = text;
    *ret = (ULONG)value;
    return TRUE;
}

USHORT port_text_read(const char *text)
{
    ULONG port;

    if (!read_number(&text, FALSE, &port) || *text || port > 65535)
        return 0;
    return (USHORT)port;
}

/* --- IPv4 ----------------------------------------------------------------- */

BOOL inet_text_read_loose(const char *text, BOOL wrap, const char **end,
                          ULONG *ret)
{
    ULONG parts[4], address = 0;
    int n = 0, i;

    for (;;) {
        if (!read_number(&text, wrap, &parts[n++]))
            return FALSE;
        if (*text != '.')
            break;
        if (n == 4)
            return FALSE;
        text++;
    }
    for (i = 0; i < n - 1; i++) {
        if (parts[i] > 0xff)
            return FALSE;
        address |= parts[i] << (24 - 8 * i);
    }
    /* The last part fills what is left: 32 bits of 1 part, 8 of 4. */
    if (n > 1 && parts[n - 1] >> (32 - 8 * (n - 1)))
        return FALSE;
    *ret = address | parts[n - 1];
    *end = text;
    return TRUE;
}

/* Up to 255, in at most three digits. */
static BOOL read_byte(const char **cursor, BOOL leading_zeros, BYTE *ret)
{
    const char *text = *cursor;
    int value = 0, n;

    for (n = 0; digit_value(*text, 10) >= 0; n++, text++) {
        value = value * 10 + digit_value(*text, 10);
        if (n == 3 || value > 255)
            return FALSE;
    }
    if (n == 0)
        return FALSE;
    /* "00", "010" and "0x1" are other notations. */
    if (!leading_zeros && **cursor == '0' &&
        (n > 1 || *text == 'x' || *text == 'X'))
        return FALSE;
    *cursor = text;
    *ret = (BYTE)value;
    return TRUE;
}

static BOOL read_dotted(const char *text, BOOL leading_zeros, const char **end,
                        BYTE ret[4])
{
    BYTE parts[4];
    int i;

    for (i = 0; i < 4; i++) {
        if (i > 0 && *text++ != '.')
            return FALSE;
        if (!read_byte(&text, leading_zeros, &parts[i]))
            return FALSE;
    }
    if (*text == '.')
        return FALSE;
    memcpy(ret, parts, sizeof(parts));
    *end = text;
    return TRUE;
}

BOOL inet_text_read_strict(const char *text, const char **end, BYTE ret[4])
{
    return read_dotted(text, FALSE, end, ret);
}

int inet_text_write(const BYTE address[4], char text[INET_TEXT_SIZE])
{
    return snprintf(text, INET_TEXT_SIZE, "%u.%u.%u.%u", address[0], address[1],
                    address[2], address[3]);
}

/* --- IPv6 ----------------------------------------------------------------- */

/* What has been read of an IPv6 address. */
struct inet6_reader {
    BYTE bytes[16]; /* the groups one after the other */
    int n;          /* of groups */
    int gap;        /* the groups before the "::"; -1: none yet */
};

/* How many groups there can be: the gap stands for one at least. */
static int reader_limit(const struct inet6_reader *reader)
{
    return reader->gap < 0 ? 8 : 7;
}

static BOOL reader_is_complete(const struct inet6_reader *reader)
{
    return reader->gap >= 0 || reader->n == 8;
}

static void reader_add(struct inet6_reader *reader, unsigned int group)
{
    reader->bytes[2 * reader->n] = (BYTE)(group >> 8);
    reader->bytes[2 * reader->n + 1] = (BYTE)group;
    reader->n++;
}

/* A group, or a dotted tail.  FALSE: neither. */
static BOOL reader_group(struct inet6_reader *reader, const char **cursor)
{
    const char *text = *cursor;
    unsigned int group = 0;
    BYTE tail[4];
    int n;

    for (n = 0; digit_value(*text, 16) >= 0; n++, text++) {
        if (n == 4)
            return FALSE;
        group = group << 4 | (unsigned int)digit_value(*text, 16);
    }
    if (n == 0)
        return FALSE;
    if (*text == '.' && reader->n + 2 <= reader_limit(reader)) {
        if (!read_dotted(*cursor, TRUE, &text, tail))
            return FALSE;
        memcpy(reader->bytes + 2 * reader->n, tail, sizeof(tail));
        reader->n += 2;
    } else {
        reader_add(reader, group);
    }
    *cursor = text;
    return TRUE;
}

/* The colons before the next group.  FALSE: the address ends here. */
static BOOL reader_separator(struct inet6_reader *reader, const char **cursor)
{
    const char *text = *cursor;

    if (text[0] != ':')
        return FALSE;
    if (text[1] == ':' && reader->gap < 0 && reader->n < 8) {
        reader->gap = reader->n;
        *cursor += 2;
        return digit_value(text[2], 16) >= 0 &&
               reader->n < reader_limit(reader);
    }
    if (digit_value(text[1], 16) < 0 || reader->n >= reader_limit(reader))
        return FALSE;
    *cursor += 1;
    return TRUE;
}

static void reader_store(const struct inet6_reader *reader, BYTE ret[16])
{
    int before, after;

    if (!reader_is_complete(reader) || reader->gap < 0) {
        memcpy(ret, reader->bytes, (size_t)(2 * reader->n));
        return;
    }
    before = 2 * reader->gap;
    after = 2 * reader->n - before;
    memset(ret, 0, 16);
    memcpy(ret, reader->bytes, (size_t)before);
    memcpy(ret + 16 - after, reader->bytes + before, (size_t)after);
}

BOOL inet6_text_read(const char *text, const char **end, BYTE ret[16])
{
    struct inet6_reader reader = {.gap = -1};
    BOOL more = TRUE, good = TRUE;

    if (text[0] == ':' && text[1] == ':')
        more = reader_separator(&reader, &text);
    while (more) {
        good = reader_group(&reader, &text);
        more = good && reader_separator(&reader, &text);
    }
    *end = text;
    if (!good)
        reader.gap = -1; /* what there is goes out without being expanded */
    reader_store(&reader, ret);
    return good && reader_is_complete(&reader);
}

/* The first longest run of two or more zeros. */
static int find_zeros(const unsigned int *words, int n, int *ret_length)
{
    int start = -1, i, j;

    *ret_length = 1;
    for (i = 0; i < n; i = j + 1) {
        for (j = i; j < n && words[j] == 0; j++)
            ;
        if (j - i > *ret_length) {
            start = i;
            *ret_length = j - i;
        }
    }
    return start;
}

/* Whether the last four bytes are an IPv4 address: mapped, compatible,
   translated (RFC 2765) or ISATAP. */
static BOOL has_dotted_tail(const unsigned int *words)
{
    if ((words[4] & 0xfdff) == 0 && words[5] == 0x5efe)
        return TRUE;
    if (words[0] || words[1] || words[2] || words[3] || words[6] == 0)
        return FALSE;
    return (words[4] == 0 && (words[5] == 0 || words[5] == 0xffff)) ||
           (words[4] == 0xffff && words[5] == 0);
}

int inet6_text_write(const BYTE address[16], char text[INET6_TEXT_SIZE])
{
    unsigned int words[8];
    int n_words, start, length, i, at = 0;
    BOOL dotted;

    for (i = 0; i < 8; i++)
        words[i] = (unsigned int)(address[2 * i] << 8 | address[2 * i + 1]);
    dotted = has_dotted_tail(words);
    n_words = dotted ? 6 : 8;
    start = find_zeros(words, n_words, &length);

    for (i = 0; i < n_words; i++) {
        if (i == start) {
            text[at++] = ':';
            i += length - 1;
        } else {
            at += snprintf(text + at, (size_t)(INET6_TEXT_SIZE - at), "%s%x",
                           i > 0 ? ":" : "", words[i]);
        }
    }
    /* The colon that ends a run, or comes before the tail. */
    if (dotted || (start >= 0 && start + length == n_words))
        text[at++] = ':';
    text[at] = '\0';
    if (dotted)
        at += snprintf(text + at, (size_t)(INET6_TEXT_SIZE - at), "%u.%u.%u.%u",
                       address[12], address[13], address[14], address[15]);
    return at;
}
