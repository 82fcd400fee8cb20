/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Wide strings of names; see wide_text.h.
 */
#include "wide_text.h"

#include <stdint.h>
#include <string.h>

enum { REPLACEMENT = 0xfffd };

BOOL wide_text_is_ascii(const WCHAR *text)
{
    for (; *text; text++)
        if (*text >= 0x80)
            return FALSE;
    return TRUE;
}

/* --- UTF-16 and UTF-8 ----------------------------------------------------- */

static uint32_t next_of_utf16(const WCHAR **cursor)
{
    uint32_t c = *(*cursor)++;

    if (c >= 0xd800 && c < 0xdc00 && **cursor >= 0xdc00 && **cursor < 0xe000)
        return 0x10000 + ((c - 0xd800) << 10) + (*(*cursor)++ - 0xdc00U);
    return c >= 0xd800 && c < 0xe000 ? REPLACEMENT : c;
}

/* Returns the bytes written; 0: they do not fit. */
static size_t put_utf8(uint32_t c, char *to, size_t room)
{
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4, i;
    static const unsigned char leads[] = {0, 0, 0xc0, 0xe0, 0xf0};

    if (n > room)
        return 0;
    for (i = n; i-- > 1; c >>= 6)
        to[i] = (char)(0x80 | (c & 0x3f));
    to[0] = (char)(leads[n] | c);
    return n;
}

BOOL wide_text_to_utf8(const WCHAR *from, char *to, size_t size)
{
    size_t used = 0, n;

    while (*from) {
        n = put_utf8(next_of_utf16(&from), to + used, size - used);
        if (!n)
            return FALSE;
        used += n;
    }
    if (used >= size)
        return FALSE;
    to[used] = '\0';
    return TRUE;
}

static uint32_t next_of_utf8(const char **cursor)
{
    const unsigned char *text = (const unsigned char *)*cursor;
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t n = text[0] < 0x80 ? 1 : text[0] < 0xc0 ? 0 : text[0] < 0xe0 ? 2
             : text[0] < 0xf0 ? 3 : text[0] < 0xf8 ? 4 : 0;
    uint32_t c = n == 1 ? text[0] : text[0] & (0x7fU >> n);
    size_t i;

    for (i = 1; i < n; i++) {
        if ((text[i] & 0xc0) != 0x80)
            break;
        c = c << 6 | (text[i] & 0x3f);
    }
    if (n == 0 || i < n || c < least[n] || c > 0x10ffff ||
        (c >= 0xd800 && c < 0xe000)) {
        *cursor += 1;
        return REPLACEMENT;
    }
    *cursor += n;
    return c;
}

size_t wide_text_from_utf8(const char *from, WCHAR *to, size_t size)
{
    size_t needed = 0, written = 0;
    uint32_t c;
    WCHAR units[2];
    size_t n;

    while (*from) {
        c = next_of_utf8(&from);
        n = c < 0x10000 ? 1 : 2;
        units[0] = (WCHAR)(n == 1 ? c : 0xd800 + ((c - 0x10000) >> 10));
        units[1] = (WCHAR)(0xdc00 + ((c - 0x10000) & 0x3ff));
        needed += n;
        if (needed < size) {
            memcpy(to + written, units, n * sizeof(*to));
            written += n;
        }
    }
    if (size)
        to[written] = 0;
    return needed + 1;
}

/* --- Internationalised host names (RFC 3492, RFC 3490) -------------------- */

enum { LABEL_SIZE = 64 };

/* Parameters of Punycode, RFC 3492, section 5. */
enum {
    BASE = 36,
    T_MIN = 1,
    T_MAX = 26,
    SKEW = 38,
    DAMP = 700,
    INITIAL_BIAS = 72,
    INITIAL_N = 0x80,
};

static uint32_t lower_case(uint32_t c)
{
    if ((c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0xde && c != 0xd7) ||
        (c >= 0x391 && c <= 0x3a9) || (c >= 0x410 && c <= 0x42f))
        return c + 32;
    if (c >= 0x400 && c <= 0x40f)
        return c + 80;
    /* Latin Extended-A alternates, but for a few that shift the order. */
    if ((c >= 0x100 && c <= 0x137 && c != 0x130) ||
        (c >= 0x14a && c <= 0x177))
        return c | 1;
    return c;
}

