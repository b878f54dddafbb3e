/* FOCUS Cost and Usage files (1.0 to 1.4) as facts: columns by name, values by type. */
#include "focus_csv.h"
#include "field_parse.h"
#include "focus_columns.h"
#include "words.h"

#include <mcp/date.h>

#include <stdlib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define MAX_USED 64 /* columns of a file that are read */
#define MEMO_BYTES 224
#define PROGRESS_ROWS 2048
#define VALUE_SHOWN 40 /* bytes of a bad value in an error */
#define CACHE 4096 /* power of two */

/* One column of the file that is used: what it is, and what the last row had in it. */
struct used {
    const struct cost__focus_column *column;
    size_t field;
    size_t memo_len; /* SIZE_MAX: nothing remembered */
    char memo[MEMO_BYTES];
    uint32_t id, name_of; /* NAME: the id it was given to, in name_period */
    int32_t name_period;
    bool null;
    uint8_t decimals;
    struct cost_money money;
    int64_t instant;
};

struct cost__focus_reader {
    struct cost__importer *imp; /* borrowed */
    struct cost__csv *csv; /* of the file being read */
    mcp_str file;
    size_t n_fields; /* of the header */
    size_t n_used;
    struct used used[MAX_USED];
    struct {
        uint64_t hash;
        uint32_t id; /* + 1; 0: free */
    } idle[CACHE]; /* description -> id in COST_COL_IDLE_METER */
    uint64_t recent[CACHE]; /* record hashes that the sketch has seen lately */
};

struct cost__focus_reader *cost__focus_reader_new(struct cost__importer *imp)
{
    struct cost__focus_reader *r = calloc(1, sizeof(*r));

    if (r != NULL)
        r->imp = imp;
    return r;
}

void cost__focus_reader_free(struct cost__focus_reader *r)
{
    free(r);
}

/* ---- header ---- */

static bool has(const struct cost__focus_reader *r, const char *name)
{
    for (size_t i = 0; i < r->n_used; i++) {
        if (strcmp(r->used[i].column->name, name) == 0)
            return true;
    }
    return false;
}

static int duplicate(const struct cost__focus_reader *r, mcp_str name, struct mcp_error *err)
{
    return mcp_error_set(err, MCP_EDATA, "%.*s:1: the column %.*s stands twice in the header",
                         MCP_STR_ARG(r->file), MCP_STR_ARG(mcp_str_head(name, VALUE_SHOWN)));
}

/* used[] in the table's order, whatever the file's. */
static int map_columns(struct cost__focus_reader *r, const mcp_str *fields, size_t n,
                       struct mcp_error *err)
{
    size_t field_of[MAX_USED]; /* by column: 1 + index of its field */

    MCP_BUG_ON(cost__focus_n_columns > MAX_USED);
    memset(field_of, 0, sizeof(field_of));
    for (size_t i = 0; i < n; i++) {
        int c = cost__focus_column_find(fields[i]);

        if (c < 0)
            continue;
        if (field_of[c] != 0)
            return duplicate(r, fields[i], err);
        field_of[c] = i + 1;
    }
    r->n_used = 0;
    for (size_t c = 0; c < cost__focus_n_columns; c++) {
        if (field_of[c] == 0)
            continue;
        r->used[r->n_used++] = (struct used){ .column = &cost__focus_columns[c],
                                              .field = field_of[c] - 1,
                                              .memo_len = SIZE_MAX };
    }
    return 0;
}

static int required_missing(const struct cost__focus_reader *r, struct mcp_error *err)
{
    char list[512];
    size_t len = 0;

    list[0] = '\0';
    for (size_t c = 0; c < cost__focus_n_columns; c++) {
        const char *name = cost__focus_columns[c].name;
        size_t name_len = strlen(name);

        if (!cost__focus_columns[c].required || has(r, name) || len + name_len + 3 > sizeof(list))
            continue;
        if (len > 0) {
            memcpy(list + len, ", ", 2);
            len += 2;
        }
        memcpy(list + len, name, name_len + 1);
        len += name_len;
    }
    if (len == 0)
        return 0;
    mcp_error_word(err, MCP_EDATA, "no_focus_file",
                   "%.*s:1: no FOCUS Cost and Usage file: the header lacks %s",
                   MCP_STR_ARG(r->file), list);
    return mcp_error_next(err, "Export in the FOCUS format (1.0 to 1.4) as CSV or CSV.gz");
}

static bool has_field(const mcp_str *fields, size_t n, mcp_str name)
{
    for (size_t i = 0; i < n; i++) {
        if (mcp_str_eq_nocase(fields[i], name))
            return true;
    }
    return false;
}

