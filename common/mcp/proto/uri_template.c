/* URI templates of RFC 6570, level 1: literals and {variables}, matched against whole URIs. */
#include "mcp/proto/uri_template.h"

static bool is_unreserved(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

static bool is_var_name(mcp_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];

        if (!is_unreserved(c) || c == '-' || c == '~')
            return false;
    }
    return name.len > 0;
}

static int add_var(struct mcp_uri_template *out, mcp_str name, struct mcp_error *err)
{
    if (!is_var_name(name))
        return mcp_error_set(err, MCP_EINVAL, "{%.*s} is no variable of level 1 of RFC 6570",
                             MCP_STR_ARG(name));
    if (out->n_vars == MCP_URI_VARS_MAX)
        return mcp_error_set(err, MCP_EINVAL, "more than %d variables", MCP_URI_VARS_MAX);
    if (out->n_vars > 0 && out->literals[out->n_vars].len == 0)
        return mcp_error_set(err, MCP_EINVAL, "{%.*s} touches the variable before it",
                             MCP_STR_ARG(name));
    for (size_t i = 0; i < out->n_vars; i++) {
        if (mcp_str_eq(out->vars[i], name))
            return mcp_error_set(err, MCP_EINVAL, "{%.*s} stands twice", MCP_STR_ARG(name));
    }
    out->vars[out->n_vars++] = name;
    return 0;
}

int mcp__uri_template_parse(mcp_str text, struct mcp_uri_template *out, struct mcp_error *err)
{
    size_t at = 0;

    memset(out, 0, sizeof(*out));
    for (;;) {
        size_t open = at + mcp_str_find(mcp_str_n(text.ptr + at, text.len - at), '{');
        mcp_str literal = mcp_str_n(text.ptr + at, open - at);
        size_t close;
        int rc;

        if (mcp_str_find(literal, '}') < literal.len)
            return mcp_error_set(err, MCP_EINVAL, "a } without its {");
        out->literals[out->n_vars] = literal;
        if (open == text.len)
            break;
        close = open + mcp_str_find(mcp_str_n(text.ptr + open, text.len - open), '}');
        if (close == text.len)
            return mcp_error_set(err, MCP_EINVAL, "a { without its }");
        rc = add_var(out, mcp_str_n(text.ptr + open + 1, close - open - 1), err);
        if (rc != 0)
            return rc;
        at = close + 1;
    }
    return out->n_vars > 0 ? 0 : mcp_error_set(err, MCP_EINVAL, "no {variable} in it");
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The text that a value stands for: 0, or -1 for what no expansion of level 1 gives. */
static int decode(mcp_str raw, struct mcp_arena *arena, mcp_str *out)
{
    char *text = mcp_arena_try(arena, raw.len + 1);
    size_t n = 0;

    if (text == NULL || raw.len == 0)
        return -1;
    for (size_t i = 0; i < raw.len; i++) {
        int high, low;

        if (is_unreserved(raw.ptr[i])) {
            text[n++] = raw.ptr[i];
            continue;
        }
        high = raw.ptr[i] == '%' && i + 2 < raw.len ? hex(raw.ptr[i + 1]) : -1;
        low = high >= 0 ? hex(raw.ptr[i + 2]) : -1;
        if (low < 0)
            return -1;
        text[n++] = (char)(high << 4 | low);
        i += 2;
    }
    *out = mcp_str_n(text, n);
    return memchr(text, '\0', n) == NULL && mcp_str_is_utf8(*out) ? 0 : -1;
}

/* Where needle begins in s at the earliest, but not at its first byte; s.len when nowhere. */
static size_t find_behind(mcp_str s, mcp_str needle)
{
    for (size_t i = 1; i + needle.len <= s.len; i++) {
        if (memcmp(s.ptr + i, needle.ptr, needle.len) == 0)
            return i;
    }
    return s.len;
}

/* Each literal is taken where it first stands: a later place would only stretch the variable before
 * it across bytes that the variable behind it could not hold either. */
int mcp__uri_template_match(const struct mcp_uri_template *t, mcp_str uri, struct mcp_arena *arena,
                            mcp_str values[MCP_URI_VARS_MAX])
{
    mcp_str last = t->literals[t->n_vars];

    if (!mcp_str_cut_prefix(&uri, t->literals[0]) || !mcp_str_ends(uri, last))
        return -1;
    uri.len -= last.len;
    for (size_t i = 0; i < t->n_vars; i++) {
        mcp_str literal = t->literals[i + 1];
        size_t end = i + 1 == t->n_vars ? uri.len : find_behind(uri, literal);

        if ((end == uri.len && i + 1 < t->n_vars) ||
            decode(mcp_str_n(uri.ptr, end), arena, &values[i]) != 0)
            return -1;
        if (i + 1 < t->n_vars)
            uri = mcp_str_n(uri.ptr + end + literal.len, uri.len - end - literal.len);
    }
    return 0;
}
