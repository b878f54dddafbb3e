/* Records of a CSV stream by RFC 4180, found many bytes at a time, without copies. */
#include "csv.h"

#include <stdlib.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define XXH_INLINE_ALL
#include <xxhash.h>

#ifdef MCP_FUZZ /* small inputs meet these ends too, and cost no quarter of a megabyte */
#define BUFFER_FIRST ((size_t)1 << 10)
#define WINDOW ((size_t)256)
#else
#define BUFFER_FIRST ((size_t)256 << 10)
#define WINDOW ((size_t)16 << 10) /* bytes that are indexed at a time */
#endif
#define SLACK 64 /* readable bytes behind the buffer: a whole step at its end */
#define NEWLINE ((uint32_t)1 << 31)

struct end {
    uint32_t at; /* offset of the comma or newline (NEWLINE set) from the window's start */
    uint32_t quotes; /* quotes before it, counted from the stream's start */
};

struct cost__csv {
    struct cost__csv_input *in; /* borrowed */
    char *buf; /* owned: size + SLACK bytes */
    size_t size, filled;
    size_t row; /* where the current (or next) record starts */
    size_t indexed; /* the index reaches to here */
    size_t window; /* where the index starts */
    bool eof, begun;
    uint64_t inside; /* all ones while the index ends inside quotes */
    uint32_t quotes; /* seen up to indexed */
    uint32_t quotes_at_field; /* up to where the next field starts */
    uint64_t lines; /* newlines seen up to indexed, in quotes or not */
    uint64_t record_lines; /* newlines from the current record's start to row */
    uint64_t hash;
    size_t n_ends, next_end;
    struct end ends[WINDOW + 1];
    size_t n;
    struct raw {
        size_t at, len; /* at: offset from row */
        uint32_t quotes; /* in it */
    } raw[COST__CSV_MAX_FIELDS];
    mcp_str fields[COST__CSV_MAX_FIELDS];
};

struct cost__csv *cost__csv_new(struct cost__csv_input *in)
{
    struct cost__csv *c = malloc(sizeof(*c));

    if (c == NULL)
        return NULL;
    memset(c, 0, offsetof(struct cost__csv, ends));
    c->in = in;
    c->size = BUFFER_FIRST;
    c->buf = malloc(c->size + SLACK);
    if (c->buf == NULL) {
        free(c);
        return NULL;
    }
    memset(c->buf, 0, c->size + SLACK);
    return c;
}

void cost__csv_free(struct cost__csv *c)
{
    if (c == NULL)
        return;
    free(c->buf);
    free(c);
}

/* ---- the index ---- */

struct masks {
    uint64_t quote, comma, newline;
};

#ifdef __SSE2__
static inline struct masks masks_of(const char *p)
{
    const __m128i quote = _mm_set1_epi8('"'), comma = _mm_set1_epi8(',');
    const __m128i newline = _mm_set1_epi8('\n');
    struct masks m = { 0, 0, 0 };

    for (unsigned i = 0; i < 4; i++) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + i * 16));

        m.quote |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(v, quote)) << i * 16;
        m.comma |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(v, comma)) << i * 16;
        m.newline |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(v, newline)) << i * 16;
    }
    return m;
}
#else
static inline struct masks masks_of(const char *p)
{
    struct masks m = { 0, 0, 0 };

    for (unsigned i = 0; i < 64; i++) {
        m.quote |= (uint64_t)(p[i] == '"') << i;
        m.comma |= (uint64_t)(p[i] == ',') << i;
        m.newline |= (uint64_t)(p[i] == '\n') << i;
    }
    return m;
}
#endif

/* Bit i is the parity of the bits 0..i: set from an opening quote up to before the closing one. A
 * doubled quote closes and opens again, which is what it means here. */
static inline uint64_t prefix_xor(uint64_t x)
{
    x ^= x << 1;
    x ^= x << 2;
    x ^= x << 4;
    x ^= x << 8;
    x ^= x << 16;
    return x ^ x << 32;
}

