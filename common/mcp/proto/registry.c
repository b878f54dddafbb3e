/* What a server offers, compiled once: schemas, templates, lists and the identity, per revision. */
#include "mcp/proto/registry.h"

#include "mcp/proto/definition.h"
#include "mcp/proto/param_header.h"

#include <mcp/schema.h>

#define NAME_MAX_LEN 64
#define ARENA_FIRST ((size_t)64 << 10)
#define ARENA_LIMIT ((size_t)64 << 20)
#define LIST_BYTES ((size_t)1 << 20)
#define PAGE_SIZE 100
/* The lists are constant while the server runs; a client looks again after that time. */
#define TTL_MS 300000

/* ---- checks ---------------------------------------------------------------------------------- */

static bool good_name(mcp_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];

        if ((c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c != '_' &&
            c != '.' && c != '-')
            return false;
    }
    return name.len >= 1 && name.len <= NAME_MAX_LEN;
}

static int check_row(const struct mcp_tool *tool, const struct mcp_tool *before,
                     struct mcp_error *err)
{
    mcp_str name = mcp_str_z(tool->name);
    int order;

    if (!good_name(name))
        return mcp_error_set(err, MCP_EINVAL,
                             "tool \"%.*s\": a name is 1 to 64 of A-Z a-z 0-9 _ . -",
                             MCP_STR_ARG(name));
    order = before == NULL ? -1 : mcp_str_cmp(mcp_str_z(before->name), name);
    if (order == 0)
        return mcp_error_set(err, MCP_EINVAL, "tool %s stands twice in the table", tool->name);
    if (order > 0)
        return mcp_error_set(err, MCP_EINVAL, "tool %s must stand before %s: rows are sorted",
                             tool->name, before->name);
    if (tool->description == NULL || tool->description[0] == '\0')
        return mcp_error_set(err, MCP_EINVAL, "tool %s has no description", tool->name);
    if (tool->in == NULL)
        return mcp_error_set(err, MCP_EINVAL, "tool %s has no input schema", tool->name);
    if (tool->run == NULL)
        return mcp_error_set(err, MCP_EINVAL, "tool %s has no function to run", tool->name);
    return 0;
}

static void free_schema(void *schema)
{
    mcp_schema_free(schema);
}

/* Compiles a schema of the tool; its root must be of type object. Says which tool and which schema. */
static int compile_schema(struct mcp_arena *arena, const struct mcp_tool *tool,
                          const struct mcp_schema_text *text, struct mcp_json *doc,
                          const struct mcp_schema **schema, struct mcp_error *err)
{
    mcp_str bytes = mcp_str_n(text->text, text->len);
    struct mcp_schema *compiled = NULL;
    struct mcp_error why = { 0 };
    int rc = mcp_json_parse(arena, bytes, NULL, doc, &why);

    if (rc == 0 && !mcp_json_str_eq(mcp_json_get(*doc, MCP_STR("type")), MCP_STR("object")))
        rc = mcp_error_set(&why, MCP_EINVAL, "the root must be of type object");
    if (rc == 0) {
        compiled = mcp_schema_compile(bytes, &why);
        rc = compiled == NULL ? MCP_EINVAL : 0;
    }
    if (rc != 0)
        return mcp_error_set(err, MCP_EINVAL, "tool %s: schema %s: %s", tool->name, text->name,
                             why.message);
    mcp_arena_defer(arena, free_schema, compiled);
    *schema = compiled;
    return 0;
}

static int compile_tool(struct mcp_arena *arena, const struct mcp_tool *tool,
                        struct mcp_registry_tool *row, struct mcp_error *err)
{
    struct mcp_error why = { 0 };
    struct mcp_json doc;
    int rc;

    row->tool = tool;
    rc = compile_schema(arena, tool, tool->in, &doc, &row->in, err);
    if (rc != 0)
        return rc;
    if (mcp__param_headers_compile(arena, doc, &row->headers, &why) != 0)
        return mcp_error_set(err, MCP_EINVAL, "tool %s: %s", tool->name, why.message);
    return tool->out == NULL ? 0 : compile_schema(arena, tool, tool->out, &doc, &row->out, err);
}

