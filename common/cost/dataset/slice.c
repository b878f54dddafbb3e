/* One slice (source, billing account, billing period, provider) while its rows come in. */
#include "slice.h"
#include "store.h"

#include <mcp/date.h>

#include <stdlib.h>

#define DAY 86400

int cost__slice_writer_init(struct cost__slice_writer *w, sqlite3 *db, struct cost__stage *stage,
                            struct cost__combos *combos, struct mcp_error *err)
{
    *w = (struct cost__slice_writer){ .db = db, .stage = stage, .combos = combos };
    w->block = cost__store_prepare(
        db, "INSERT INTO block(slice,kind,day_min,day_max,rows,data) VALUES(?,?,?,?,?,?)", err);
    w->slice =
        cost__store_prepare(db, "INSERT INTO slice VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", err);
    w->facts = cost__store_prepare(db, "INSERT INTO slice_facts VALUES(?,?,?,?)", err);
    if (w->block == NULL || w->slice == NULL || w->facts == NULL) {
        cost__slice_writer_release(w);
        return MCP_EIO;
    }
    return 0;
}

void cost__slice_writer_release(struct cost__slice_writer *w)
{
    sqlite3_finalize(w->block);
    sqlite3_finalize(w->slice);
    sqlite3_finalize(w->facts);
    w->block = w->slice = w->facts = NULL;
}

void cost__slice_release(struct cost__slice *s)
{
    cost__ledger_release(&s->ledger);
    cost__ledger_release(&s->days);
    cost__rollups_free(s->rollups);
    free(s->projects);
    free(s->project_index);
    free(s->usage_days);
    free(s->cells);
    free(s->files);
    *s = (struct cost__slice){ 0 };
}

/* ---- projects ---- */

static size_t mix(uint64_t key)
{
    key *= 0x9e3779b97f4a7c15u;
    return (size_t)(key ^ key >> 32);
}

static int projects_grow(struct cost__slice *s)
{
    size_t size = s->projects_size == 0 ? 16 : s->projects_size * 2, mask = size * 2 - 1;
    struct cost__project_facts *rows = realloc(s->projects, size * sizeof(*rows));
    uint32_t *index;

    if (rows == NULL)
        return MCP_ENOMEM;
    s->projects = rows;
    index = calloc(size * 2, sizeof(*index));
    if (index == NULL)
        return MCP_ENOMEM;
    free(s->project_index);
    s->project_index = index;
    s->projects_size = size;
    for (size_t i = 0; i < s->n_projects; i++) {
        size_t at = mix((uint64_t)rows[i].project << 1 | rows[i].kubernetes) & mask;

        while (index[at] != 0)
            at = (at + 1) & mask;
        index[at] = (uint32_t)(i + 1);
    }
    return 0;
}

static bool is_project(const struct cost__project_facts *p, const struct cost__fact *f)
{
    return p->project == f->ids[COST_COL_PROJECT] && p->kubernetes == f->kubernetes;
}

static int find_project(struct cost__slice *s, const struct cost__fact *f)
{
    uint32_t project = f->ids[COST_COL_PROJECT];
    size_t at, mask;

    if (s->n_projects > 0 && is_project(&s->projects[s->last_project], f))
        return 0;
    if (s->n_projects == s->projects_size && projects_grow(s) != 0)
        return MCP_ENOMEM;
    mask = s->projects_size * 2 - 1;
    at = mix((uint64_t)project << 1 | f->kubernetes) & mask;
    while (s->project_index[at] != 0 && !is_project(&s->projects[s->project_index[at] - 1], f))
        at = (at + 1) & mask;
    if (s->project_index[at] == 0) {
        s->projects[s->n_projects] = (struct cost__project_facts){ .project = project,
                                                                   .kubernetes = f->kubernetes,
                                                                   .day_min = f->day,
                                                                   .day_max = f->day,
                                                                   .short_end = INT64_MIN,
                                                                   .ended_end = INT64_MIN };
        s->project_index[at] = (uint32_t)++s->n_projects;
    }
    s->last_project = s->project_index[at] - 1;
    return 0;
}