/* Indexes the next window of what is filled. */
static void index_more(struct cost__csv *c)
{
    size_t stop = c->filled - c->indexed > WINDOW ? c->indexed + WINDOW : c->filled;
    size_t n = 0;

    c->window = c->indexed;
    for (size_t at = c->indexed; at < stop; at += 64) {
        struct masks m = masks_of(c->buf + at);
        uint64_t inside, ends;

        if (stop - at < 64) {
            uint64_t valid = ((uint64_t)1 << (stop - at)) - 1;

            m.quote &= valid;
            m.comma &= valid;
            m.newline &= valid;
        }
        inside = prefix_xor(m.quote) ^ c->inside;
        c->inside = (uint64_t)((int64_t)inside >> 63);
        ends = (m.comma | m.newline) & ~inside;
        while (ends != 0) {
            unsigned bit = (unsigned)__builtin_ctzll(ends);
            uint64_t below = ((uint64_t)1 << bit) - 1;

            c->ends[n].at =
                (uint32_t)(at + bit - c->window) | ((m.newline >> bit & 1) != 0 ? NEWLINE : 0);
            c->ends[n++].quotes = c->quotes + (uint32_t)__builtin_popcountll(m.quote & below);
            ends &= ends - 1;
        }
        c->quotes += (uint32_t)__builtin_popcountll(m.quote);
        c->lines += (uint64_t)__builtin_popcountll(m.newline);
    }
    c->indexed = stop;
    c->n_ends = n;
    c->next_end = 0;
}

/* ---- the buffer ---- */

static uint64_t newlines(const char *p, size_t len)
{
    uint64_t n = 0;
    const char *stop = p + len;

    while ((p = memchr(p, '\n', (size_t)(stop - p))) != NULL) {
        n++;
        p++;
    }
    return n;
}

static int too_big(const struct cost__csv *c, const char *what, size_t limit, struct mcp_error *err)
{
    return mcp_error_set(err, MCP_EDATA, "%.*s:%llu: %s is larger than %zu bytes",
                         MCP_STR_ARG(cost__csv_input_name(c->in)),
                         (unsigned long long)cost__csv_line(c), what, limit);
}

/* Moves the record that is being read to the front, makes room, reads. */
static int fill(struct cost__csv *c, struct mcp_error *err)
{
    int64_t n;

    if (c->row > 0) {
        memmove(c->buf, c->buf + c->row, c->filled - c->row);
        c->filled -= c->row;
        c->indexed -= c->row;
        c->row = 0;
    }
    if (c->filled == c->size) {
        char *buf;

        if (c->size >= COST__CSV_MAX_RECORD)
            return too_big(c, "the record", COST__CSV_MAX_RECORD, err);
        buf = realloc(c->buf, c->size * 2 + SLACK);
        if (buf == NULL)
            return mcp_error_set(err, MCP_ENOMEM, "out of memory");
        c->buf = buf;
        c->size *= 2;
        memset(c->buf + c->size, 0, SLACK);
    }
    n = cost__csv_input_read(c->in, c->buf + c->filled, c->size - c->filled, err);
    if (n < 0)
        return (int)n;
    c->filled += (size_t)n;
    c->eof = n == 0;
    if (!c->begun) {
        c->begun = true;
        if (c->filled >= 3 && memcmp(c->buf, "\xef\xbb\xbf", 3) == 0)
            c->row = c->indexed = 3;
    }
    return 0;
}

/* ---- records ---- */

static int bad_quotes(const struct cost__csv *c, size_t field, const char *what,
                      struct mcp_error *err)
{
    mcp_error_set(err, MCP_EDATA, "%.*s:%llu: field %zu %s",
                  MCP_STR_ARG(cost__csv_input_name(c->in)), (unsigned long long)cost__csv_line(c),
                  field + 1, what);
    return mcp_error_next(err, "A field with quotes or line breaks must be in quotes, and each "
                               "quote in it doubled (RFC 4180)");
}

/* Single quotes for doubled ones, in place. */
static bool unescape(char *p, size_t *len)
{
    size_t out = 0;

    for (size_t i = 0; i < *len; i++) {
        if (p[i] == '"' && (++i == *len || p[i] != '"'))
            return false;
        p[out++] = p[i];
    }
    *len = out;
    return true;
}