static int compile_resource(struct mcp_registry *r, size_t at, struct mcp_error *err)
{
    const struct mcp_resource *row = &r->spec.resources[at];
    const char *place = row->uri != NULL ? row->uri : row->uri_template;
    struct mcp_uri_template *t;
    struct mcp_error why = { 0 };
    struct mcp_json meta;

    if (place == NULL || (row->uri != NULL && row->uri_template != NULL))
        return mcp_error_set(err, MCP_EINVAL, "resource %zu needs uri or uri_template, not both",
                             at);
    if (row->name == NULL || row->name[0] == '\0')
        return mcp_error_set(err, MCP_EINVAL, "resource %s has no name", place);
    if (row->read == NULL)
        return mcp_error_set(err, MCP_EINVAL, "resource %s has no function to read it", place);
    if (row->meta != NULL &&
        (mcp_json_parse(r->arena, mcp_str_z(row->meta), NULL, &meta, NULL) != 0 ||
         mcp_json_type(meta) != MCP_JSON_OBJECT))
        return mcp_error_set(err, MCP_EINVAL, "resource %s: meta is no JSON object", place);
    if (row->complete != NULL && row->uri_template == NULL)
        return mcp_error_set(err, MCP_EINVAL, "resource %s has no variables to complete", place);
    r->resources[at].row = row;
    if (mcp__registry_find_template(r, mcp_str_z(place)) != &r->resources[at])
        return mcp_error_set(err, MCP_EINVAL, "resource %s stands twice in the table", place);
    r->completes |= row->complete != NULL;
    if (row->uri_template == NULL)
        return 0;
    t = MCP_ARENA_NEW(r->arena, struct mcp_uri_template);
    if (mcp__uri_template_parse(mcp_str_z(place), t, &why) != 0)
        return mcp_error_set(err, MCP_EINVAL, "resource %s: %s", place, why.message);
    r->resources[at].uri_template = t;
    return 0;
}

/* The view of a tool must be there, and be one. */
static int check_view(struct mcp_registry *r, const struct mcp_tool *tool, struct mcp_error *err)
{
    const struct mcp_registry_resource *view;

    if (tool->ui == NULL)
        return 0;
    r->views = true;
    view = mcp__registry_find_template(r, mcp_str_z(tool->ui));
    if (view == NULL || view->row->uri == NULL ||
        !mcp_str_starts(mcp_str_z(tool->ui), MCP_STR("ui://")) ||
        !mcp_str_eq(mcp_str_z(view->row->mime_type), MCP_STR(MCP_UI_MIME_TYPE)))
        return mcp_error_set(err, MCP_EINVAL,
                             "tool %s: %s is no resource \"ui://...\" of type " MCP_UI_MIME_TYPE,
                             tool->name, tool->ui);
    return 0;
}

static int check_prompt(struct mcp_registry *r, size_t at, struct mcp_error *err)
{
    const struct mcp_prompt *row = &r->spec.prompts[at];
    mcp_str name = mcp_str_z(row->name);

    if (!good_name(name))
        return mcp_error_set(err, MCP_EINVAL,
                             "prompt \"%.*s\": a name is 1 to 64 of A-Z a-z 0-9 _ . -",
                             MCP_STR_ARG(name));
    if (mcp__registry_find_prompt(r, name) != row)
        return mcp_error_set(err, MCP_EINVAL, "prompt %s stands twice in the table", row->name);
    if (row->get == NULL)
        return mcp_error_set(err, MCP_EINVAL, "prompt %s has no function to get it", row->name);
    for (size_t i = 0; i < row->n_args; i++) {
        if (row->args[i].name == NULL)
            return mcp_error_set(err, MCP_EINVAL, "prompt %s: argument %zu has no name", row->name,
                                 i);
    }
    r->completes |= row->complete != NULL;
    return 0;
}

/* ---- printing -------------------------------------------------------------------------------- */

/* The Implementation object. */
static void put_info(struct mcp_jsonw *w, const struct mcp_registry_spec *spec,
                     enum mcp_revision rev)
{
    mcp_jsonw_object(w);
    mcp_jsonw_kz(w, "name", spec->name);
    if (spec->title != NULL && mcp__revision_has(rev, MCP_HAS_TITLE))
        mcp_jsonw_kz(w, "title", spec->title);
    mcp_jsonw_kz(w, "version", spec->version);
    if (spec->description != NULL && mcp__revision_has(rev, MCP_HAS_DESCRIPTION))
        mcp_jsonw_kz(w, "description", spec->description);
    mcp_jsonw_end(w);
}