static int read_header(struct cost__focus_reader *r, struct cost__focus_file *out,
                       struct mcp_error *err)
{
    const mcp_str *fields;
    size_t n;
    int rc = cost__csv_next(r->csv, &fields, &n, err);

    if (rc < 0)
        return rc;
    if (rc == 0) {
        mcp_error_word(err, MCP_EDATA, "no_focus_file", "%.*s: the file is empty",
                       MCP_STR_ARG(r->file));
        return mcp_error_next(err, "Export it again, or leave it out");
    }
    _Static_assert(sizeof(r->used) / sizeof(*r->used) >= 60, "room for every column of the table");
    MCP_BUG_ON(cost__focus_n_columns > sizeof(r->used) / sizeof(*r->used));
    r->n_fields = n;
    rc = map_columns(r, fields, n, err);
    if (rc != 0)
        return rc;
    out->kind = COST__FOCUS_COST_AND_USAGE;
    if (!has(r, "ChargePeriodStart") && has(r, "BillingPeriodStatus") &&
        has(r, "BillingPeriodStart") && has(r, "InvoiceIssuerName")) {
        out->kind = COST__FOCUS_BILLING_PERIOD;
        return 0;
    }
    if (!has(r, "ChargePeriodStart") && (has_field(fields, n, MCP_STR("ContractCommitmentId")) ||
                                         has_field(fields, n, MCP_STR("InvoiceDetailId")))) {
        out->kind = COST__FOCUS_OTHER;
        return 0;
    }
    for (size_t c = 0; c < cost__focus_n_columns; c++) {
        if (cost__focus_columns[c].optional && !has(r, cost__focus_columns[c].name))
            out->columns_missing |= (uint64_t)1 << c;
    }
    return required_missing(r, err);
}

/* ---- values ---- */

static int bad_value(const struct cost__focus_reader *r, const struct used *u, mcp_str value,
                     int code, const char *reason, struct mcp_error *err)
{
    bool tags =
        u->column->what == COST__FOCUS_TAGS || u->column->what == COST__FOCUS_ALLOCATED_TAGS;
    mcp_str shown = mcp_str_head(value, VALUE_SHOWN);

    /* Tag values may be secret. */
    if (tags)
        return mcp_error_set(err, (enum mcp_err)code, "%.*s:%llu: %s: %s", MCP_STR_ARG(r->file),
                             (unsigned long long)cost__csv_line(r->csv), u->column->name, reason);
    return mcp_error_set(err, (enum mcp_err)code, "%.*s:%llu: %s is \"%.*s%s\": %s",
                         MCP_STR_ARG(r->file), (unsigned long long)cost__csv_line(r->csv),
                         u->column->name, MCP_STR_ARG(shown), shown.len < value.len ? "..." : "",
                         reason);
}

static inline bool remembered(const struct used *u, mcp_str s)
{
    return s.len == u->memo_len && memcmp(u->memo, s.ptr, s.len) == 0;
}

static inline void remember(struct used *u, mcp_str s)
{
    u->memo_len = SIZE_MAX;
    if (s.len <= MEMO_BYTES) {
        memcpy(u->memo, s.ptr, s.len);
        u->memo_len = s.len;
    }
}

static int no_memory(struct mcp_error *err)
{
    return mcp_error_set(err, MCP_ENOMEM, "out of memory");
}

static int take_text(struct cost__focus_reader *r, struct used *u, mcp_str s, struct cost__fact *f,
                     struct mcp_error *err)
{
    enum cost_col col = (enum cost_col)u->column->target;

    if (u->column->what == COST__FOCUS_FALLBACK && f->ids[col] != 0)
        return 0;
    if (!remembered(u, s)) {
        if (!cost__importer_id(r->imp, col, s, &u->id))
            return no_memory(err);
        remember(u, s);
    }
    if (u->id == 0 && u->column->required)
        return bad_value(r, u, s, MCP_EDATA, "a value is required", err);
    f->ids[col] = u->id;
    return 0;
}

static int take_name(struct cost__focus_reader *r, struct used *u, mcp_str s, struct cost__fact *f,
                     int32_t period, struct mcp_error *err)
{
    enum cost_col col = (enum cost_col)u->column->target;

    if (f->ids[col] == 0 && col == COST_COL_REGION) {
        if (!cost__importer_id(r->imp, col, s, &f->ids[col]))
            return no_memory(err);
        return 0;
    }
    if (f->ids[col] == 0 || cost__word_missing(s))
        return 0;
    if (u->name_of == f->ids[col] && u->name_period == period && remembered(u, s))
        return 0;
    if (cost__dict_name(&r->imp->dicts[col], f->ids[col], s, period) != 0)
        return no_memory(err);
    u->name_of = f->ids[col];
    u->name_period = period;
    remember(u, s);
    return 0;
}

