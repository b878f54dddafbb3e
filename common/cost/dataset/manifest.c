/* Manifests that clouds put beside an export's files: which files are one run of it. */
#include "manifest.h"

#include <mcp/date.h>
#include <mcp/json.h>

#include <stdlib.h>

#define MAX_LISTED 20000

bool cost__manifest_named(mcp_str name)
{
    return mcp_str_eq_nocase(name, MCP_STR("manifest.json")) ||
           (name.len > 14 &&
            mcp_str_eq_nocase(mcp_str_n(name.ptr + name.len - 14, 14), MCP_STR("-Manifest.json")));
}

static mcp_str base_name(mcp_str path)
{
    size_t at = path.len;

    while (at > 0 && path.ptr[at - 1] != '/')
        at--;
    return mcp_str_n(path.ptr + at, path.len - at);
}

static mcp_str folder_of(mcp_str path)
{
    return mcp_str_n(path.ptr, path.len - base_name(path).len);
}

/* The value behind "BILLING_PERIOD=" in a path of AWS's, else missing. */
static mcp_str period_in_path(mcp_str path)
{
    static const char mark[] = "BILLING_PERIOD=";
    size_t n = sizeof(mark) - 1;

    for (size_t i = 0; i + n <= path.len; i++) {
        if (memcmp(path.ptr + i, mark, n) == 0) {
            mcp_str rest = mcp_str_n(path.ptr + i + n, path.len - i - n), head;

            (void)mcp_str_cut(&rest, '/', &head);
            return head;
        }
    }
    return MCP_STR_NULL;
}

static int64_t instant_at(struct mcp_json root, const char *const *paths, struct mcp_arena *arena)
{
    for (; *paths != NULL; paths++) {
        mcp_str text;
        int64_t t;

        if (mcp_json_str(mcp_json_path(root, *paths), arena, &text) == 0 &&
            mcp_instant_parse(text, true, &t) == 0)
            return t;
    }
    return INT64_MIN;
}

static mcp_str text_at(struct mcp_json root, const char *const *paths, struct mcp_arena *arena)
{
    for (; *paths != NULL; paths++) {
        mcp_str text;

        if (mcp_json_str(mcp_json_path(root, *paths), arena, &text) == 0 && text.len > 0)
            return text;
    }
    return MCP_STR_NULL;
}

static int listed_files(struct mcp_json root, struct mcp_arena *arena, struct cost__manifest *out,
                        struct mcp_error *err)
{
    static const char *const lists[] = { "dataFiles", "reportKeys", "blobs", "files", NULL };
    struct mcp_json list = { 0 };
    struct mcp_json_iter it;
    mcp_str *files;
    size_t n;

    for (size_t i = 0; lists[i] != NULL && mcp_json_type(list) != MCP_JSON_ARRAY; i++)
        list = mcp_json_get(root, mcp_str_z(lists[i]));
    if (mcp_json_type(list) != MCP_JSON_ARRAY)
        return mcp_error_set(
            err, MCP_EDATA,
            "%.*s: the manifest has no list of files (dataFiles, reportKeys, blobs)",
            MCP_STR_ARG(out->path));
    n = mcp_json_count(list);
    if (n > MAX_LISTED)
        return mcp_error_set(err, MCP_ETOOBIG, "%.*s: the manifest lists more than %d files",
                             MCP_STR_ARG(out->path), MAX_LISTED);
    files = mcp_arena_try_array(arena, n + 1, sizeof(*files));
    if (files == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "out of memory");
    out->n_files = 0;
    it = mcp_json_iter(list);
    while (mcp_json_next(&it)) {
        mcp_str name = MCP_STR_NULL;

        if (mcp_json_type(it.value) == MCP_JSON_OBJECT) {
            name = mcp_json_get_str(it.value, MCP_STR("blobName"), arena);
            if (mcp_str_is_null(name))
                name = mcp_json_get_str(it.value, MCP_STR("path"), arena);
        } else if (mcp_json_str(it.value, arena, &name) != 0) {
            name = MCP_STR_NULL;
        }
        if (name.len == 0)
            return mcp_error_set(err, MCP_EDATA, "%.*s: the manifest lists a file without a name",
                                 MCP_STR_ARG(out->path));
        files[out->n_files++] = mcp_arena_str(arena, name);
    }
    out->files = files;
    return 0;
}

int cost__manifest_parse(mcp_str text, mcp_str path, int64_t mtime, struct mcp_arena *arena,
                         struct cost__manifest *out, struct mcp_error *err)
{
    static const char *const names[] = { "exportConfig.exportName", "exportName", "reportName",
                                         NULL };
    static const char *const runs[] = { "runInfo.submittedTime", "executionTime", "lastUpdated",
                                        "createdAt", NULL };
    static const char *const periods[] = { "runInfo.startDate", "billingPeriod.start",
                                           "billingPeriod", NULL };
    struct mcp_error why = { 0 };
    struct mcp_json root;
    mcp_str base = base_name(path);
    int rc = mcp_json_parse(arena, text, NULL, &root, &why);

