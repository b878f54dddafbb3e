/* What one client wants to be told of, and the notifications that tell it. */
#include "mcp/proto/watch.h"

#include <mcp/json_writer.h>

#include <stdlib.h>

static const struct {
    enum mcp_change change;
    const char *method;
    const char *member; /* of the filter; NULL: it is about URIs */
} rows[] = {
    { MCP_CHANGE_TOOLS, "notifications/tools/list_changed", "toolsListChanged" },
    { MCP_CHANGE_PROMPTS, "notifications/prompts/list_changed", "promptsListChanged" },
    { MCP_CHANGE_RESOURCES, "notifications/resources/list_changed", "resourcesListChanged" },
    { MCP_CHANGE_RESOURCE, "notifications/resources/updated", NULL },
};
#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

void mcp__watch_release(struct mcp_watch *watch)
{
    for (size_t i = 0; i < watch->n_uris; i++)
        free(watch->uris[i]);
    free(watch->uris);
    free(watch->id);
    memset(watch, 0, sizeof(*watch));
}

static size_t find(const struct mcp_watch *watch, mcp_str uri)
{
    size_t i = 0;

    while (i < watch->n_uris && !mcp_str_eq(mcp_str_z(watch->uris[i]), uri))
        i++;
    return i;
}

static char *copy_of(mcp_str s)
{
    char *copy = malloc(s.len + 1);

    if (copy == NULL)
        return NULL;
    if (s.len > 0)
        memcpy(copy, s.ptr, s.len);
    copy[s.len] = '\0';
    return copy;
}

int mcp__watch_add(struct mcp_watch *watch, mcp_str uri)
{
    if (find(watch, uri) < watch->n_uris)
        return 0;
    if (watch->n_uris == MCP_WATCH_URIS_MAX || uri.len > MCP_WATCH_URI_BYTES ||
        mcp_str_find(uri, '\0') < uri.len)
        return MCP_ETOOBIG;
    if (watch->uris == NULL) {
        watch->uris = calloc(MCP_WATCH_URIS_MAX, sizeof(*watch->uris));
        if (watch->uris == NULL)
            return MCP_ENOMEM;
    }
    watch->uris[watch->n_uris] = copy_of(uri);
    if (watch->uris[watch->n_uris] == NULL)
        return MCP_ENOMEM;
    watch->n_uris++;
    return 0;
}

void mcp__watch_remove(struct mcp_watch *watch, mcp_str uri)
{
    size_t at = find(watch, uri);

    if (at == watch->n_uris)
        return;
    free(watch->uris[at]);
    watch->uris[at] = watch->uris[--watch->n_uris];
}

bool mcp__watch_wants(const struct mcp_watch *watch, enum mcp_change change, mcp_str uri)
{
    if (change == MCP_CHANGE_RESOURCE)
        return find(watch, uri) < watch->n_uris;
    return (watch->changes & (unsigned)change) != 0;
}

int mcp__watch_read(struct mcp_watch *watch, struct mcp_json filter, unsigned served, mcp_str id,
                    struct mcp_arena *arena, struct mcp_error *err)
{
    struct mcp_json_iter it;
    mcp_str uri;
    int rc = 0;

    if (mcp_json_type(filter) != MCP_JSON_OBJECT)
        return mcp_error_set(err, MCP_EINVAL, "params.notifications must be an object");
    for (size_t i = 0; i < N_ROWS; i++) {
        if (rows[i].member != NULL && (served & (unsigned)rows[i].change) != 0 &&
            mcp_json_get_bool(filter, mcp_str_z(rows[i].member), false))
            watch->changes |= (unsigned)rows[i].change;
    }
    it = mcp_json_iter(mcp_json_get(filter, MCP_STR("resourceSubscriptions")));
    while (rc == 0 && (served & MCP_CHANGE_RESOURCE) != 0 && mcp_json_next(&it)) {
        if (mcp_json_str(it.value, arena, &uri) != 0)
            rc = mcp_error_set(err, MCP_EINVAL, "resourceSubscriptions must hold strings");
        else if (mcp__watch_add(watch, uri) != 0)
            rc = mcp_error_set(err, MCP_ETOOBIG, "more than %d subscriptions, or one is too long",
                               MCP_WATCH_URIS_MAX);
    }
    watch->id = rc == 0 ? copy_of(id) : NULL;
    if (rc == 0 && watch->id == NULL)
        rc = mcp_error_set(err, MCP_ENOMEM, "out of memory");
    if (rc != 0)
        mcp__watch_release(watch);
    return rc;
}

