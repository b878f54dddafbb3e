/* The strict pass over JSON text (RFC 8259): grammar, UTF-8, escapes, depth, size; it notes tokens. */
#include <mcp/json.h>

#include "json_doc.h"
#include "mcp/base/escape.h"
#include "mcp/base/utf8.h"

struct scan {
    const char *begin; /* borrowed */
    const char *end;
    size_t tokens;
    size_t max_tokens;
    unsigned depth;
    unsigned max_depth;
    struct mcp_error *err;
    int rc; /* why a function below returned NULL */
    uint64_t objects[MCP__JSON_TOP_DEPTH / 64]; /* bit d: the container at depth d is an object */
    struct mcp__json_notes *notes; /* of the tokens as long as they fit, else NULL; borrowed */
    int parent; /* the token that the next one stands in: a container or a name, or -1 */
    mcp_str wanted; /* a member of the outermost object, or missing */
    const char *wanted_from; /* where its value begins while it is scanned, else NULL */
    mcp_str found; /* its value */
};

/* All that take p give the first byte behind what they took, or NULL after a failure. */

static const char *fail(struct scan *s, const char *p, const char *what)
{
    if (p >= s->end)
        s->rc = mcp_error_set(s->err, MCP_EPARSE, "invalid JSON: the text ends at byte %zu, %s",
                              (size_t)(s->end - s->begin), what);
    else
        s->rc = mcp_error_set(s->err, MCP_EPARSE, "invalid JSON at byte %zu: %s",
                              (size_t)(p - s->begin), what);
    return NULL;
}

static const char *skip_blanks(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
        p++;
    return p;
}

