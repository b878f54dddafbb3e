/* The table of a billing export, as BigQuery describes it: what to select, and what to prune by. */
#include "table.h"

#include "sql.h"

#define MAX_COLUMNS 1000
#define MAX_DEPTH 8
#define MAX_LIST_PAGES 50

static int configured(const struct gcp *gcp, struct mcp_error *err)
{
    const struct gcp_config *c = gcp->config;

    if (!gcp_is_project(c->project)) {
        mcp_error_set(err, MCP_ECONFIG,
                      "gcp.billing.project \"%.*s\" is no Google Cloud project id",
                      MCP_STR_ARG(c->project));
        return mcp_error_next(err, "Set it to the id of the project that holds the billing export "
                                   "dataset (lower case letters, digits, dashes).");
    }
    if (!gcp_is_dataset(c->dataset)) {
        mcp_error_set(err, MCP_ECONFIG, "gcp.billing.dataset \"%.*s\" is no BigQuery dataset name",
                      MCP_STR_ARG(c->dataset));
        return mcp_error_next(err, "Set it to the dataset that the billing export writes to, "
                                   "without the project in front.");
    }
    if (!mcp_str_is_null(c->table) && !gcp_is_table(c->table)) {
        mcp_error_set(err, MCP_ECONFIG, "gcp.billing.table \"%.*s\" is no BigQuery table name",
                      MCP_STR_ARG(c->table));
        return mcp_error_next(err, "Set it to the table's name without project and dataset, or "
                                   "leave it out.");
    }
    return 0;
}

static mcp_str dataset_path(const struct gcp *gcp, struct mcp_arena *arena)
{
    return mcp_arena_printf(arena, "/bigquery/v2/projects/%s/datasets/%s",
                            gcp_api_encode(arena, gcp->config->project).ptr,
                            gcp_api_encode(arena, gcp->config->dataset).ptr);
}

static int get(const struct gcp *gcp, struct mcp_call *call, mcp_str path, struct mcp_json *root,
               uint64_t *requests, struct mcp_error *err)
{
    struct gcp_request req = { .service = GCP_BIGQUERY, .method = MCP_GET, .path = path };
    struct gcp_reply reply = { 0 };
    int rc = gcp_api_json(gcp, call, &req, &reply, root, err);

    (*requests)++;
    return rc;
}

/* ---- columns ---- */

static int add_columns(struct gcp_table *t, struct mcp_json fields, mcp_str prefix, int depth,
                       struct mcp_error *err)
{
    for (struct mcp_json_iter it = mcp_json_iter(fields); mcp_json_next(&it);) {
        mcp_str name = mcp_json_get_str(it.value, MCP_STR("name"), t->arena);
        mcp_str type = mcp_json_get_str(it.value, MCP_STR("type"), t->arena);
        struct gcp_column *c = &t->columns[t->n_columns];
        struct mcp_json inner = mcp_json_get(it.value, MCP_STR("fields"));
        int rc = 0;

        if (t->n_columns == MAX_COLUMNS || depth > MAX_DEPTH)
            return mcp_error_set(err, MCP_EUPSTREAM, "the table has more than %d columns",
                                 MAX_COLUMNS);
        if (mcp_str_eq(type, MCP_STR("FLOAT64")))
            type = MCP_STR("FLOAT");
        else if (mcp_str_eq(type, MCP_STR("STRUCT")))
            type = MCP_STR("RECORD");
        c->path = prefix.len == 0 ? mcp_arena_str(t->arena, name)
                                  : mcp_arena_printf(t->arena, "%.*s.%.*s", MCP_STR_ARG(prefix),
                                                     MCP_STR_ARG(name));
        c->type = mcp_arena_str(t->arena, type);
        c->repeated = mcp_json_str_eq(mcp_json_get(it.value, MCP_STR("mode")), MCP_STR("REPEATED"));
        t->n_columns++;
        if (mcp_json_exists(inner))
            rc = add_columns(t, inner, c->path, depth + 1, err);
        if (rc < 0)
            return rc;
    }
    return 0;
}

const struct gcp_column *gcp_table_column(const struct gcp_table *table, const char *path)
{
    for (size_t i = 0; i < table->n_columns; i++) {
        if (mcp_str_eq(table->columns[i].path, mcp_str_z(path)))
            return &table->columns[i];
    }
    return NULL;
}