/* resultType, or the hints that a modern cacheable result carries behind its data. */
static void put_result_type(struct mcp_jsonw *w, enum mcp_revision rev)
{
    if (mcp__revision_has(rev, MCP_HAS_RESULT_TYPE))
        mcp_jsonw_kz(w, "resultType", "complete");
}

static void put_cache_hints(struct mcp_jsonw *w, const struct mcp_registry *registry,
                            enum mcp_revision rev)
{
    if (!mcp__revision_has(rev, MCP_HAS_RESULT_TYPE))
        return;
    mcp_jsonw_kint(w, "ttlMs", TTL_MS);
    mcp_jsonw_kz(w, "cacheScope", "public");
    mcp_jsonw_kobject(w, "_meta");
    mcp_jsonw_key(w, MCP_STR("io.modelcontextprotocol/serverInfo"));
    put_info(w, &registry->spec, rev);
    mcp_jsonw_end(w);
}

static void put_capability(struct mcp_jsonw *w, const char *name, bool served, bool list_changes,
                           bool subscribe)
{
    if (!served)
        return;
    mcp_jsonw_kobject(w, name);
    if (list_changes)
        mcp_jsonw_kbool(w, "listChanged", true);
    if (subscribe)
        mcp_jsonw_kbool(w, "subscribe", true);
    mcp_jsonw_end(w);
}

/* Only what is served: a server without tools does not advertise them. */
static void put_capabilities(struct mcp_jsonw *w, const struct mcp_registry *registry,
                             enum mcp_revision rev)
{
    const struct mcp_registry_spec *spec = &registry->spec;
    bool tasks, views;

    mcp_jsonw_kobject(w, "capabilities");
    put_capability(w, "tools", registry->n_tools > 0, (spec->changes & MCP_CHANGE_TOOLS) != 0,
                   false);
    put_capability(w, "resources", spec->n_resources > 0,
                   (spec->changes & MCP_CHANGE_RESOURCES) != 0,
                   (spec->changes & MCP_CHANGE_RESOURCE) != 0);
    put_capability(w, "prompts", spec->n_prompts > 0, (spec->changes & MCP_CHANGE_PROMPTS) != 0,
                   false);
    put_capability(w, "completions",
                   registry->completes && mcp__revision_has(rev, MCP_HAS_COMPLETIONS), false,
                   false);
    put_capability(w, "logging", spec->logging, false, false);
    tasks = registry->tasks && mcp__revision_has(rev, MCP_HAS_RESULT_TYPE);
    views = registry->views && mcp__revision_has(rev, MCP_HAS_TITLE);
    if (tasks || views) {
        mcp_jsonw_kobject(w, "extensions");
        put_capability(w, "io.modelcontextprotocol/tasks", tasks, false, false);
        put_capability(w, "io.modelcontextprotocol/ui", views, false, false);
        mcp_jsonw_end(w);
    }
    mcp_jsonw_end(w);
}

static void print_initialize(struct mcp_jsonw *w, const struct mcp_registry *registry,
                             enum mcp_revision rev)
{
    mcp_jsonw_object(w);
    mcp_jsonw_kstr(w, "protocolVersion", mcp__revisions[rev].name);
    put_capabilities(w, registry, rev);
    mcp_jsonw_key(w, MCP_STR("serverInfo"));
    put_info(w, &registry->spec, rev);
    if (registry->spec.instructions != NULL)
        mcp_jsonw_kz(w, "instructions", registry->spec.instructions);
    mcp_jsonw_end(w);
}

static void print_discover(struct mcp_jsonw *w, const struct mcp_registry *registry,
                           enum mcp_revision rev)
{
    mcp_jsonw_object(w);
    put_result_type(w, rev);
    mcp_jsonw_karray(w, "supportedVersions");
    mcp_jsonw_str(w, mcp__revisions[rev].name);
    mcp_jsonw_end(w);
    put_capabilities(w, registry, rev);
    if (registry->spec.instructions != NULL)
        mcp_jsonw_kz(w, "instructions", registry->spec.instructions);
    put_cache_hints(w, registry, rev);
    mcp_jsonw_end(w);
}

static void print_info(struct mcp_jsonw *w, const struct mcp_registry *registry,
                       enum mcp_revision rev)
{
    put_info(w, &registry->spec, rev);
}