/* The full stops of RFC 3490, section 3.1. */
static BOOL is_dot(uint32_t c)
{
    return c == '.' || c == 0x3002 || c == 0xff0e || c == 0xff61;
}

static uint32_t adapt(uint32_t delta, uint32_t n_points, BOOL first)
{
    uint32_t k = 0;

    delta = first ? delta / DAMP : delta / 2;
    delta += delta / n_points;
    for (; delta > ((BASE - T_MIN) * T_MAX) / 2; k += BASE)
        delta /= BASE - T_MIN;
    return k + (BASE - T_MIN + 1) * delta / (delta + SKEW);
}

struct label_writer {
    char *to;
    size_t used, room;
    BOOL full;
};

static void put(struct label_writer *writer, char c)
{
    if (writer->used < writer->room)
        writer->to[writer->used++] = c;
    else
        writer->full = TRUE;
}

/* A variable-length integer, RFC 3492, section 3.3. */
static void put_integer(struct label_writer *writer, uint32_t q, uint32_t bias)
{
    uint32_t k, t, digit;

    for (k = BASE;; k += BASE) {
        t = k <= bias ? T_MIN : k >= bias + T_MAX ? T_MAX : k - bias;
        digit = q < t ? q : t + (q - t) % (BASE - t);
        put(writer, (char)(digit < 26 ? 'a' + digit : '0' + digit - 26));
        if (q < t)
            return;
        q = (q - t) / (BASE - t);
    }
}

static uint32_t least_from(const uint32_t *points, uint32_t n_points,
                           uint32_t least)
{
    uint32_t found = UINT32_MAX, i;

    for (i = 0; i < n_points; i++)
        if (points[i] >= least && points[i] < found)
            found = points[i];
    return found;
}

/* RFC 3492, section 6.3.  A label is too short for the overflow that the RFC
   guards against: 63 characters of at most 21 bits. */
static void put_punycode(struct label_writer *writer, const uint32_t *points,
                         uint32_t n_points)
{
    uint32_t n = INITIAL_N, delta = 0, bias = INITIAL_BIAS;
    uint32_t handled = 0, basic, next, i;

    for (i = 0; i < n_points; i++) {
        if (points[i] < 0x80) {
            put(writer, (char)points[i]);
            handled++;
        }
    }
    basic = handled;
    if (basic > 0)
        put(writer, '-');
    for (; handled < n_points; delta++, n++) {
        next = least_from(points, n_points, n);
        delta += (next - n) * (handled + 1);
        n = next;
        for (i = 0; i < n_points; i++) {
            if (points[i] < n)
                delta++;
            if (points[i] == n) {
                put_integer(writer, delta, bias);
                bias = adapt(delta, handled + 1, handled == basic);
                delta = 0;
                handled++;
            }
        }
    }
}

static void put_label(struct label_writer *writer, const uint32_t *points,
                      uint32_t n_points)
{
    BOOL ascii = TRUE;
    uint32_t i;

    for (i = 0; i < n_points; i++)
        ascii = ascii && points[i] < 0x80;
    if (ascii) {
        for (i = 0; i < n_points; i++)
            put(writer, (char)points[i]);
        return;
    }
    for (i = 0; i < 4; i++)
        put(writer, "xn--"[i]);
    put_punycode(writer, points, n_points);
}

BOOL wide_text_to_host_name(const WCHAR *from, char *to, size_t size)
{
    struct label_writer writer = {.to = to, .room = size ? size - 1 : 0};
    uint32_t points[LABEL_SIZE], n = 0, c;

    if (wide_text_is_ascii(from))
        return wide_text_to_utf8(from, to, size);
    while (*from) {
        c = next_of_utf16(&from);
        if (is_dot(c)) {
            put_label(&writer, points, n);
            put(&writer, '.');
            n = 0;
        } else if (n == LABEL_SIZE) {
            return FALSE;
        } else {
            points[n++] = lower_case(c);
        }
    }
    put_label(&writer, points, n);
    if (writer.full || !size)
        return FALSE;
    to[writer.used] = '\0';
    return TRUE;
}