/* The value of four hex digits at p, or -1. */
static int hex4(const char *p, const char *end)
{
    int value = 0;

    if (end - p < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        char c = p[i];
        int digit;

        if (c >= '0' && c <= '9')
            digit = c - '0';
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            digit = (c | 0x20) - 'a' + 10;
        else
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

/* Behind the backslash. A surrogate counts only as a pair, high then low. */
static const char *scan_escape(struct scan *s, const char *p)
{
    int unit;

    if (s->notes != NULL)
        s->notes->plain = false;
    if (p < s->end && memchr("\"\\/bfnrt", *p, 8) != NULL)
        return p + 1;
    if (p >= s->end || *p != 'u')
        return fail(s, p, "expected one of \" \\ / b f n r t u behind the backslash");
    unit = hex4(p + 1, s->end);
    if (unit < 0)
        return fail(s, p, "expected four hex digits behind \\u");
    if (unit >= 0xDC00 && unit <= 0xDFFF)
        return fail(s, p, "low surrogate without a high one before it");
    if (unit >= 0xD800 && unit <= 0xDBFF) {
        if (s->end - p < 11 || p[5] != '\\' || p[6] != 'u')
            return fail(s, p, "high surrogate without a low one behind it");
        unit = hex4(p + 7, s->end);
        if (unit < 0xDC00 || unit > 0xDFFF)
            return fail(s, p, "high surrogate without a low one behind it");
        p += 6;
    }
    return p + 5;
}

/* From the opening quote to behind the closing one. */
static const char *scan_string(struct scan *s, const char *p)
{
    p++;
    for (;;) {
        p = mcp__json_plain(p, s->end);
        if (p == s->end)
            return fail(s, p, "inside a string");
        if (*p == '"')
            return p + 1;
        if (*p == '\\') {
            p = scan_escape(s, p + 1);
            if (p == NULL)
                return NULL;
            continue;
        }
        if ((unsigned char)*p < 0x20)
            return fail(s, p, "control characters in a string must be escaped");
        do { /* text that is not ASCII comes in runs */
            size_t n = mcp__utf8_len((const unsigned char *)p, (const unsigned char *)s->end);

            if (n == 0)
                return fail(s, p, "the text is not UTF-8");
            p += n;
        } while (p < s->end && (unsigned char)*p >= 0x80);
    }
}

/* At least one digit. */
static const char *scan_digits(struct scan *s, const char *p)
{
    const char *begin = p;

    while (p < s->end && *p >= '0' && *p <= '9')
        p++;
    return p == begin ? fail(s, p, "expected a digit") : p;
}

static const char *scan_number(struct scan *s, const char *p)
{
    if (*p == '-')
        p++;
    if (p < s->end && *p == '0')
        p++;
    else
        p = scan_digits(s, p);
    if (p != NULL && p < s->end && *p == '.')
        p = scan_digits(s, p + 1);
    if (p != NULL && p < s->end && (*p | 0x20) == 'e') {
        p++;
        if (p < s->end && (*p == '+' || *p == '-'))
            p++;
        p = scan_digits(s, p);
    }
    return p;
}

static const char *scan_word(struct scan *s, const char *p, mcp_str word)
{
    if (!mcp_str_starts(mcp_str_n(p, (size_t)(s->end - p)), word))
        return fail(s, p, "expected a value");
    return p + word.len;
}

/* One token more, that begins at p. */
static inline bool count(struct scan *s, const char *p, jsmntype_t type)
{
    size_t i = s->tokens;

    if (i >= s->max_tokens) {
        s->rc = mcp_error_set(s->err, MCP_ETOOBIG, "JSON holds more than %zu values (byte %zu)",
                              s->max_tokens, (size_t)(p - s->begin));
        return false;
    }
    s->tokens++;
    if (i >= MCP__JSON_NOTES)
        s->notes = NULL;
    if (s->notes == NULL)
        return true;
    s->notes->toks[i] = (jsmntok_t){ .type = type,
                                     .start = (int)(p - s->begin) + (type == JSMN_STRING),
                                     .parent = s->parent };
    if (s->parent >= 0)
        s->notes->toks[s->parent].size++;
    return true;
}

/* Token i ends before p, and with it all that it contains. */
static inline void end_token(const struct scan *s, size_t i, const char *p)
{
    jsmntok_t *tok;

    if (s->notes == NULL)
        return;
    tok = &s->notes->toks[i];
    tok->end = (int)(p - s->begin) - (tok->type == JSMN_STRING);
    s->notes->next[i] = (uint32_t)s->tokens;
}

/* A value is over: where it was a member's, so is the member. */
static inline void end_member(struct scan *s)
{
    if (s->notes == NULL || s->parent < 0 || s->notes->toks[s->parent].type != JSMN_STRING)
        return;
    s->notes->next[s->parent] = (uint32_t)s->tokens;
    s->parent = s->notes->toks[s->parent].parent;
}

static bool in_object(const struct scan *s)
{
    return (s->objects[(s->depth - 1) / 64] >> ((s->depth - 1) % 64) & 1) != 0;
}

/* At { or [. */
static const char *open_container(struct scan *s, const char *p)
{
    uint64_t bit = (uint64_t)1 << (s->depth % 64);

    if (s->depth >= s->max_depth) {
        s->rc = mcp_error_set(s->err, MCP_ETOOBIG, "JSON is nested deeper than %u (byte %zu)",
                              s->max_depth, (size_t)(p - s->begin));
        return NULL;
    }
    if (*p == '{')
        s->objects[s->depth / 64] |= bit;
    else
        s->objects[s->depth / 64] &= ~bit;
    s->depth++;
    s->parent = (int)s->tokens - 1;
    return p + 1;
}

static void close_container(struct scan *s, const char *p)
{
    s->depth--;
    if (s->notes == NULL)
        return;
    end_token(s, (size_t)s->parent, p);
    s->parent = s->notes->toks[s->parent].parent;
    end_member(s);
}

/* A value that is no container. */
static const char *scan_scalar(struct scan *s, const char *p)
{
    switch (*p) {
    case '"':
        return scan_string(s, p);
    case 't':
        return scan_word(s, p, MCP_STR("true"));
    case 'f':
        return scan_word(s, p, MCP_STR("false"));
    case 'n':
        return scan_word(s, p, MCP_STR("null"));
    default:
        if (*p == '-' || (*p >= '0' && *p <= '9'))
            return scan_number(s, p);
        return fail(s, p, "expected a value");
    }
}

/* A name and its colon. */
static const char *scan_name(struct scan *s, const char *p)
{
    const char *begin;

    p = begin = skip_blanks(p, s->end);
    if (p == s->end || *p != '"')
        return fail(s, p, "expected a member name in double quotes");
    if (!count(s, p, JSMN_STRING))
        return NULL;
    p = scan_string(s, p);
    if (p == NULL)
        return NULL;
    end_token(s, s->tokens - 1, p);
    s->parent = (int)s->tokens - 1;
    p = skip_blanks(p, s->end);
    if (p == s->end || *p != ':')
        return fail(s, p, "expected a colon");
    p++;
    if (s->depth == 1 && !mcp_str_is_null(s->wanted) && (size_t)(p - begin) >= s->wanted.len + 3 &&
        memcmp(begin + 1, s->wanted.ptr, s->wanted.len) == 0 && begin[s->wanted.len + 1] == '"')
        s->wanted_from = p = skip_blanks(p, s->end);
    return p;
}

/* Behind a value: closes what ends here. *more says that another value follows. */
static const char *scan_after(struct scan *s, const char *p, bool *more)
{
    while (s->depth > 0) {
        bool object = in_object(s);

        if (s->depth == 1 && s->wanted_from != NULL) {
            s->found = mcp_str_n(s->wanted_from, (size_t)(p - s->wanted_from));
            s->wanted_from = NULL;
        }
        p = skip_blanks(p, s->end);
        if (p == s->end)
            return fail(s, p, object ? "inside an object" : "inside an array");
        if (*p == ',') {
            *more = true;
            return object ? scan_name(s, p + 1) : p + 1;
        }
        if (*p != (object ? '}' : ']'))
            return fail(s, p, object ? "expected , or }" : "expected , or ]");
        close_container(s, ++p);
    }
    *more = false;
    return p;
}

static jsmntype_t type_at(const char *p)
{
    switch (*p) {
    case '{':
        return JSMN_OBJECT;
    case '[':
        return JSMN_ARRAY;
    case '"':
        return JSMN_STRING;
    default:
        return JSMN_PRIMITIVE;
    }
}

/* One value (a container: up to its first inner value), then what closes behind it. */
static const char *scan_step(struct scan *s, const char *p, bool *more)
{
    p = skip_blanks(p, s->end);
    if (p == s->end)
        return fail(s, p, "expected a value");
    if (!count(s, p, type_at(p)))
        return NULL;
    if (*p != '{' && *p != '[') {
        p = scan_scalar(s, p);
        if (p == NULL)
            return NULL;
        end_token(s, s->tokens - 1, p);
        end_member(s);
        return scan_after(s, p, more);
    }
    p = open_container(s, p);
    if (p == NULL)
        return NULL;
    p = skip_blanks(p, s->end);
    if (p < s->end && *p == (in_object(s) ? '}' : ']'))
        return scan_after(s, p, more);
    return in_object(s) ? scan_name(s, p) : p;
}

static int scan_text(mcp_str text, const struct mcp_json_limits *limits, mcp_str wanted,
                     mcp_str *found, struct mcp__json_notes *notes, size_t *tokens,
                     struct mcp_error *err)
{
    static const struct mcp_json_limits none;
    const struct mcp_json_limits *l = limits == NULL ? &none : limits;
    size_t max_bytes = l->max_bytes == 0 ? MCP__JSON_MAX_BYTES : l->max_bytes;
    const char *p = text.len == 0 ? "" : text.ptr;
    struct scan s;
    bool more = true;

    if (notes != NULL)
        notes->plain = true;
    s.notes = notes;
    s.parent = -1;
    s.wanted = wanted;
    s.wanted_from = NULL;
    s.found = MCP_STR_NULL;
    s.begin = p;
    s.end = p + text.len;
    s.tokens = 0;
    s.max_tokens = l->max_tokens == 0 ? MCP__JSON_MAX_TOKENS : l->max_tokens;
    s.depth = 0;
    s.max_depth = l->max_depth == 0 ? MCP__JSON_MAX_DEPTH : l->max_depth;
    s.err = err;
    s.rc = 0;
    if (max_bytes > MCP__JSON_TOP_BYTES)
        max_bytes = MCP__JSON_TOP_BYTES;
    if (s.max_tokens > MCP__JSON_TOP_TOKENS)
        s.max_tokens = MCP__JSON_TOP_TOKENS;
    if (s.max_depth > MCP__JSON_TOP_DEPTH)
        s.max_depth = MCP__JSON_TOP_DEPTH;
    if (text.len > max_bytes)
        return mcp_error_set(err, MCP_ETOOBIG, "JSON of %zu bytes is larger than %zu", text.len,
                             max_bytes);
    while (more) {
        p = scan_step(&s, p, &more);
        if (p == NULL)
            return s.rc;
    }
    p = skip_blanks(p, s.end);
    if (p != s.end) {
        fail(&s, p, "something follows the value");
        return s.rc;
    }
    if (tokens != NULL)
        *tokens = s.tokens;
    if (found != NULL)
        *found = s.found;
    return 0;
}

int mcp_json_scan(mcp_str text, const struct mcp_json_limits *limits, size_t *tokens,
                  struct mcp_error *err)
{
    return scan_text(text, limits, MCP_STR_NULL, NULL, NULL, tokens, err);
}

int mcp__json_scan_notes(mcp_str text, const struct mcp_json_limits *limits,
                         struct mcp__json_notes *notes, size_t *tokens, struct mcp_error *err)
{
    return scan_text(text, limits, MCP_STR_NULL, NULL, notes, tokens, err);
}

int mcp_json_scan_member(mcp_str text, const struct mcp_json_limits *limits, mcp_str name,
                         mcp_str *value, struct mcp_error *err)
{
    return scan_text(text, limits, name, value, NULL, NULL, err);
}
