/* The text of JSON strings: unescaping, comparing, and names that stand twice. */
#include "json_doc.h"

#include <stdlib.h>

/* Up to so many members each pair is compared; beyond, the names are sorted. */
#define DUPLICATE_PAIRS_MAX 24

static unsigned hex_digit(char c)
{
    return (unsigned)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

static unsigned unit_at(const char *p)
{
    return hex_digit(p[0]) << 12 | hex_digit(p[1]) << 8 | hex_digit(p[2]) << 4 | hex_digit(p[3]);
}

static size_t utf8_put(unsigned c, char out[4])
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xC0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xE0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3F));
        out[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3F));
    out[2] = (char)(0x80 | (c >> 6 & 0x3F));
    out[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

/* Takes one byte or one escape from *p on; the scan has seen to it that escapes are whole. Returns
 * how many bytes of out it makes. */
static size_t decode_one(const char **p, char out[4])
{
    static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
    const char *at;
    unsigned c;

    if (**p != '\\') {
        out[0] = *(*p)++;
        return 1;
    }
    c = (unsigned char)(*p)[1];
    *p += 2;
    if (c != 'u') {
        at = memchr(from, (int)c, sizeof(from) - 1);
        out[0] = at == NULL ? (char)c : to[at - from];
        return 1;
    }
    c = unit_at(*p);
    *p += 4;
    if (c >= 0xD800 && c <= 0xDBFF) {
        c = 0x10000 + ((c - 0xD800) << 10) + (unit_at(*p + 2) - 0xDC00);
        *p += 6;
    }
    return utf8_put(c, out);
}

static bool is_escaped(mcp_str raw)
{
    return raw.len > 0 && memchr(raw.ptr, '\\', raw.len) != NULL;
}

static int unescape(mcp_str raw, struct mcp_arena *arena, mcp_str *out)
{
    const char *p = raw.ptr;
    char *copy = mcp_arena_try(arena, raw.len + 1); /* unescaping never lengthens */
    size_t n = 0;

    if (copy == NULL)
        return -1;
    while (p < raw.ptr + raw.len) {
        char one[4];
        size_t k = decode_one(&p, one);

        memcpy(copy + n, one, k);
        n += k;
    }
    *out = mcp_str_n(copy, n);
    return 0;
}

int mcp_json_str(struct mcp_json v, struct mcp_arena *arena, mcp_str *out)
{
    mcp_str raw = mcp__json_content(v);

    if (mcp_str_is_null(raw))
        return -1;
    if (!v.doc->plain && is_escaped(raw))
        return unescape(raw, arena, out);
    *out = raw;
    return 0;
}

/* Walks the unescaped bytes of a string. */
struct reader {
    const char *p; /* borrowed */
    const char *end;
    bool escaped;
    unsigned char at, n; /* what is left of one */
    char one[4];
};

static struct reader reader_of(mcp_str s, bool escaped)
{
    return (
        struct reader){ .p = s.ptr, .end = s.len == 0 ? s.ptr : s.ptr + s.len, .escaped = escaped };
}

/* The next byte, or -1 at the end. */
static int read_byte(struct reader *r)
{
    if (r->at < r->n)
        return (unsigned char)r->one[r->at++];
    if (r->p == r->end)
        return -1;
    if (!r->escaped)
        return (unsigned char)*r->p++;
    r->n = (unsigned char)decode_one(&r->p, r->one);
    r->at = 1;
    return (unsigned char)r->one[0];
}

static int cmp(struct reader a, struct reader b)
{
    for (;;) {
        int x = read_byte(&a), y = read_byte(&b);

        if (x != y || x < 0)
            return x - y;
    }
}

int mcp__json_content_cmp(mcp_str a, mcp_str b)
{
    bool a_escaped = is_escaped(a), b_escaped = is_escaped(b);

    if (!a_escaped && !b_escaped)
        return mcp_str_cmp(a, b);
    return cmp(reader_of(a, a_escaped), reader_of(b, b_escaped));
}

bool mcp__json_content_is(mcp_str content, mcp_str plain)
{
    if (content.len < plain.len)
        return false;
    if (content.len == plain.len) /* an escape would make the text longer than what it stands for */
        return mcp_str_eq(content, plain) && !is_escaped(content);
    return is_escaped(content) && cmp(reader_of(content, true), reader_of(plain, false)) == 0;
}

bool mcp_json_str_eq(struct mcp_json v, mcp_str s)
{
    return mcp__json_is(v, s);
}

static int cmp_names(const void *a, const void *b)
{
    return mcp__json_content_cmp(mcp__json_content(*(const struct mcp_json *)a),
                                 mcp__json_content(*(const struct mcp_json *)b));
}

/* Sorting bounds the work whatever the names are; a hash would not without a secret. */
static struct mcp_json sorted_duplicate(struct mcp_json object)
{
    size_t n = mcp_json_count(object), used = 0;
    struct mcp_json *names = calloc(n, sizeof(*names));
    struct mcp_json found = { NULL, 0 };

    for (struct mcp_json_iter it = mcp_json_iter(object); mcp_json_next(&it);) {
        if (names == NULL)
            return it.key;
        names[used++] = it.key;
    }
    qsort(names, used, sizeof(*names), cmp_names);
    for (size_t i = 1; i < used && !mcp_json_exists(found); i++) {
        if (cmp_names(&names[i - 1], &names[i]) == 0)
            found = names[i];
    }
    free(names);
    return found;
}

struct mcp_json mcp__json_duplicate_below(struct mcp_json v)
{
    struct mcp_json twice = { NULL, 0 };

    if (v.doc == NULL)
        return twice;
    for (uint32_t i = v.tok; i < v.doc->next[v.tok] && !mcp_json_exists(twice); i++) {
        if (v.doc->toks[i].type == JSMN_OBJECT && v.doc->toks[i].size > 1)
            twice = mcp_json_duplicate((struct mcp_json){ v.doc, i });
    }
    return twice;
}

struct mcp_json mcp_json_duplicate(struct mcp_json object)
{
    const struct mcp_json none = { NULL, 0 };
    const struct mcp_json_doc *doc = object.doc;
    size_t n = mcp_json_type(object) == MCP_JSON_OBJECT ? mcp_json_count(object) : 0;
    struct mcp_json key = { doc, object.tok + 1 };
    mcp_str seen[DUPLICATE_PAIRS_MAX];

    if (n < 2)
        return none;
    if (n > DUPLICATE_PAIRS_MAX)
        return sorted_duplicate(object);
    for (size_t k = 0; k < n; k++) {
        seen[k] = mcp__json_content(key);
        for (size_t i = 0; i < k; i++) {
            /* The length settles it for most pairs; an escape may hide behind any length. */
            if (doc->plain ? mcp_str_eq(seen[k], seen[i])
                           : mcp__json_content_cmp(seen[k], seen[i]) == 0)
                return key;
        }
        key.tok = doc->next[key.tok];
    }
    return none;
}
