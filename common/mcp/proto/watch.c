/* What one client wants to be told of, and the notifications that tell it. */
#include "mcp/proto/watch.h"

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

static void release_names(struct mcp_watch_names *names)
{
    for (size_t i = 0; i < names->n; i++)
        free(names->items[i]);
    free(names->items);
}

void mcp__watch_release(struct mcp_watch *watch)
{
    release_names(&watch->uris);
    release_names(&watch->tasks);
    free(watch->id);
    memset(watch, 0, sizeof(*watch));
}

static size_t find(const struct mcp_watch_names *names, mcp_str name)
{
    size_t i = 0;

    while (i < names->n && !mcp_str_eq(mcp_str_z(names->items[i]), name))
        i++;
    return i;
}

static int add(struct mcp_watch_names *names, mcp_str name)
{
    if (find(names, name) < names->n)
        return 0;
    if (names->n == MCP_WATCH_URIS_MAX || name.len > MCP_WATCH_URI_BYTES ||
        mcp_str_find(name, '\0') < name.len)
        return MCP_ETOOBIG;
    if (names->items == NULL) {
        names->items = calloc(MCP_WATCH_URIS_MAX, sizeof(*names->items));
        if (names->items == NULL)
            return MCP_ENOMEM;
    }
    names->items[names->n] = mcp_str_dup(name);
    if (names->items[names->n] == NULL)
        return MCP_ENOMEM;
    names->n++;
    return 0;
}

static void remove_at(struct mcp_watch_names *names, size_t at)
{
    free(names->items[at]);
    names->items[at] = names->items[--names->n];
}

int mcp__watch_add(struct mcp_watch *watch, mcp_str uri)
{
    return add(&watch->uris, uri);
}

void mcp__watch_remove(struct mcp_watch *watch, mcp_str uri)
{
    size_t at = find(&watch->uris, uri);

    if (at < watch->uris.n)
        remove_at(&watch->uris, at);
}

void mcp__watch_keep_tasks(struct mcp_watch *watch, bool (*known)(void *ctx, mcp_str id), void *ctx)
{
    for (size_t i = watch->tasks.n; i-- > 0;) {
        if (!known(ctx, mcp_str_z(watch->tasks.items[i])))
            remove_at(&watch->tasks, i);
    }
}

bool mcp__watch_wants(const struct mcp_watch *watch, enum mcp_change change, mcp_str uri)
{
    if (change == MCP_CHANGE_RESOURCE)
        return find(&watch->uris, uri) < watch->uris.n;
    return (watch->changes & (unsigned)change) != 0;
}

bool mcp__watch_wants_task(const struct mcp_watch *watch, mcp_str id)
{
    return find(&watch->tasks, id) < watch->tasks.n;
}

bool mcp__watch_is_empty(const struct mcp_watch *watch)
{
    return watch->changes == 0 && watch->uris.n == 0 && watch->tasks.n == 0;
}

/* The strings of a member of the filter; a missing member holds none. */
static int read_names(struct mcp_watch_names *names, struct mcp_json filter, const char *member,
                      struct mcp_arena *arena, struct mcp_error *err)
{
    struct mcp_json_iter it = mcp_json_iter(mcp_json_get(filter, mcp_str_z(member)));
    mcp_str name;

    while (mcp_json_next(&it)) {
        if (mcp_json_str(it.value, arena, &name) != 0)
            return mcp_error_set(err, MCP_EINVAL, "%s must hold strings", member);
        if (add(names, name) != 0)
            return mcp_error_set(err, MCP_ETOOBIG, "%s holds more than %d, or one is too long",
                                 member, MCP_WATCH_URIS_MAX);
    }
    return 0;
}

int mcp__watch_read(struct mcp_watch *watch, struct mcp_json filter, unsigned served, mcp_str id,
                    struct mcp_arena *arena, struct mcp_error *err)
{
    int rc = 0;

    if (mcp_json_type(filter) != MCP_JSON_OBJECT)
        return mcp_error_set(err, MCP_EINVAL, "params.notifications must be an object");
    for (size_t i = 0; i < N_ROWS; i++) {
        if (rows[i].member != NULL && (served & (unsigned)rows[i].change) != 0 &&
            mcp_json_get_bool(filter, mcp_str_z(rows[i].member), false))
            watch->changes |= (unsigned)rows[i].change;
    }
    if ((served & MCP_CHANGE_RESOURCE) != 0)
        rc = read_names(&watch->uris, filter, "resourceSubscriptions", arena, err);
    if (rc == 0 && (served & MCP_WATCH_TASKS) != 0)
        rc = read_names(&watch->tasks, filter, "taskIds", arena, err);
    watch->id = rc == 0 ? mcp_str_dup(id) : NULL;
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

void mcp__watch_open_note(struct mcp_jsonw *w, struct mcp_buf *out, const char *method)
{
    mcp_jsonw_init(w, out);
    mcp_jsonw_object(w);
    mcp_jsonw_kz(w, "jsonrpc", "2.0");
    mcp_jsonw_kz(w, "method", method);
    mcp_jsonw_kobject(w, "params");
}

void mcp__watch_close_note(const struct mcp_watch *watch, struct mcp_jsonw *w)
{
    put_tag(watch, w);
    mcp_jsonw_end(w);
    mcp_jsonw_end(w);
}

static void put_names(struct mcp_jsonw *w, const char *member, const struct mcp_watch_names *names)
{
    if (names->n == 0)
        return;
    mcp_jsonw_karray(w, member);
    for (size_t i = 0; i < names->n; i++)
        mcp_jsonw_str(w, mcp_str_z(names->items[i]));
    mcp_jsonw_end(w);
}

void mcp__watch_ack(const struct mcp_watch *watch, struct mcp_buf *out)
{
    struct mcp_jsonw w;

    mcp__watch_open_note(&w, out, "notifications/subscriptions/acknowledged");
    mcp_jsonw_kobject(&w, "notifications");
    for (size_t i = 0; i < N_ROWS; i++) {
        if (rows[i].member != NULL && (watch->changes & (unsigned)rows[i].change) != 0)
            mcp_jsonw_kbool(&w, rows[i].member, true);
    }
    put_names(&w, "resourceSubscriptions", &watch->uris);
    put_names(&w, "taskIds", &watch->tasks);
    mcp_jsonw_end(&w);
    mcp__watch_close_note(watch, &w);
}

void mcp__watch_note(const struct mcp_watch *watch, enum mcp_change change, mcp_str uri,
                     struct mcp_buf *out)
{
    struct mcp_jsonw w;
    size_t i = 0;

    while (i + 1 < N_ROWS && rows[i].change != change)
        i++;
    mcp__watch_open_note(&w, out, rows[i].method);
    if (rows[i].change == MCP_CHANGE_RESOURCE)
        mcp_jsonw_kstr(&w, "uri", uri);
    mcp__watch_close_note(watch, &w);
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

    mcp__watch_open_note(&w, out, "notifications/cancelled");
    mcp_jsonw_kraw(&w, "requestId", mcp_str_z(watch->id));
    mcp_jsonw_end(&w);
    mcp_jsonw_end(&w);
}