/* What every statement names; other columns are looked for where they are used. */
static const char *const classic[] = {
    "usage_start_time",
    "usage_end_time",
    "cost",
    "currency",
    "credits.amount",
    "credits.type",
    "cost_type",
    "sku.id",
    "sku.description",
    "project.id",
    "service.description",
    "invoice.month",
    "location.location",
    "usage.pricing_unit",
    "export_time",
    NULL,
};
static const char *const focus[] = {
    "BilledCost",   "EffectiveCost",   "BillingCurrency",
    "ServiceName",  "ChargePeriodEnd", "ChargePeriodStart",
    "SubAccountId", "ChargeCategory",  "BillingPeriodStart",
    NULL,
};

static int tell_kind(struct gcp_table *t, struct mcp_error *err)
{
    bool is_focus = gcp_table_has(t, focus[0]);
    const char *const *path = is_focus ? focus : classic;

    while (*path != NULL && gcp_table_has(t, *path))
        path++;
    t->kind = is_focus                            ? GCP_TABLE_FOCUS
              : gcp_table_has(t, "resource.name") ? GCP_TABLE_DETAILED
                                                  : GCP_TABLE_STANDARD;
    if (*path == NULL)
        return 0;
    mcp_error_set(err, MCP_ECONFIG, "%.*s.%.*s is no billing export: it has no column %s",
                  MCP_STR_ARG(t->dataset), MCP_STR_ARG(t->name), *path);
    return mcp_error_next(err, "Set gcp.billing.table to a table gcp_billing_export_v1_..., "
                               "gcp_billing_export_resource_v1_... or a FOCUS table.");
}

/* ---- one table ---- */

static int64_t number(struct mcp_json object, mcp_str name, struct mcp_arena *arena)
{
    int64_t n = 0;

    return mcp_str_int64(mcp_json_get_str(object, name, arena), &n) < 0 || n < 0 ? 0 : n;
}

static void read_partition(struct gcp_table *t, struct mcp_json root)
{
    struct mcp_json p = mcp_json_get(root, MCP_STR("timePartitioning"));
    mcp_str column = mcp_json_get_str(p, MCP_STR("field"), t->arena);

    t->filter_required =
        mcp_json_get_bool(root, MCP_STR("requirePartitionFilter"),
                          mcp_json_get_bool(p, MCP_STR("requirePartitionFilter"), false));
    if (!mcp_json_exists(p))
        return;
    t->partition = column.len > 0 ? GCP_PARTITION_COLUMN : GCP_PARTITION_INGESTION;
    t->partition_column = mcp_arena_str(t->arena, column);
}

static int fill(struct gcp_table *t, struct mcp_json root, struct mcp_error *err)
{
    int rc;

    t->columns = mcp_arena_try_array(t->arena, MAX_COLUMNS + 1, sizeof(*t->columns));
    if (t->columns == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "no memory for the table's columns");
    rc = add_columns(t, mcp_json_path(root, "schema.fields"), MCP_STR(""), 0, err);
    if (rc < 0)
        return rc;
    read_partition(t, root);
    t->bytes = (uint64_t)number(root, MCP_STR("numBytes"), t->arena);
    t->modified_ms = number(root, MCP_STR("lastModifiedTime"), t->arena);
    if (t->location.len == 0)
        t->location =
            mcp_arena_str(t->arena, mcp_json_get_str(root, MCP_STR("location"), t->arena));
    return tell_kind(t, err);
}

int gcp_table_read(const struct gcp *gcp, struct mcp_call *call, mcp_str name,
                   struct gcp_table **out, uint64_t *requests, struct mcp_error *err)
{
    struct mcp_arena *scratch = mcp_call_arena(call), *arena;
    mcp_str dataset = dataset_path(gcp, scratch);
    mcp_str location = gcp->config->location;
    struct mcp_json root;
    struct gcp_table *t;
    int rc = configured(gcp, err);

    if (rc == 0 && location.len == 0) {
        rc = get(gcp, call, dataset, &root, requests, err);
        if (rc == 0)
            location = mcp_json_get_str(root, MCP_STR("location"), scratch);
    }
    if (rc == 0)
        rc = get(gcp, call,
                 mcp_arena_printf(scratch, "%s/tables/%s", dataset.ptr,
                                  gcp_api_encode(scratch, name).ptr),
                 &root, requests, err);
    if (rc < 0)
        return rc;
    arena = mcp_arena_new(0, 0);
    if (arena == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "no memory for the table's description");
    t = MCP_ARENA_NEW(arena, struct gcp_table);
    *t = (struct gcp_table){ .project = mcp_arena_str(arena, gcp->config->project),
                             .dataset = mcp_arena_str(arena, gcp->config->dataset),
                             .name = mcp_arena_str(arena, name),
                             .location = mcp_arena_str(arena, location),
                             .arena = arena,
                             .refs = 1 };
    rc = fill(t, root, err);
    if (rc < 0)
        gcp_table_unref(t);
    else
        *out = t;
    return rc;
}