static int add_freshness(struct cost__slice *s, const struct cost__fact *f, int64_t now)
{
    struct cost__project_facts *p;

    if (find_project(s, f) != 0)
        return MCP_ENOMEM;
    p = &s->projects[s->last_project];
    p->rows++;
    if (f->day < p->day_min)
        p->day_min = f->day;
    if (f->day > p->day_max)
        p->day_max = f->day;
    if (f->charge == COST_CHARGE_USAGE && f->length <= DAY) {
        if (f->charge_end > p->short_end)
            p->short_end = f->charge_end;
        if (f->charge_end > s->short_end)
            s->short_end = f->charge_end;
    }
    if (f->charge_end <= now) {
        if (f->charge_end > p->ended_end)
            p->ended_end = f->charge_end;
        if (f->charge_end > s->ended_end)
            s->ended_end = f->charge_end;
    }
    return 0;
}

int32_t cost__data_through(int64_t short_end, int64_t ended_end)
{
    if (short_end != INT64_MIN)
        return mcp_instant_date(short_end) - 1;
    return ended_end == INT64_MIN ? INT32_MIN : mcp_instant_date(ended_end - 1);
}

/* ---- days and cells ---- */

static int add_usage_day(struct cost__slice *s, int32_t day)
{
    size_t lo = 0, hi = s->n_usage_days;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (s->usage_days[mid] == day)
            return 0;
        if (s->usage_days[mid] < day)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (s->n_usage_days == s->usage_days_size) {
        size_t size = s->usage_days_size == 0 ? 32 : s->usage_days_size * 2;
        int32_t *days = realloc(s->usage_days, size * sizeof(*days));

        if (days == NULL)
            return MCP_ENOMEM;
        s->usage_days = days;
        s->usage_days_size = size;
    }
    memmove(&s->usage_days[lo + 1], &s->usage_days[lo],
            (s->n_usage_days - lo) * sizeof(*s->usage_days));
    s->usage_days[lo] = day;
    s->n_usage_days++;
    return 0;
}

/* Never 0: that would be the day -2^31, which no date is. */
static uint64_t cell_key(uint32_t project, int32_t day)
{
    return (uint64_t)project << 32 | ((uint32_t)day ^ 0x80000000u);
}

static size_t cell_at(const uint64_t *cells, size_t size, uint64_t key)
{
    size_t at = mix(key) & (size - 1);

    while (cells[at] != 0 && cells[at] != key)
        at = (at + 1) & (size - 1);
    return at;
}

bool cost__slice_has_cell(const struct cost__slice *s, uint32_t project, int32_t day)
{
    return s->cells != NULL &&
           s->cells[cell_at(s->cells, s->cells_size, cell_key(project, day))] != 0;
}

static int add_cell(struct cost__slice *s, uint32_t project, int32_t day)
{
    uint64_t key = cell_key(project, day);
    size_t at;

    if (s->n_cells * 2 >= s->cells_size) {
        size_t size = s->cells_size == 0 ? 64 : s->cells_size * 2;
        uint64_t *cells = calloc(size, sizeof(*cells));

        if (cells == NULL)
            return MCP_ENOMEM;
        for (size_t i = 0; i < s->cells_size; i++) {
            if (s->cells[i] != 0)
                cells[cell_at(cells, size, s->cells[i])] = s->cells[i];
        }
        free(s->cells);
        s->cells = cells;
        s->cells_size = size;
    }
    at = cell_at(s->cells, s->cells_size, key);
    if (s->cells[at] == 0) {
        s->cells[at] = key;
        s->n_cells++;
    }
    return 0;
}

int cost__slice_from_file(struct cost__slice *s, uint32_t file)
{
    if (s->n_files > 0 && s->files[s->n_files - 1] == file)
        return 0;
    if (s->n_files == s->files_size) {
        size_t size = s->files_size == 0 ? 8 : s->files_size * 2;
        uint32_t *files = realloc(s->files, size * sizeof(*files));

        if (files == NULL)
            return MCP_ENOMEM;
        s->files = files;
        s->files_size = size;
    }
    s->files[s->n_files++] = file;
    return 0;
}

/* ---- rows ---- */

int cost__slice_add(struct cost__slice *s, struct cost__stage *stage, struct cost__combos *combos,
                    const struct cost__fact *f, int64_t now)
{
    int rc;

    if (s->rollups == NULL && (s->rollups = cost__rollups_new()) == NULL)
        return MCP_ENOMEM;
    if (!cost__stage_put(stage, &s->waiting, f))
        return MCP_MISS;
    if (s->rows == 0) {
        s->day_min = s->day_max = f->day;
        s->short_end = s->ended_end = INT64_MIN;
    }
    s->rows++;
    s->day_min = f->day < s->day_min ? f->day : s->day_min;
    s->day_max = f->day > s->day_max ? f->day : s->day_max;
    rc = cost__ledger_add(&s->ledger, COST__LEDGER_DAY, f);
    if (rc == 0)
        rc = cost__ledger_add(&s->days, f->day, f);
    if (rc == 0)
        rc = cost__rollups_add(s->rollups, combos, f);
    if (rc == 0)
        rc = add_freshness(s, f, now);
    if (rc == 0 && f->charge == COST_CHARGE_USAGE)
        rc = add_usage_day(s, f->day);
    if (rc == 0 && s->keep_cells)
        rc = add_cell(s, f->ids[COST_COL_PROJECT], f->day);
    return rc;
}

