/* Arguments that must stand in headers too (x-mcp-header): what each tool of a server declares. */
#include "mcp/client/mirror.h"

#include "mcp/client/message.h"
#include "mcp/proto/param_header.h"

#include <stdlib.h>

#define MIRRORS_MAX 512
#define ARENA_MAX ((size_t)4 << 20)

/* Constant once it is in the list. */
struct mcp__mirror {
    struct mcp__mirror *next;
    struct mcp_arena *arena; /* owned: all that follows */
    mcp_str tool;
    mcp_str schema; /* as it was declared: headers point into it */
    const struct mcp_param_headers *headers; /* NULL: no longer any */
};

void mcp__mirrors_init(struct mcp__mirrors *mirrors)
{
    memset(mirrors, 0, sizeof(*mirrors));
    pthread_mutex_init(&mirrors->lock, NULL);
}

static void mirror_free(struct mcp__mirror *m)
{
    mcp_arena_free(m->arena);
    free(m);
}

void mcp__mirrors_release(struct mcp__mirrors *mirrors)
{
    while (mirrors->first != NULL) {
        struct mcp__mirror *m = mirrors->first;

        mirrors->first = m->next;
        mirror_free(m);
    }
    pthread_mutex_destroy(&mirrors->lock);
}

static mcp_str copy_of(struct mcp_arena *arena, mcp_str s)
{
    char *copy = mcp_arena_try(arena, s.len + 1);

    if (copy == NULL)
        return MCP_STR_NULL;
    memcpy(copy, s.ptr, s.len);
    return mcp_str_n(copy, s.len);
}

static struct mcp__mirror *find(struct mcp__mirrors *mirrors, mcp_str tool)
{
    struct mcp__mirror *m;

    pthread_mutex_lock(&mirrors->lock);
    for (m = mirrors->first; m != NULL && !mcp_str_eq(m->tool, tool);)
        m = m->next;
    pthread_mutex_unlock(&mirrors->lock);
    return m;
}

/* NULL when there is nothing to remember (known: there was before, so that nothing counts, too);
 * *valid false when there must not be. */
static struct mcp__mirror *make(mcp_str tool, mcp_str schema, bool known, bool *valid)
{
    struct mcp__mirror *m = calloc(1, sizeof(*m));
    struct mcp_json root;

    if (m == NULL)
        return NULL;
    m->arena = mcp_arena_new(0, ARENA_MAX);
    if (m->arena == NULL) {
        free(m);
        return NULL;
    }
    m->tool = copy_of(m->arena, tool);
    m->schema = copy_of(m->arena, schema);
    if (!mcp_str_is_null(m->tool) && !mcp_str_is_null(m->schema) &&
        mcp_json_parse(m->arena, m->schema, NULL, &root, NULL) == 0) {
        *valid = mcp__param_headers_compile(m->arena, root, &m->headers, NULL) == 0;
        if (*valid && (known || m->headers != NULL))
            return m;
    }
    mirror_free(m);
    return NULL;
}

bool mcp__mirrors_learn(struct mcp__mirrors *mirrors, mcp_str tool, struct mcp_json input_schema)
{
    mcp_str schema = mcp_json_raw(input_schema);
    struct mcp__mirror *known = find(mirrors, tool), *m;
    bool valid = true;

    if (schema.len > ARENA_MAX / 4 || (known != NULL && mcp_str_eq(known->schema, schema)))
        return true;
    m = make(tool, schema, known != NULL, &valid);
    if (m == NULL)
        return valid;
    pthread_mutex_lock(&mirrors->lock);
    if (mirrors->count < MIRRORS_MAX) {
        mirrors->count++;
        m->next = mirrors->first;
        mirrors->first = m;
        m = NULL;
    }
    pthread_mutex_unlock(&mirrors->lock);
    if (m != NULL)
        mirror_free(m);
    return true;
}

/* The header text of one argument; missing for a value that is not of the declared type: the server
 * has the words for that. */
static mcp_str value_of(struct mcp_arena *arena, enum mcp_json_type declared, struct mcp_json v)
{
    mcp_str text;
    bool flag;
    int64_t number;

    if (mcp_json_type(v) != declared)
        return MCP_STR_NULL;
    if (declared == MCP_JSON_STRING && mcp_json_str(v, arena, &text) == 0)
        return mcp__message_header_value(arena, text);
    if (declared == MCP_JSON_BOOL && mcp_json_bool(v, &flag) == 0)
        return flag ? MCP_STR("true") : MCP_STR("false");
    if (declared == MCP_JSON_NUMBER && mcp_json_int64(v, &number) == 0)
        return mcp_arena_printf(arena, "%lld", (long long)number);
    return MCP_STR_NULL;
}

static mcp_str header_name(struct mcp_arena *arena, mcp_str name)
{
    return mcp_arena_printf(arena, "Mcp-Param-%.*s", MCP_STR_ARG(mcp_str_head(name, 256)));
}

int mcp__mirrors_headers(struct mcp__mirrors *mirrors, struct mcp_arena *arena, mcp_str tool,
                         mcp_str args, const struct mcp_http_header **headers, size_t *n,
                         struct mcp_error *err)
{
    const struct mcp__mirror *m = find(mirrors, tool);
    struct mcp_http_header *list;
    struct mcp_json root;
    size_t used = 0;

    *headers = NULL;
    *n = 0;
    if (m == NULL || m->headers == NULL || mcp_str_is_null(args))
        return 0;
    if (mcp_json_parse(arena, args, NULL, &root, NULL) < 0)
        return mcp_error_set(err, MCP_EINVAL, "the arguments are no JSON, or too large");
    list = mcp_arena_try_array(arena, m->headers->count, sizeof(*list));
    if (list == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "out of memory");
    for (size_t i = 0; i < m->headers->count; i++) {
        const struct mcp_param_header *h = &m->headers->items[i];
        struct mcp_json v = root;
        mcp_str value;

        for (size_t k = 0; k < h->n_path; k++)
            v = mcp_json_get(v, h->path[k]);
        value = value_of(arena, h->type, v);
        if (mcp_str_is_null(value))
            continue;
        list[used].name = header_name(arena, h->name);
        list[used++].value = value;
    }
    *headers = list;
    *n = used;
    return 0;
}