static int finish_record(struct cost__csv *c, size_t end, struct mcp_error *err)
{
    char *row = c->buf + c->row;
    struct raw *last = &c->raw[c->n - 1];

    if (last->len > 0 && row[last->at + last->len - 1] == '\r')
        last->len--;
    c->hash = XXH3_64bits(row, last->at + last->len);
    c->record_lines = newlines(row, end - c->row);
    c->row = end;
    for (size_t i = 0; i < c->n; i++) {
        const struct raw *r = &c->raw[i];
        char *p = row + r->at;
        size_t len = r->len;

        if (len > COST__CSV_MAX_FIELD)
            return too_big(c, "a field", COST__CSV_MAX_FIELD, err);
        if (r->quotes > 0) {
            if (p[0] != '"')
                return bad_quotes(c, i, "has a quote inside but is not in quotes", err);
            if (len < 2 || p[len - 1] != '"')
                return bad_quotes(c, i, "has text behind its closing quote", err);
            p++;
            len -= 2;
            if (r->quotes > 2 && !unescape(p, &len))
                return bad_quotes(c, i, "has text behind its closing quote", err);
        }
        c->fields[i] = mcp_str_n(p, len);
    }
    return 0;
}

/* Collects the raw fields of the next record; *end is behind it. 1, 0 at the end, or negative. */
static int collect(struct cost__csv *c, size_t *end, struct mcp_error *err)
{
    size_t start = 0; /* of the field, from row */

    c->n = 0;
    c->record_lines = 0;
    for (;;) {
        int rc;

        while (c->next_end < c->n_ends) {
            const struct end *e = &c->ends[c->next_end++];
            size_t at = c->window + (e->at & ~NEWLINE) - c->row;

            if (c->n == COST__CSV_MAX_FIELDS)
                return bad_quotes(c, c->n, "is beyond the most a record may have (1024)", err);
            c->raw[c->n++] = (struct raw){ start, at - start, e->quotes - c->quotes_at_field };
            c->quotes_at_field = e->quotes;
            start = at + 1;
            if ((e->at & NEWLINE) != 0) {
                *end = c->row + start;
                return 1;
            }
        }
        if (c->indexed < c->filled) {
            index_more(c);
            continue;
        }
        if (!c->eof) {
            rc = fill(c, err);
            if (rc != 0)
                return rc;
            continue;
        }
        if (c->inside != 0)
            return bad_quotes(c, c->n, "opens a quote that never closes", err);
        if (c->n == 0 && c->row + start == c->filled)
            return 0;
        if (c->n == COST__CSV_MAX_FIELDS)
            return bad_quotes(c, c->n, "is beyond the most a record may have (1024)", err);
        c->raw[c->n++] =
            (struct raw){ start, c->filled - c->row - start, c->quotes - c->quotes_at_field };
        c->quotes_at_field = c->quotes;
        *end = c->filled;
        return 1;
    }
}

int cost__csv_next(struct cost__csv *c, const mcp_str **fields, size_t *n, struct mcp_error *err)
{
    for (;;) {
        size_t end = 0, row;
        int rc = collect(c, &end, err);

        if (rc <= 0)
            return rc;
        row = c->row;
        if (c->n == 1 &&
            (c->raw[0].len == 0 || (c->raw[0].len == 1 && c->buf[row + c->raw[0].at] == '\r'))) {
            c->row = end;
            continue;
        }
        rc = finish_record(c, end, err);
        if (rc != 0)
            return rc;
        *fields = c->fields;
        *n = c->n;
        return 1;
    }
}

uint64_t cost__csv_line(const struct cost__csv *c)
{
    /* The count reaches to where the index does: take back what lies behind the record's start. */
    return c->lines + 1 - newlines(c->buf + c->row, c->indexed - c->row) - c->record_lines;
}

uint64_t cost__csv_record_hash(const struct cost__csv *c)
{
    return c->hash;
}