struct gcp_table *gcp_table_ref(struct gcp_table *table)
{
    __atomic_add_fetch(&table->refs, 1, __ATOMIC_RELAXED);
    return table;
}

void gcp_table_unref(struct gcp_table *table)
{
    if (table != NULL && __atomic_sub_fetch(&table->refs, 1, __ATOMIC_ACQ_REL) == 0)
        mcp_arena_free(table->arena);
}

/* ---- discovery ---- */

struct found {
    mcp_str standard, detailed, focus;
    mcp_str rival; /* a second one of the same kind */
};

static void consider(struct found *f, mcp_str name)
{
    static const struct {
        const char *prefix;
        size_t at;
    } kinds[] = {
        { "gcp_billing_export_resource_v1_", offsetof(struct found, detailed) },
        { "gcp_billing_export_focus_", offsetof(struct found, focus) },
        { "gcp_billing_export_v1_", offsetof(struct found, standard) },
    };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        mcp_str *slot = (mcp_str *)(void *)((char *)f + kinds[i].at);

        if (!mcp_str_starts(name, mcp_str_z(kinds[i].prefix)))
            continue;
        if (mcp_str_is_null(*slot))
            *slot = name;
        else
            f->rival = name;
        return;
    }
}

static int list_tables(const struct gcp *gcp, struct mcp_call *call, struct found *f,
                       uint64_t *requests, struct mcp_error *err)
{
    struct mcp_arena *arena = mcp_call_arena(call);
    mcp_str base =
        mcp_arena_printf(arena, "%s/tables?maxResults=1000", dataset_path(gcp, arena).ptr);
    mcp_str token = MCP_STR_NULL;

    for (int page = 0; page < MAX_LIST_PAGES; page++) {
        struct mcp_json root;
        mcp_str path = token.len == 0 ? base
                                      : mcp_arena_printf(arena, "%s&pageToken=%s", base.ptr,
                                                         gcp_api_encode(arena, token).ptr);
        int rc = get(gcp, call, path, &root, requests, err);

        if (rc < 0)
            return rc;
        for (struct mcp_json_iter it = mcp_json_iter(mcp_json_get(root, MCP_STR("tables")));
             mcp_json_next(&it);)
            consider(f, mcp_json_get_str(mcp_json_get(it.value, MCP_STR("tableReference")),
                                         MCP_STR("tableId"), arena));
        token = mcp_json_get_str(root, MCP_STR("nextPageToken"), arena);
        if (token.len == 0)
            return 0;
    }
    return mcp_error_set(err, MCP_EUPSTREAM, "the list of the dataset's tables does not end");
}

int gcp_table_discover(const struct gcp *gcp, struct mcp_call *call, mcp_str *plain,
                       mcp_str *detailed, uint64_t *requests, struct mcp_error *err)
{
    struct found f = { 0 };
    int rc = configured(gcp, err);

    if (rc == 0)
        rc = list_tables(gcp, call, &f, requests, err);
    if (rc < 0)
        return rc;
    if (!mcp_str_is_null(f.rival)) {
        mcp_error_set(err, MCP_ECONFIG,
                      "the dataset %.*s holds the exports of several billing accounts, %.*s among "
                      "them",
                      MCP_STR_ARG(gcp->config->dataset), MCP_STR_ARG(f.rival));
        return mcp_error_next(err, "Set gcp.billing.table to the one that is meant.");
    }
    /* The standard export is the smaller one to read; FOCUS where there is nothing else. */
    *detailed = f.detailed;
    *plain = f.standard;
    if (mcp_str_is_null(*plain) && mcp_str_is_null(f.detailed))
        *plain = f.focus;
    if (!mcp_str_is_null(*plain) || !mcp_str_is_null(*detailed))
        return 0;
    mcp_error_set(err, MCP_ECONFIG, "the dataset %.*s.%.*s holds no billing export",
                  MCP_STR_ARG(gcp->config->project), MCP_STR_ARG(gcp->config->dataset));
    return mcp_error_next(err, "Enable the export to BigQuery in Billing > Billing export (the "
                               "first rows take hours), or set gcp.billing.dataset and "
                               "gcp.billing.table to where it is.");
}