/* ---- writing ---- */

static int write_block(void *ctx, enum cost_block_kind kind, mcp_str blob, int32_t day_min,
                       int32_t day_max, uint32_t rows)
{
    struct cost__slice_writer *w = ctx;
    int rc = cost__store_bind(w->block, "iiiiib", w->current->id, (int64_t)kind, (int64_t)day_min,
                              (int64_t)day_max, (int64_t)rows, blob);

    return rc != 0 ? rc : cost__store_run(w->block, w->err);
}

int cost__slice_flush(struct cost__slice *s, struct cost__slice_writer *w, struct mcp_error *err)
{
    uint32_t rows = s->waiting.n;
    int32_t day_min = s->waiting.day_min, day_max = s->waiting.day_max;
    mcp_str blob;
    int rc;

    if (rows == 0)
        return 0;
    rc = cost__stage_flush(w->stage, &s->waiting, &blob);
    if (rc != 0)
        return mcp_error_set(err, (enum mcp_err)rc, "out of memory");
    w->current = s;
    w->err = err;
    return write_block(w, COST_FACTS, blob, day_min, day_max, rows);
}

static int write_rollups(struct cost__slice *s, struct cost__slice_writer *w, int64_t *kept,
                         struct mcp_error *err)
{
    int rc = 0;

    *kept = 0;
    w->current = s;
    w->err = err;
    for (int k = COST_FACTS + 1; rc == 0 && k < COST_N_BLOCK_KINDS; k++) {
        if (!cost__rollups_worth(s->rollups, (enum cost_block_kind)k, s->rows))
            continue;
        rc = cost__rollups_write(s->rollups, (enum cost_block_kind)k, w->combos, w->stage->enc,
                                 write_block, w);
        *kept |= (int64_t)1 << k;
    }
    if (rc != 0)
        mcp_error_set(err, (enum mcp_err)rc, "out of memory");
    return rc;
}

int cost__slice_finish(struct cost__slice *s, struct cost__slice_writer *w, mcp_str source,
                       mcp_str provider, mcp_str account, mcp_str account_fold, int64_t now,
                       struct mcp_error *err)
{
    struct mcp_buf ledger, days;
    int64_t kept = 0;
    int rc = cost__slice_flush(s, w, err);

    mcp_buf_init(&ledger, (size_t)64 << 20);
    mcp_buf_init(&days, (size_t)256 << 20);
    if (rc == 0)
        rc = write_rollups(s, w, &kept, err);
    cost__ledger_write(&s->ledger, &ledger);
    cost__ledger_write(&s->days, &days);
    if (rc == 0 && (mcp_buf_error(&ledger) != 0 || mcp_buf_error(&days) != 0))
        rc = mcp_error_set(err, MCP_ENOMEM, "out of memory");
    if (rc == 0)
        rc = cost__store_bind(w->slice, "issssiiiiiiiiib", s->id, source, provider, account,
                              account_fold, (int64_t)s->period_start, (int64_t)s->period_end,
                              (int64_t)s->day_min, (int64_t)s->day_max, s->short_end, s->ended_end,
                              now, (int64_t)s->rows, kept, mcp_buf_view(&ledger));
    if (rc == 0)
        rc = cost__store_run(w->slice, err);
    if (rc == 0)
        rc = cost__store_bind(
            w->facts, "ibbb", s->id, mcp_buf_view(&days),
            mcp_str_n((const char *)s->projects, s->n_projects * COST__PROJECT_BYTES),
            mcp_str_n(s->n_usage_days == 0 ? "" : (const char *)s->usage_days,
                      s->n_usage_days * sizeof(*s->usage_days)));
    if (rc == 0)
        rc = cost__store_run(w->facts, err);
    mcp_buf_release(&ledger);
    mcp_buf_release(&days);
    return rc;
}