    if (rc != 0)
        return mcp_error_set(err, MCP_EDATA, "%.*s: the manifest is no JSON: %s", MCP_STR_ARG(path),
                             why.message);
    *out = (struct cost__manifest){ .path = path };
    out->export_name = mcp_arena_str(arena, text_at(root, names, arena));
    if (mcp_str_is_null(out->export_name))
        out->export_name = base.len > 14 ? mcp_str_n(base.ptr, base.len - 14) : folder_of(path);
    out->run_at = instant_at(root, runs, arena);
    if (out->run_at == INT64_MIN)
        out->run_at = mtime;
    out->period = mcp_arena_str(arena, text_at(root, periods, arena));
    if (mcp_str_is_null(out->period))
        out->period = period_in_path(path);
    return listed_files(root, arena, out, err);
}

/* How many path components two names share from their ends. */
static size_t shared_components(mcp_str a, mcp_str b)
{
    size_t n = 0, i = 0;

    while (i < a.len && i < b.len && a.ptr[a.len - 1 - i] == b.ptr[b.len - 1 - i]) {
        if (a.ptr[a.len - 1 - i] == '/')
            n++;
        i++;
    }
    if (i > 0 && (i == a.len || i == b.len))
        n++;
    return n;
}

struct by_name {
    mcp_str base;
    size_t file;
};

static int compare_names(const void *a, const void *b)
{
    const struct by_name *x = a, *y = b;

    return mcp_str_cmp(x->base, y->base);
}

/* The file of the list that a manifest's entry means: of the same name, the one whose path agrees
 * most; in the manifest's own folder before all. SIZE_MAX: none. */
static size_t match(const struct by_name *names, const struct cost__file_list *list,
                    const struct cost__manifest *m, mcp_str entry)
{
    mcp_str base = base_name(entry), own = folder_of(m->path);
    size_t best = SIZE_MAX, best_score = 0, lo = 0, hi = list->n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (mcp_str_cmp(names[mid].base, base) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    for (; lo < list->n && mcp_str_eq(names[lo].base, base); lo++) {
        mcp_str path = list->items[names[lo].file].path;
        size_t score = 1 + shared_components(path, entry);

        if (mcp_str_eq(folder_of(path), own))
            score += 1000;
        if (score > best_score) {
            best = names[lo].file;
            best_score = score;
        }
    }
    return best;
}

static bool is_newest(const struct cost__manifest *manifests, size_t n, size_t i)
{
    for (size_t j = 0; j < n; j++) {
        if (j == i || !mcp_str_eq(manifests[j].export_name, manifests[i].export_name) ||
            !mcp_str_eq(manifests[j].period, manifests[i].period))
            continue;
        if (manifests[j].run_at > manifests[i].run_at ||
            (manifests[j].run_at == manifests[i].run_at && j > i))
            return false;
    }
    return true;
}

int cost__manifest_apply(const struct cost__manifest *manifests, size_t n, struct mcp_arena *arena,
                         struct cost__file_list *list, struct mcp_error *err)
{
    enum { FREE, OLD, NEW };
    struct by_name *names = mcp_arena_try_array(arena, list->n + 1, sizeof(*names));
    unsigned char *state = mcp_arena_try(arena, list->n + 1);
    mcp_str *skipped = mcp_arena_try_array(arena, list->n + 1, sizeof(*skipped));
    size_t kept = 0;

    if (names == NULL || state == NULL || skipped == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "out of memory");
    for (size_t i = 0; i < list->n; i++)
        names[i] = (struct by_name){ base_name(list->items[i].path), i };
    qsort(names, list->n, sizeof(*names), compare_names);
    for (size_t i = 0; i < n; i++) {
        bool newest = is_newest(manifests, n, i);

        for (size_t j = 0; j < manifests[i].n_files; j++) {
            size_t file = match(names, list, &manifests[i], manifests[i].files[j]);

            if (file == SIZE_MAX && newest)
                return mcp_error_set(
                    err, MCP_EDATA, "%.*s lists %.*s, which is not among the files given",
                    MCP_STR_ARG(manifests[i].path), MCP_STR_ARG(manifests[i].files[j]));
            if (file == SIZE_MAX || state[file] == NEW)
                continue;
            state[file] = newest ? NEW : OLD;
            list->items[file].source = manifests[i].export_name;
        }
    }
    list->n_skipped = 0;
    for (size_t i = 0; i < list->n; i++) {
        if (state[i] == OLD)
            skipped[list->n_skipped++] = list->items[i].path;
        else
            list->items[kept++] = list->items[i];
    }
    list->n = kept;
    list->skipped = skipped;
    return 0;
}
