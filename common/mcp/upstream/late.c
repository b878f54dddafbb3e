/* The public entry points of upstream requests; they open the companion library at first need. */
#include "mcp/upstream/late.h"

#include <mcp/version.h>

#include <dlfcn.h>
#include <pthread.h>

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)
#define COMPANION "libmcp-late.so." TEXT(MCP_VERSION_MAJOR) "." TEXT(MCP_VERSION_MINOR)

/* All under lock. The library stays open to the end of the program: its thread runs in it. */
static struct {
    pthread_mutex_t lock;
    const struct mcp_late_api *api; /* borrowed from the companion */
    size_t max_bytes_total;
} late = { .lock = PTHREAD_MUTEX_INITIALIZER };

static const struct mcp_late_api *open_companion(struct mcp_error *err)
{
    const struct mcp_late_api *api = NULL;
    const char *why;
    void *library;

    /* The companion lies beside libmcp.so, whose RUNPATH names its own folder. */
    library = dlopen(COMPANION, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        why = dlerror();
        mcp_error_set(err, MCP_ECONFIG, "cannot open %s: %s", COMPANION,
                      why == NULL ? "no reason given" : why);
        mcp_error_next(err, "Install it beside libmcp.so, from the same build");
        return NULL;
    }
    api = dlsym(library, "mcp_late_table");
    if (api == NULL || api->version != MCP_LATE_VERSION) {
        mcp_error_set(err, MCP_ECONFIG, "%s belongs to another build of libmcp", COMPANION);
        mcp_error_next(err, "Install both libraries from the same build");
        dlclose(library);
        return NULL;
    }
    return api;
}

const struct mcp_late_api *mcp__late(struct mcp_error *err)
{
    const struct mcp_late_api *api;

    pthread_mutex_lock(&late.lock);
    if (late.api == NULL) {
        api = &mcp_late_table != NULL ? &mcp_late_table : open_companion(err);
        if (api != NULL && late.max_bytes_total > 0)
            api->upstream_configure(late.max_bytes_total);
        late.api = api;
    }
    api = late.api;
    pthread_mutex_unlock(&late.lock);
    return api;
}

void mcp__late_configure(size_t max_bytes_total)
{
    pthread_mutex_lock(&late.lock);
    late.max_bytes_total = max_bytes_total;
    if (late.api != NULL)
        late.api->upstream_configure(max_bytes_total);
    pthread_mutex_unlock(&late.lock);
}

void mcp__late_stop(void)
{
    const struct mcp_late_api *api;

    pthread_mutex_lock(&late.lock);
    api = late.api;
    pthread_mutex_unlock(&late.lock);
    if (api != NULL)
        api->upstream_stop();
}

int mcp_fetch(struct mcp_call *call, const struct mcp_http_req *req, struct mcp_http_res *res,
              struct mcp_error *err)
{
    const struct mcp_late_api *api = mcp__late(err);

    return api == NULL ? MCP_ECONFIG : api->fetch(call, req, res, err);
}

int mcp_fetch_all(struct mcp_call *call, const struct mcp_http_req *reqs, size_t n,
                  unsigned parallel,
                  int (*each)(void *ctx, size_t i, const struct mcp_http_res *res, int code,
                              struct mcp_error *err),
                  void *ctx, struct mcp_error *err)
{
    const struct mcp_late_api *api = mcp__late(err);

    return api == NULL ? MCP_ECONFIG : api->fetch_all(call, reqs, n, parallel, each, ctx, err);
}

int mcp_once(struct mcp_call *call, mcp_str key,
             int (*fn)(struct mcp_call *call, void *ctx, mcp_str *value, struct mcp_error *err),
             void *ctx, mcp_str *value, struct mcp_error *err)
{
    const struct mcp_late_api *api = mcp__late(err);

    return api == NULL ? MCP_ECONFIG : api->once(call, key, fn, ctx, value, err);
}

int mcp_jwt_sign(struct mcp_arena *arena, mcp_str key_pem, mcp_str kid, mcp_str claims,
                 mcp_str *jwt, struct mcp_error *err)
{
    const struct mcp_late_api *api = mcp__late(err);

    return api == NULL ? MCP_ECONFIG : api->jwt_sign(arena, key_pem, kid, claims, jwt, err);
}

int mcp_sigv4_sign(const struct mcp_sigv4 *request, struct mcp_arena *arena,
                   struct mcp_sigv4_signed *out, struct mcp_error *err)
{
    const struct mcp_late_api *api = mcp__late(err);

    return api == NULL ? MCP_ECONFIG : api->sigv4_sign(request, arena, out, err);
}

mcp_str mcp_http_header_get(const struct mcp_http_res *res, mcp_str name)
{
    for (size_t i = 0; i < res->n_headers; i++) {
        if (mcp_str_eq_nocase(res->headers[i].name, name))
            return res->headers[i].value;
    }
    return MCP_STR_NULL;
}
