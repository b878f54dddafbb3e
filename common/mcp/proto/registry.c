/* The tools of a server, compiled once: schemas, tools/list and the identity, per revision. */
#include "mcp/proto/registry.h"

#include "mcp/proto/param_header.h"
#include <mcp/json_writer.h>
#include <mcp/schema.h>

#include <stdlib.h>

#define NAME_MAX_LEN 64
#define ARENA_FIRST ((size_t)64 << 10)
#define ARENA_LIMIT ((size_t)64 << 20)
#define LIST_BYTES ((size_t)1 << 20)
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

/* ---- printing -------------------------------------------------------------------------------- */

static void put_annotations(struct mcp_jsonw *w, const struct mcp_tool *tool)
{
    bool readonly = (tool->flags & MCP_TOOL_READONLY) != 0;

    mcp_jsonw_kobject(w, "annotations");
    mcp_jsonw_kbool(w, "readOnlyHint", readonly);
    if (!readonly) {
        mcp_jsonw_kbool(w, "destructiveHint", (tool->flags & MCP_TOOL_DESTRUCTIVE) != 0);
        mcp_jsonw_kbool(w, "idempotentHint", (tool->flags & MCP_TOOL_IDEMPOTENT) != 0);
    }
    mcp_jsonw_kbool(w, "openWorldHint", (tool->flags & MCP_TOOL_OPEN_WORLD) != 0);
    mcp_jsonw_end(w);
}

static void put_tool(struct mcp_jsonw *w, const struct mcp_tool *tool, enum mcp_revision rev)
{
    mcp_jsonw_object(w);
    mcp_jsonw_kz(w, "name", tool->name);
    if (tool->title != NULL && mcp__revision_has(rev, MCP_HAS_TITLE))
        mcp_jsonw_kz(w, "title", tool->title);
    mcp_jsonw_kz(w, "description", tool->description);
    mcp_jsonw_kraw(w, "inputSchema", mcp_str_n(tool->in->text, tool->in->len));
    if (tool->out != NULL && mcp__revision_has(rev, MCP_HAS_STRUCTURED))
        mcp_jsonw_kraw(w, "outputSchema", mcp_str_n(tool->out->text, tool->out->len));
    if (mcp__revision_has(rev, MCP_HAS_ANNOTATIONS))
        put_annotations(w, tool);
    mcp_jsonw_end(w);
}

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

static void print_tools(struct mcp_jsonw *w, const struct mcp_registry *registry,
                        enum mcp_revision rev)
{
    mcp_jsonw_object(w);
    put_result_type(w, rev);
    mcp_jsonw_karray(w, "tools");
    for (size_t i = 0; i < registry->n_tools; i++)
        put_tool(w, registry->tools[i].tool, rev);
    mcp_jsonw_end(w);
    put_cache_hints(w, registry, rev);
    mcp_jsonw_end(w);
}

/* Only what is served: a server without tools does not advertise them. */
static void put_capabilities(struct mcp_jsonw *w, const struct mcp_registry *registry)
{
    mcp_jsonw_kobject(w, "capabilities");
    if (registry->n_tools > 0) {
        mcp_jsonw_kobject(w, "tools");
        mcp_jsonw_end(w);
    }
    mcp_jsonw_end(w);
}

static void print_initialize(struct mcp_jsonw *w, const struct mcp_registry *registry,
                             enum mcp_revision rev)
{
    mcp_jsonw_object(w);
    mcp_jsonw_kstr(w, "protocolVersion", mcp__revisions[rev].name);
    put_capabilities(w, registry);
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
    put_capabilities(w, registry);
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
        mcp_error_set(err, MCP_ETOOBIG, "the tool definitions take more than %zu bytes", limit);
    mcp_buf_release(&buf);
    return rc;
}

static int print_all(struct mcp_registry *r, struct mcp_error *err)
{
    int rc = print(r, MCP_REV_MODERN, MCP_STR("\"io.modelcontextprotocol/serverInfo\":"),
                   print_info, &r->server_info, err);

    if (rc == 0)
        rc = print(r, MCP_REV_MODERN, MCP_STR(""), print_discover, &r->discover, err);
    for (int i = 0; rc == 0 && i < MCP_N_REVISIONS; i++) {
        enum mcp_revision rev = (enum mcp_revision)i;

        rc = print(r, rev, MCP_STR(""), print_tools, &r->tools_list[i], err);
        if (rc == 0 && rev != MCP_REV_MODERN)
            rc = print(r, rev, MCP_STR(""), print_initialize, &r->initialize[i], err);
    }
    return rc;
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
    r->n_tools = spec->n_tools;
    r->tools = mcp_arena_alloc(arena, spec->n_tools * sizeof(*r->tools));
    for (size_t i = 0; rc == 0 && i < spec->n_tools; i++) {
        rc = check_row(&spec->tools[i], i == 0 ? NULL : &spec->tools[i - 1], err);
        if (rc == 0)
            rc = compile_tool(arena, &spec->tools[i], &r->tools[i], err);
    }
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