/* Prints one value into the arena. 0, or MCP_ETOOBIG. */
static int print(const struct mcp_registry *registry, enum mcp_revision rev, mcp_str prefix,
                 void (*fn)(struct mcp_jsonw *w, const struct mcp_registry *registry,
                            enum mcp_revision rev),
                 mcp_str *out, struct mcp_error *err)
{
    size_t limit = registry->spec.limit_bytes != 0 ? registry->spec.limit_bytes : LIST_BYTES;
    struct mcp_buf buf;
    struct mcp_jsonw w;
    int rc;

    mcp_buf_init(&buf, limit);
    mcp_buf_str(&buf, prefix);
    mcp_jsonw_init(&w, &buf);
    fn(&w, registry, rev);
    rc = mcp_buf_error(&buf);
    /* A schema may have line breaks between its tokens; an answer has none. */
    for (size_t i = 0; i < buf.len; i++) {
        if (buf.ptr[i] == '\n' || buf.ptr[i] == '\r')
            buf.ptr[i] = ' ';
    }
    if (rc == 0)
        *out = mcp_arena_str(registry->arena, mcp_buf_view(&buf));
    else
        mcp_error_set(err, MCP_ETOOBIG, "the identity takes more than %zu bytes", limit);
    mcp_buf_release(&buf);
    return rc;
}

/* ---- lists ----------------------------------------------------------------------------------- */

/* What a list is made of: its rows, by their index in the tables of the spec. */
struct rows {
    const struct mcp_registry *registry;
    enum mcp_list list;
    enum mcp_revision rev;
    size_t *at;
};

static void put_row(void *ctx, struct mcp_jsonw *w, size_t i)
{
    const struct rows *rows = ctx;
    const struct mcp_registry_spec *spec = &rows->registry->spec;

    switch (rows->list) {
    case MCP_LIST_TOOLS:
        mcp__definition_tool(w, &spec->tools[rows->at[i]], rows->rev);
        break;
    case MCP_LIST_PROMPTS:
        mcp__definition_prompt(w, &spec->prompts[rows->at[i]], rows->rev);
        break;
    default:
        mcp__definition_resource(w, &spec->resources[rows->at[i]], rows->rev);
        break;
    }
}

/* The rows of one list: how many. */
static size_t select_rows(struct rows *rows)
{
    const struct mcp_registry_spec *spec = &rows->registry->spec;
    size_t n = spec->n_resources, found = 0;
    bool all = rows->list == MCP_LIST_TOOLS || rows->list == MCP_LIST_PROMPTS;

    if (all)
        n = rows->list == MCP_LIST_TOOLS ? spec->n_tools : spec->n_prompts;
    rows->at = mcp_arena_alloc(rows->registry->arena, (n + 1) * sizeof(*rows->at));
    for (size_t i = 0; i < n; i++) {
        bool is_template = !all && spec->resources[i].uri == NULL;

        if (all || is_template == (rows->list == MCP_LIST_TEMPLATES))
            rows->at[found++] = i;
    }
    return found;
}

static int make_lists(struct mcp_registry *r, struct mcp_error *err)
{
    size_t limit = r->spec.limit_bytes != 0 ? r->spec.limit_bytes : LIST_BYTES;
    mcp_str hints =
        mcp_arena_printf(r->arena, ",\"ttlMs\":%d,\"cacheScope\":\"public\",\"_meta\":{%.*s}",
                         TTL_MS, MCP_STR_ARG(r->server_info));

    for (int list = 0; list < MCP_N_LISTS; list++) {
        struct rows rows = { .registry = r, .list = (enum mcp_list)list };
        size_t n = select_rows(&rows);

        for (int i = 0; i < MCP_N_REVISIONS; i++) {
            struct mcp_listing *out = &r->lists[list][i];

            rows.rev = out->rev = (enum mcp_revision)i;
            out->list = rows.list;
            if (mcp__listing_make(r->arena, out,
                                  mcp__revision_has(out->rev, MCP_HAS_RESULT_TYPE) ? hints
                                                                                   : MCP_STR(""),
                                  r->spec.page_size, limit, n, put_row, &rows) != 0)
                return mcp_error_set(err, MCP_ETOOBIG,
                                     "the definitions of %s take more than %zu bytes",
                                     mcp__list_keys[list], limit);
        }
    }
    return 0;
}