static int take_num(struct cost__focus_reader *r, struct used *u, mcp_str s, struct cost__fact *f,
                    struct mcp_error *err)
{
    int num = u->column->target;

    if (!remembered(u, s)) {
        uint64_t rounded = 0;
        int rc;

        u->null = cost__word_missing(s);
        u->money = COST_MONEY_ZERO;
        u->decimals = 0;
        rc = u->null ? 0 : cost__field_money(s, &u->money, &u->decimals, &rounded);
        if (rc == MCP_ERANGE)
            return bad_value(r, u, s, MCP_EDATA, "the amount is out of range (+-1.7e20)", err);
        if (rc != 0)
            return bad_value(r, u, s, MCP_EDATA, "it is no number", err);
        if (rounded > 0) {
            r->imp->rounded++;
            if (rounded > r->imp->rounded_max)
                r->imp->rounded_max = rounded;
            u->memo_len = SIZE_MAX; /* each such row counts */
        } else {
            remember(u, s);
        }
    }
    if (u->null)
        f->nulls |= (uint8_t)(1u << num);
    f->num[num] = u->money;
    f->decimals[num] = u->decimals;
    return 0;
}

static int take_date(struct cost__focus_reader *r, struct used *u, mcp_str s, int64_t *dates,
                     struct mcp_error *err)
{
    if (!remembered(u, s)) {
        if (cost__word_missing(s) && !u->column->required) {
            u->instant = INT64_MIN;
        } else if (cost__field_instant(s, &u->instant) != 0) {
            return bad_value(r, u, s, MCP_EDATA,
                             "it is no date and time (YYYY-MM-DDTHH:MM:SSZ is one)", err);
        }
        remember(u, s);
    }
    dates[u->column->target] = u->instant;
    return 0;
}

static int take_description(struct cost__focus_reader *r, struct used *u, mcp_str s,
                            struct cost__fact *f, struct mcp_error *err)
{
    if (f->ids[COST_COL_IDLE_METER] != 0)
        return 0;
    if (!remembered(u, s)) {
        uint64_t hash = XXH3_64bits(s.ptr, s.len);
        size_t at = hash & (CACHE - 1);

        if (r->idle[at].id == 0 || r->idle[at].hash != hash) {
            u->id = 0;
            if (!cost__word_missing(s) && cost__word_idle(s) &&
                !cost__importer_id(r->imp, COST_COL_IDLE_METER, s, &u->id))
                return no_memory(err);
            r->idle[at].hash = hash;
            r->idle[at].id = u->id + 1;
        }
        u->id = r->idle[at].id - 1;
        remember(u, s);
    }
    f->ids[COST_COL_IDLE_METER] = u->id;
    return 0;
}

static int take_tags(struct cost__focus_reader *r, struct used *u, mcp_str tags, mcp_str allocated,
                     struct cost__fact *f, struct mcp_error *err)
{
    const char *reason = NULL;
    int rc = cost__tagsets_id(&r->imp->tags, cost__word_missing(tags) ? MCP_STR_NULL : tags,
                              cost__word_missing(allocated) ? MCP_STR_NULL : allocated,
                              &f->ids[COST_COL_TAGS], &reason);

    if (rc == MCP_ENOMEM)
        return no_memory(err);
    return rc == 0 ? 0 : bad_value(r, u, tags, MCP_EDATA, reason, err);
}

/* ---- rows ---- */

static int add_row(struct cost__focus_reader *r, const mcp_str *fields, mcp_str source,
                   struct cost__focus_file *out, struct mcp_error *err)
{
    struct cost__fact f = { .nulls = 0 };
    int64_t dates[COST__N_DATES] = { INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN };
    mcp_str tags = MCP_STR_NULL, allocated = MCP_STR_NULL;
    struct used *tags_of = NULL;
    struct cost__row_place place;
    const char *why = NULL;
    int rc = 0;