/* The tag by which a client tells its listenings apart. */
static void put_tag(const struct mcp_watch *watch, struct mcp_jsonw *w)
{
    if (watch->id == NULL)
        return;
    mcp_jsonw_kobject(w, "_meta");
    mcp_jsonw_kraw(w, "io.modelcontextprotocol/subscriptionId", mcp_str_z(watch->id));
    mcp_jsonw_end(w);
}

static void open_note(struct mcp_jsonw *w, struct mcp_buf *out, const char *method)
{
    mcp_jsonw_init(w, out);
    mcp_jsonw_object(w);
    mcp_jsonw_kz(w, "jsonrpc", "2.0");
    mcp_jsonw_kz(w, "method", method);
    mcp_jsonw_kobject(w, "params");
}

void mcp__watch_ack(const struct mcp_watch *watch, struct mcp_buf *out)
{
    struct mcp_jsonw w;

    open_note(&w, out, "notifications/subscriptions/acknowledged");
    mcp_jsonw_kobject(&w, "notifications");
    for (size_t i = 0; i < N_ROWS; i++) {
        if (rows[i].member != NULL && (watch->changes & (unsigned)rows[i].change) != 0)
            mcp_jsonw_kbool(&w, rows[i].member, true);
    }
    if (watch->n_uris > 0) {
        mcp_jsonw_karray(&w, "resourceSubscriptions");
        for (size_t i = 0; i < watch->n_uris; i++)
            mcp_jsonw_str(&w, mcp_str_z(watch->uris[i]));
        mcp_jsonw_end(&w);
    }
    mcp_jsonw_end(&w);
    put_tag(watch, &w);
    mcp_jsonw_end(&w);
    mcp_jsonw_end(&w);
}

void mcp__watch_note(const struct mcp_watch *watch, enum mcp_change change, mcp_str uri,
                     struct mcp_buf *out)
{
    struct mcp_jsonw w;
    size_t i = 0;

    while (i + 1 < N_ROWS && rows[i].change != change)
        i++;
    open_note(&w, out, rows[i].method);
    if (rows[i].change == MCP_CHANGE_RESOURCE)
        mcp_jsonw_kstr(&w, "uri", uri);
    put_tag(watch, &w);
    mcp_jsonw_end(&w);
    mcp_jsonw_end(&w);
}

void mcp__watch_end(const struct mcp_watch *watch, struct mcp_buf *out)
{
    struct mcp_jsonw w;

    mcp_jsonw_init(&w, out);
    mcp_jsonw_object(&w);
    mcp_jsonw_kz(&w, "jsonrpc", "2.0");
    mcp_jsonw_kraw(&w, "id", mcp_str_z(watch->id));
    mcp_jsonw_kobject(&w, "result");
    mcp_jsonw_kz(&w, "resultType", "complete");
    put_tag(watch, &w);
    mcp_jsonw_end(&w);
    mcp_jsonw_end(&w);
}

void mcp__watch_cancelled(const struct mcp_watch *watch, struct mcp_buf *out)
{
    struct mcp_jsonw w;

    open_note(&w, out, "notifications/cancelled");
    mcp_jsonw_kraw(&w, "requestId", mcp_str_z(watch->id));
    mcp_jsonw_end(&w);
    mcp_jsonw_end(&w);
}