static int print_all(struct mcp_registry *r, struct mcp_error *err)
{
    int rc = print(r, MCP_REV_MODERN, MCP_STR("\"io.modelcontextprotocol/serverInfo\":"),
                   print_info, &r->server_info, err);

    if (rc == 0)
        r->result_end =
            mcp_arena_printf(r->arena, ",\"_meta\":{%.*s}}}", MCP_STR_ARG(r->server_info));
    if (rc == 0)
        rc = print(r, MCP_REV_MODERN, MCP_STR(""), print_discover, &r->discover, err);
    for (int i = 0; rc == 0 && i < MCP_N_REVISIONS; i++) {
        if (i != MCP_REV_MODERN)
            rc = print(r, (enum mcp_revision)i, MCP_STR(""), print_initialize, &r->initialize[i],
                       err);
    }
    return rc == 0 ? make_lists(r, err) : rc;
}

int mcp__registry_new(const struct mcp_registry_spec *spec, struct mcp_registry **out,
                      struct mcp_error *err)
{
    struct mcp_arena *arena = mcp_arena_new(ARENA_FIRST, ARENA_LIMIT);
    struct mcp_registry *r;
    int rc = 0;

    if (arena == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "no memory for the tool registry");
    r = MCP_ARENA_NEW(arena, struct mcp_registry);
    r->arena = arena;
    r->spec = *spec;
    if (r->spec.page_size == 0)
        r->spec.page_size = PAGE_SIZE;
    r->n_tools = spec->n_tools;
    r->resources = mcp_arena_alloc(arena, spec->n_resources * sizeof(*r->resources));
    r->tools = mcp_arena_alloc(arena, spec->n_tools * sizeof(*r->tools));
    for (size_t i = 0; rc == 0 && i < spec->n_tools; i++) {
        rc = check_row(&spec->tools[i], i == 0 ? NULL : &spec->tools[i - 1], err);
        if (rc == 0)
            rc = compile_tool(arena, &spec->tools[i], &r->tools[i], err);
        r->tasks |= (spec->tools[i].flags & (MCP_TOOL_TASK | MCP_TOOL_TASK_ONLY)) != 0;
    }
    for (size_t i = 0; rc == 0 && i < spec->n_resources; i++)
        rc = compile_resource(r, i, err);
    for (size_t i = 0; rc == 0 && i < spec->n_tools; i++)
        rc = check_view(r, &spec->tools[i], err);
    for (size_t i = 0; rc == 0 && i < spec->n_prompts; i++)
        rc = check_prompt(r, i, err);
    if (rc == 0)
        rc = print_all(r, err);
    if (rc != 0)
        mcp_arena_free(arena);
    else
        *out = r;
    return rc;
}

void mcp__registry_free(struct mcp_registry *registry)
{
    if (registry != NULL)
        mcp_arena_free(registry->arena);
}

const struct mcp_registry_tool *mcp__registry_find(const struct mcp_registry *registry,
                                                   mcp_str name)
{
    size_t low = 0, high = registry->n_tools;

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int order = mcp_str_cmp(mcp_str_z(registry->tools[mid].tool->name), name);

        if (order == 0)
            return &registry->tools[mid];
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

const struct mcp_registry_resource *mcp__registry_find_resource(const struct mcp_registry *registry,
                                                                mcp_str uri,
                                                                struct mcp_arena *arena,
                                                                mcp_str values[MCP_URI_VARS_MAX])
{
    for (size_t i = 0; i < registry->spec.n_resources; i++) {
        const struct mcp_registry_resource *r = &registry->resources[i];

        if (r->uri_template == NULL
                ? mcp_str_eq(mcp_str_z(r->row->uri), uri)
                : mcp__uri_template_match(r->uri_template, uri, arena, values) == 0)
            return r;
    }
    return NULL;
}

const struct mcp_registry_resource *mcp__registry_find_template(const struct mcp_registry *registry,
                                                                mcp_str text)
{
    for (size_t i = 0; i < registry->spec.n_resources; i++) {
        const struct mcp_resource *row = &registry->spec.resources[i];

        if (mcp_str_eq(mcp_str_z(row->uri != NULL ? row->uri : row->uri_template), text))
            return &registry->resources[i];
    }
    return NULL;
}

const struct mcp_prompt *mcp__registry_find_prompt(const struct mcp_registry *registry,
                                                   mcp_str name)
{
    for (size_t i = 0; i < registry->spec.n_prompts; i++) {
        if (mcp_str_eq(mcp_str_z(registry->spec.prompts[i].name), name))
            return &registry->spec.prompts[i];
    }
    return NULL;
}