    /* Metrics whose column the file lacks are null in every row. */
    f.nulls = (uint8_t)((1u << COST_N_ROW_NUMS) - 1);
    for (size_t i = 0; rc == 0 && i < r->n_used; i++) {
        struct used *u = &r->used[i];
        mcp_str s = fields[u->field];

        switch (u->column->what) {
        case COST__FOCUS_TEXT:
        case COST__FOCUS_FALLBACK:
            rc = take_text(r, u, s, &f, err);
            break;
        case COST__FOCUS_NAME:
            rc = take_name(r, u, s, &f, mcp_instant_date(dates[COST__BILLING_START]), err);
            break;
        case COST__FOCUS_NUM:
            f.nulls &= (uint8_t) ~(1u << u->column->target);
            rc = take_num(r, u, s, &f, err);
            break;
        case COST__FOCUS_DATE:
            rc = take_date(r, u, s, dates, err);
            break;
        case COST__FOCUS_TAGS:
            tags = s;
            tags_of = u;
            break;
        case COST__FOCUS_ALLOCATED_TAGS:
            allocated = s;
            tags_of = tags_of == NULL ? u : tags_of;
            break;
        case COST__FOCUS_DESCRIPTION:
            rc = take_description(r, u, s, &f, err);
            break;
        case COST__FOCUS_STATUS:
            break;
        }
    }
    if (rc == 0 && tags_of != NULL)
        rc = take_tags(r, tags_of, tags, allocated, &f, err);
    if (rc != 0)
        return rc;
    place = (struct cost__row_place){ source, dates[COST__BILLING_START], dates[COST__BILLING_END],
                                      dates[COST__CHARGE_START], dates[COST__CHARGE_END] };
    if (place.charge_start > out->last_charge)
        out->last_charge = place.charge_start;
    rc = cost__importer_add(r->imp, &f, &place, &why, err);
    if (rc != 0 && why != NULL)
        return mcp_error_set(err, MCP_EDATA, "%.*s:%llu: %s", MCP_STR_ARG(r->file),
                             (unsigned long long)cost__csv_line(r->csv), why);
    return rc;
}

static int add_period(struct cost__focus_reader *r, const mcp_str *fields, struct mcp_error *err)
{
    int64_t dates[COST__N_DATES] = { INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN };
    mcp_str issuer = MCP_STR_NULL, status = MCP_STR_NULL;
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < r->n_used; i++) {
        struct used *u = &r->used[i];

        if (u->column->what == COST__FOCUS_DATE)
            rc = take_date(r, u, fields[u->field], dates, err);
        else if (u->column->what == COST__FOCUS_STATUS)
            status = fields[u->field];
        else if (strcmp(u->column->name, "InvoiceIssuerName") == 0)
            issuer = fields[u->field];
    }
    if (rc != 0)
        return rc;
    if (cost__importer_period(r->imp, issuer, mcp_instant_date(dates[COST__BILLING_START]),
                              mcp_str_eq_nocase(status, MCP_STR("Closed"))) != 0)
        return no_memory(err);
    return 0;
}

static int read_rows(struct cost__focus_reader *r, mcp_str source,
                     int (*progress)(void *ctx, uint64_t rows), void *ctx,
                     struct cost__focus_file *out, struct mcp_error *err)
{
    const mcp_str *fields;
    size_t n;
    int rc;

    while ((rc = cost__csv_next(r->csv, &fields, &n, err)) == 1) {
        uint64_t hash = cost__csv_record_hash(r->csv);

        if (n != r->n_fields)
            return mcp_error_set(
                err, MCP_EDATA, "%.*s:%llu: the record has %zu fields, the header %zu",
                MCP_STR_ARG(r->file), (unsigned long long)cost__csv_line(r->csv), n, r->n_fields);
        if (out->kind == COST__FOCUS_BILLING_PERIOD) {
            rc = add_period(r, fields, err);
        } else if (out->kind == COST__FOCUS_COST_AND_USAGE) {
            rc = add_row(r, fields, source, out, err);
            if (r->recent[hash & (CACHE - 1)] != hash) {
                r->recent[hash & (CACHE - 1)] = hash;
                cost__sketch_add(&out->sketch, hash);
            }
        }
        if (rc != 0 && rc != 1)
            return rc;
        if (++out->rows % PROGRESS_ROWS == 0 && progress != NULL && progress(ctx, out->rows) != 0)
            return mcp_error_set(err, MCP_ECANCELLED, "the import was cancelled");
    }
    return rc;
}

int cost__focus_read(struct cost__focus_reader *r, struct cost__csv_input *in, mcp_str source,
                     int (*progress)(void *ctx, uint64_t rows), void *ctx,
                     struct cost__focus_file *out, struct mcp_error *err)
{
    int rc;

    *out = (struct cost__focus_file){ .last_charge = INT64_MIN };
    memset(r->recent, 0, sizeof(r->recent));
    r->file = cost__csv_input_name(in);
    r->csv = cost__csv_new(in);
    if (r->csv == NULL)
        return no_memory(err);
    rc = read_header(r, out, err);
    if (rc == 0)
        rc = read_rows(r, source, progress, ctx, out, err);
    cost__csv_free(r->csv);
    r->csv = NULL;
    cost__sketch_seal(&out->sketch);
    out->hash = cost__csv_input_hash(in);
    return rc;
}
