/* The strict pass over JSON text (RFC 8259): grammar, UTF-8, escapes, depth and size. */
#include <mcp/json.h>

#include "json_doc.h"
#include "mcp/base/escape.h"
#include "mcp/base/utf8.h"

struct scan {
    const char *begin; /* borrowed */
    const char *p;
    const char *end;
    size_t tokens;
    size_t max_tokens;
    unsigned depth;
    unsigned max_depth;
    struct mcp_error *err;
    uint64_t objects[MCP__JSON_TOP_DEPTH / 64]; /* bit d: the container at depth d is an object */
    mcp_str wanted; /* a member of the outermost object, or missing */
    const char *wanted_from; /* where its value begins while it is scanned, else NULL */
    mcp_str found; /* its value */
};

static int fail(const struct scan *s, const char *what)
{
    if (s->p >= s->end)
        return mcp_error_set(s->err, MCP_EPARSE, "invalid JSON: the text ends at byte %zu, %s",
                             (size_t)(s->end - s->begin), what);
    return mcp_error_set(s->err, MCP_EPARSE, "invalid JSON at byte %zu: %s",
                         (size_t)(s->p - s->begin), what);
}

static void skip_blanks(struct scan *s)
{
    while (s->p < s->end && (*s->p == ' ' || *s->p == '\n' || *s->p == '\r' || *s->p == '\t'))
        s->p++;
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
static int scan_escape(struct scan *s)
{
    int unit;

    if (s->p < s->end && memchr("\"\\/bfnrt", *s->p, 8) != NULL) {
        s->p++;
        return 0;
    }
    if (s->p >= s->end || *s->p != 'u')
        return fail(s, "expected one of \" \\ / b f n r t u behind the backslash");
    unit = hex4(s->p + 1, s->end);
    if (unit < 0)
        return fail(s, "expected four hex digits behind \\u");
    if (unit >= 0xDC00 && unit <= 0xDFFF)
        return fail(s, "low surrogate without a high one before it");
    if (unit >= 0xD800 && unit <= 0xDBFF) {
        if (s->end - s->p < 11 || s->p[5] != '\\' || s->p[6] != 'u')
            return fail(s, "high surrogate without a low one behind it");
        unit = hex4(s->p + 7, s->end);
        if (unit < 0xDC00 || unit > 0xDFFF)
            return fail(s, "high surrogate without a low one behind it");
        s->p += 6;
    }
    s->p += 5;
    return 0;
}

/* From the opening quote to behind the closing one. */
static int scan_string(struct scan *s)
{
    s->p++;
    for (;;) {
        s->p = mcp__json_plain(s->p, s->end);
        if (s->p == s->end)
            return fail(s, "inside a string");
        if (*s->p == '"') {
            s->p++;
            return 0;
        }
        if (*s->p == '\\') {
            s->p++;
            if (scan_escape(s) < 0)
                return MCP_EPARSE;
            continue;
        }
        if ((unsigned char)*s->p < 0x20)
            return fail(s, "control characters in a string must be escaped");
        do { /* text that is not ASCII comes in runs */
            size_t n = mcp__utf8_len((const unsigned char *)s->p, (const unsigned char *)s->end);

            if (n == 0)
                return fail(s, "the text is not UTF-8");
            s->p += n;
        } while (s->p < s->end && (unsigned char)*s->p >= 0x80);
    }
}

/* At least one digit. */
static int scan_digits(struct scan *s)
{
    const char *begin = s->p;

    while (s->p < s->end && *s->p >= '0' && *s->p <= '9')
        s->p++;
    return s->p == begin ? fail(s, "expected a digit") : 0;
}

static int scan_number(struct scan *s)
{
    if (*s->p == '-')
        s->p++;
    if (s->p < s->end && *s->p == '0')
        s->p++;
    else if (scan_digits(s) < 0)
        return MCP_EPARSE;
    if (s->p < s->end && *s->p == '.') {
        s->p++;
        if (scan_digits(s) < 0)
            return MCP_EPARSE;
    }
    if (s->p < s->end && (*s->p | 0x20) == 'e') {
        s->p++;
        if (s->p < s->end && (*s->p == '+' || *s->p == '-'))
            s->p++;
        return scan_digits(s);
    }
    return 0;
}

static int scan_word(struct scan *s, mcp_str word)
{
    if (!mcp_str_starts(mcp_str_n(s->p, (size_t)(s->end - s->p)), word))
        return fail(s, "expected a value");
    s->p += word.len;
    return 0;
}

static int count(struct scan *s)
{
    if (s->tokens++ < s->max_tokens)
        return 0;
    return mcp_error_set(s->err, MCP_ETOOBIG, "JSON holds more than %zu values (byte %zu)",
                         s->max_tokens, (size_t)(s->p - s->begin));
}

static bool in_object(const struct scan *s)
{
    return (s->objects[(s->depth - 1) / 64] >> ((s->depth - 1) % 64) & 1) != 0;
}

/* At { or [. */
static int open_container(struct scan *s)
{
    uint64_t bit = (uint64_t)1 << (s->depth % 64);

    if (s->depth >= s->max_depth)
        return mcp_error_set(s->err, MCP_ETOOBIG, "JSON is nested deeper than %u (byte %zu)",
                             s->max_depth, (size_t)(s->p - s->begin));
    if (*s->p == '{')
        s->objects[s->depth / 64] |= bit;
    else
        s->objects[s->depth / 64] &= ~bit;
    s->depth++;
    s->p++;
    return 0;
}

/* A value that is no container. */
static int scan_scalar(struct scan *s)
{
    switch (*s->p) {
    case '"':
        return scan_string(s);
    case 't':
        return scan_word(s, MCP_STR("true"));
    case 'f':
        return scan_word(s, MCP_STR("false"));
    case 'n':
        return scan_word(s, MCP_STR("null"));
    default:
        if (*s->p == '-' || (*s->p >= '0' && *s->p <= '9'))
            return scan_number(s);
        return fail(s, "expected a value");
    }
}

/* A name and its colon. */
static int scan_name(struct scan *s)
{
    const char *begin;
    int rc;

    skip_blanks(s);
    begin = s->p;
    if (s->p == s->end || *s->p != '"')
        return fail(s, "expected a member name in double quotes");
    rc = count(s);
    if (rc == 0)
        rc = scan_string(s);
    if (rc < 0)
        return rc;
    skip_blanks(s);
    if (s->p == s->end || *s->p != ':')
        return fail(s, "expected a colon");
    s->p++;
    if (s->depth == 1 && !mcp_str_is_null(s->wanted) &&
        (size_t)(s->p - begin) >= s->wanted.len + 3 &&
        memcmp(begin + 1, s->wanted.ptr, s->wanted.len) == 0 && begin[s->wanted.len + 1] == '"') {
        skip_blanks(s);
        s->wanted_from = s->p;
    }
    return 0;
}

/* Behind a value: closes what ends here. *more says that another value follows. */
static int scan_after(struct scan *s, bool *more)
{
    while (s->depth > 0) {
        bool object = in_object(s);

        if (s->depth == 1 && s->wanted_from != NULL) {
            s->found = mcp_str_n(s->wanted_from, (size_t)(s->p - s->wanted_from));
            s->wanted_from = NULL;
        }
        skip_blanks(s);
        if (s->p == s->end)
            return fail(s, object ? "inside an object" : "inside an array");
        if (*s->p == ',') {
            s->p++;
            *more = true;
            return object ? scan_name(s) : 0;
        }
        if (*s->p != (object ? '}' : ']'))
            return fail(s, object ? "expected , or }" : "expected , or ]");
        s->p++;
        s->depth--;
    }
    *more = false;
    return 0;
}

/* One value (a container: up to its first inner value), then what closes behind it. */
static int scan_step(struct scan *s, bool *more)
{
    int rc;

    skip_blanks(s);
    if (s->p == s->end)
        return fail(s, "expected a value");
    rc = count(s);
    if (rc < 0)
        return rc;
    if (*s->p != '{' && *s->p != '[') {
        rc = scan_scalar(s);
        return rc < 0 ? rc : scan_after(s, more);
    }
    rc = open_container(s);
    if (rc < 0)
        return rc;
    skip_blanks(s);
    if (s->p < s->end && *s->p == (in_object(s) ? '}' : ']'))
        return scan_after(s, more);
    return in_object(s) ? scan_name(s) : 0;
}

static int scan_text(mcp_str text, const struct mcp_json_limits *limits, mcp_str wanted,
                     mcp_str *found, size_t *tokens, struct mcp_error *err)
{
    static const struct mcp_json_limits none;
    const struct mcp_json_limits *l = limits == NULL ? &none : limits;
    size_t max_bytes = l->max_bytes == 0 ? MCP__JSON_MAX_BYTES : l->max_bytes;
    struct scan s;
    bool more = true;

    s.wanted = wanted;
    s.wanted_from = NULL;
    s.found = MCP_STR_NULL;
    s.begin = s.p = text.len == 0 ? "" : text.ptr;
    s.end = s.begin + text.len;
    s.tokens = 0;
    s.max_tokens = l->max_tokens == 0 ? MCP__JSON_MAX_TOKENS : l->max_tokens;
    s.depth = 0;
    s.max_depth = l->max_depth == 0 ? MCP__JSON_MAX_DEPTH : l->max_depth;
    s.err = err;
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
        int rc = scan_step(&s, &more);

        if (rc < 0)
            return rc;
    }
    skip_blanks(&s);
    if (s.p != s.end)
        return fail(&s, "something follows the value");
    if (tokens != NULL)
        *tokens = s.tokens;
    if (found != NULL)
        *found = s.found;
    return 0;
}

int mcp_json_scan(mcp_str text, const struct mcp_json_limits *limits, size_t *tokens,
                  struct mcp_error *err)
{
    return scan_text(text, limits, MCP_STR_NULL, NULL, tokens, err);
}

int mcp_json_scan_member(mcp_str text, const struct mcp_json_limits *limits, mcp_str name,
                         mcp_str *value, struct mcp_error *err)
{
    return scan_text(text, limits, name, value, NULL, err);
}
