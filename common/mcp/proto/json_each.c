/* Walking one large JSON array element by element, in the memory of one element. */
#include "json_doc.h"

#include "mcp/base/escape.h"

#include <stdlib.h>

#define TOKENS_FIRST ((size_t)64)

static const char *skip_blanks(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
        p++;
    return p;
}

/* From behind the opening quote to behind the closing one; NULL when there is none. */
static const char *skip_string(const char *p, const char *end)
{
    for (;;) {
        p = mcp__json_plain(p, end);
        if (p == end)
            return NULL;
        if (*p == '"')
            return p + 1;
        p += *p == '\\' && end - p > 1 ? 2 : 1;
    }
}

const char *mcp__json_skip(const char *p, const char *end, size_t *tokens)
{
    size_t depth = 0;

    while (p < end) {
        switch (*p) {
        case '{':
        case '[':
            ++*tokens;
            depth++;
            p++;
            break;
        case '}':
        case ']':
            if (depth == 0)
                return NULL;
            depth--;
            p++;
            break;
        case '"':
            ++*tokens;
            p = skip_string(p + 1, end);
            if (p == NULL)
                return NULL;
            break;
        case ',':
        case ':':
        case ' ':
        case '\n':
        case '\r':
        case '\t':
            p++;
            continue; /* only inside a container: the loop ends with its value */
        default:
            ++*tokens;
            while (p < end && memchr(",:]} \n\r\t", *p, 8) == NULL)
                p++;
            break;
        }
        if (depth == 0)
            return p;
    }
    return NULL;
}

/* The begin of member name's value in the object at p, or NULL. Names compare unescaped. */
static const char *find_member(const char *p, const char *end, mcp_str name)
{
    size_t tokens = 0;

    if (p == end || *p != '{')
        return NULL;
    p = skip_blanks(p + 1, end);
    while (p < end && *p == '"') {
        const char *key = p + 1;

        p = skip_string(key, end);
        if (p == NULL)
            return NULL;
        mcp_str content = mcp_str_n(key, (size_t)(p - key) - 1);
        p = skip_blanks(p, end);
        if (p == end || *p != ':')
            return NULL;
        p = skip_blanks(p + 1, end);
        if (mcp__json_content_is(content, name))
            return p;
        p = p == end ? NULL : mcp__json_skip(p, end, &tokens);
        if (p == NULL)
            return NULL;
        p = skip_blanks(p, end);
        if (p == end || *p != ',')
            return NULL;
        p = skip_blanks(p + 1, end);
    }
    return NULL;
}

/* The first byte of the array that path names, or NULL. */
static const char *find_array(mcp_str text, const char *path)
{
    const char *end = text.ptr + text.len;
    const char *p = skip_blanks(text.ptr, end);
    mcp_str rest = mcp_str_z(path);

    while (p != NULL && rest.len > 0) {
        mcp_str name;

        mcp_str_cut(&rest, '.', &name);
        p = find_member(p, end, name);
    }
    return p != NULL && p < end && *p == '[' ? p : NULL;
}

/* Room for the document of one element, kept from element to element. */
struct room {
    void *bytes; /* owned */
    size_t tokens;
};

static int make_room(struct room *room, size_t tokens, struct mcp_error *err)
{
    size_t want = room->tokens == 0 ? TOKENS_FIRST : room->tokens;

    if (tokens <= room->tokens)
        return 0;
    if (tokens > MCP__JSON_TOP_TOKENS)
        return mcp_error_set(err, MCP_ETOOBIG, "JSON element holds too many values");
    while (want < tokens)
        want *= 2;
    free(room->bytes);
    room->tokens = 0;
    room->bytes = malloc(mcp__json_doc_bytes(want));
    if (room->bytes == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "no memory for a JSON element of %zu values", tokens);
    room->tokens = want;
    return 0;
}

int mcp_json_each(mcp_str text, const char *path,
                  int (*each)(void *ctx, struct mcp_json element, struct mcp_error *err), void *ctx,
                  struct mcp_error *err)
{
    const char *p = text.len == 0 ? NULL : find_array(text, path);
    const char *end = text.len == 0 ? NULL : text.ptr + text.len;
    struct room room = { 0 };
    int rc = 0;

    if (p == NULL)
        return mcp_error_set(err, MCP_ENOTFOUND, "no JSON array at \"%s\"", path);
    p = skip_blanks(p + 1, end);
    while (rc == 0 && p != end && *p != ']') {
        const char *begin = p;
        struct mcp_json element;
        size_t tokens = 0;

        p = mcp__json_skip(p, end, &tokens);
        if (p == NULL)
            break;
        rc = make_room(&room, tokens, err);
        if (rc == 0)
            rc = mcp__json_doc_make(room.bytes, mcp_str_n(begin, (size_t)(p - begin)), tokens,
                                    &element, err);
        if (rc == 0)
            rc = each(ctx, element, err);
        p = skip_blanks(p, end);
        if (p < end && *p == ',')
            p = skip_blanks(p + 1, end);
    }
    if (rc == 0 && (p == NULL || p == end))
        rc = mcp_error_set(err, MCP_EPARSE, "invalid JSON: an array is not closed");
    free(room.bytes);
    return rc;
}
