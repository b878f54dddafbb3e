/* The import: one delivery, one transaction, from files or from rows that a generator yields. */
#include "delivery.h"
#include "focus_columns.h"
#include "store.h"
#include "swap.h"

#include <mcp/clock.h>
#include <mcp/random.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define PROGRESS_MS 100
#define VACUUM_SHARE 3 /* a third of the file unused: pack it */

struct import {
    const struct cost_import_options *options;
    struct mcp_arena *arena; /* the caller's: of the report */
    struct cost_import_report *report;
    struct cost__swap swap;
    struct cost__file_list list;
    struct cost__focus_file *focus; /* owned, heap: one for each file, sketches are large */
    struct cost__delivered *delivered;
    struct cost__known *known; /* NULL: no file is known */
    sqlite3 *db;
    struct cost__importer imp;
    bool importer_ready;
    mcp_str *skipped; /* in arena */
    size_t n_skipped, skipped_size;
    mcp_str *notes; /* in arena */
    size_t n_notes, notes_size;
    /* progress */
    uint64_t rows_before, bytes_before, unpacked_before, bytes_total, last_ms;
    struct cost__csv_input *input;
};

static int no_memory(struct mcp_error *err)
{
    return mcp_error_set(err, MCP_ENOMEM, "out of memory");
}

/* Appends to one of the report's lists of sentences. */
static int append(struct import *im, mcp_str **items, size_t *n, size_t *size, mcp_str s)
{
    if (*n == *size) {
        size_t more = *size == 0 ? 16 : *size * 2;
        mcp_str *grown = mcp_arena_try_array(im->arena, more, sizeof(*grown));

        if (grown == NULL)
            return MCP_ENOMEM;
        if (*n > 0)
            memcpy(grown, *items, *n * sizeof(*grown));
        *items = grown;
        *size = more;
    }
    (*items)[(*n)++] = s;
    return 0;
}

static int skip_file(struct import *im, mcp_str path)
{
    return append(im, &im->skipped, &im->n_skipped, &im->skipped_size, path);
}

static int add_note(struct import *im, mcp_str sentence)
{
    return append(im, &im->notes, &im->n_notes, &im->notes_size, sentence);
}

/* ---- progress ---- */

static int tell(struct import *im, bool always)
{
    uint64_t now = mcp_clock_mono_ms();
    struct cost_import_progress p;

    if (im->options->progress == NULL || (!always && now - im->last_ms < PROGRESS_MS))
        return 0;
    im->last_ms = now;
    p = (struct cost_import_progress){
        .rows = im->imp.rows,
        .bytes = im->bytes_before,
        .bytes_total = im->bytes_total,
        .bytes_unpacked = im->unpacked_before,
    };
    if (im->input != NULL) {
        p.bytes += cost__csv_input_stored(im->input);
        p.bytes_unpacked += cost__csv_input_unpacked(im->input);
        p.file = cost__csv_input_name(im->input);
    }
    return im->options->progress(im->options->ctx, &p);
}

static int on_rows(void *ctx, uint64_t rows)
{
    (void)rows;
    return tell(ctx, false);
}

/* ---- the transaction ---- */

static int begin(struct import *im, struct mcp_error *err)
{
    int rc = cost__swap_copy(&im->swap, err);

    if (rc == 0)
        rc = cost__store_open(im->swap.new_path, &im->db, err);
    if (rc == 0)
        rc = cost__importer_init(&im->imp, im->db, im->options, err);
    im->importer_ready = rc == 0;
    return rc;
}

/* Drops what begin made; the transaction's file goes with the swap or is made anew. */
static void drop(struct import *im)
{
    if (im->importer_ready)
        cost__importer_release(&im->imp);
    im->importer_ready = false;
    sqlite3_close(im->db);
    im->db = NULL;
}

static int64_t pragma(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *stmt = cost__store_prepare(db, sql, NULL);
    int64_t value = 0;

    if (stmt != NULL && cost__store_step(stmt, NULL) == 1)
        value = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return value;
}

static int write_meta(struct import *im, struct mcp_error *err)
{
    sqlite3_stmt *put = cost__store_prepare(im->db, "INSERT OR REPLACE INTO meta VALUES(?,?)", err);
    unsigned char bytes[8];
    char text[17];
    int rc = put == NULL ? MCP_EIO : 0;

    mcp_random_bytes(bytes, sizeof(bytes));
    for (size_t i = 0; i < sizeof(bytes); i++) {
        text[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
        text[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
    }
    if (rc == 0)
        rc = cost__store_bind(put, "ss", MCP_STR("generation"), mcp_str_n(text, 16));
    if (rc == 0)
        rc = cost__store_run(put, err);
    if (rc == 0)
        rc = cost__store_bind(put, "si", MCP_STR("imported_at"), im->imp.now);
    if (rc == 0)
        rc = cost__store_run(put, err);
    sqlite3_finalize(put);
    return rc;
}

/* Applies the delivery to the copy and puts the copy in the dataset's place. */
static int commit(struct import *im, struct cost__delivery *d, struct mcp_error *err)
{
    int rc = cost__delivery_apply(d, err);
    int64_t pages, unused;

    if (rc == 0)
        rc = cost__importer_finish(&im->imp, err);
    if (rc == 0)
        rc = cost__delivery_record(d, err);
    if (rc == 0)
        rc = write_meta(im, err);
    if (rc != 0)
        return rc;
    im->report->slices = d->slices;
    im->report->n_slices = d->n_slices;
    im->report->rows = im->imp.rows;
    im->report->rounded = im->imp.rounded;
    im->report->rounded_max = im->imp.rounded_max;
    cost__slice_writer_release(&im->imp.writer); /* no statement may be open at the end */
    rc = cost__store_exec(im->db, "COMMIT", err);
    if (rc != 0)
        return rc;
    pages = pragma(im->db, "PRAGMA page_count");
    unused = pragma(im->db, "PRAGMA freelist_count");
    if (unused > pages / VACUUM_SHARE)
        rc = cost__store_exec(im->db, "VACUUM", err);
    if (rc == 0 && sqlite3_close(im->db) != SQLITE_OK)
        rc = cost__store_failed(im->db, "close the dataset", err);
    else
        im->db = NULL;
    return rc != 0 ? rc : cost__swap_commit(&im->swap, err);
}

/* ---- files ---- */

static int known_files(struct import *im, struct mcp_error *err)
{
    int fd = open(im->swap.path, O_RDONLY | O_CLOEXEC), rc;
    sqlite3 *db = NULL;

    if (fd < 0)
        return 0; /* no dataset yet, or one that the copy will complain about */
    rc = cost__store_open_fd(fd, &db, err);
    /* An older schema is brought up to date by the import itself; then no file counts as known. */
    if (rc == 0 && cost__store_check(db, mcp_str_z(im->swap.path), NULL) == 0)
        rc = cost__delivery_known(db, &im->list, im->arena, &im->known, err);
    sqlite3_close(db);
    close(fd);
    return rc;
}

/* Whether nothing is left to do; else known files of an --append are out of the list. */
static int already_there(struct import *im, bool *done, struct mcp_error *err)
{
    size_t kept = 0, n = im->list.n;
    bool all = true;
    sqlite3 *db = NULL;
    int fd, rc;

    *done = false;
    if (im->known == NULL)
        return 0;
    for (size_t i = 0; i < n; i++) {
        bool out =
            im->options->append ? im->known[i].known : im->known[i].known && im->known[i].in_effect;

        all = all && out;
        if (out && im->options->append && skip_file(im, im->list.items[i].path) != 0)
            return no_memory(err);
    }
    if (all) {
        *done = true;
        fd = open(im->swap.path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
            return mcp_error_set(err, MCP_EIO, "%s: %s", im->swap.path, strerror(errno));
        rc = cost__store_open_fd(fd, &db, err);
        if (rc == 0)
            rc = cost__delivery_unchanged(db, im->known, n, im->arena, im->report, err);
        sqlite3_close(db);
        close(fd);
        for (size_t i = 0; rc == 0 && !im->options->append && i < n; i++)
            rc = skip_file(im, im->list.items[i].path);
        return rc;
    }
    for (size_t i = 0; i < n; i++) {
        if (!im->options->append || !im->known[i].known)
            im->list.items[kept++] = im->list.items[i];
    }
    im->list.n = kept;
    return 0;
}

static int read_file(struct import *im, struct cost__focus_reader *reader, size_t i,
                     struct mcp_error *err)
{
    const struct cost__file *file = &im->list.items[i];
    int rc = cost__csv_input_open(file->path.ptr, file->path, &im->input, err);

    if (rc != 0)
        return rc;
    im->imp.file = (uint32_t)i;
    rc = cost__focus_read(reader, im->input, file->source, on_rows, im, &im->focus[i], err);
    im->bytes_before += cost__csv_input_stored(im->input);
    im->unpacked_before += cost__csv_input_unpacked(im->input);
    cost__csv_input_close(im->input);
    im->input = NULL;
    if (rc == 0 && im->focus[i].kind == COST__FOCUS_OTHER)
        rc = add_note(im, mcp_arena_printf(im->arena,
                                           "%.*s is another FOCUS dataset than Cost and Usage or "
                                           "Billing Period: left out",
                                           MCP_STR_ARG(file->path)));
    return rc;
}

static int read_files(struct import *im, struct mcp_error *err)
{
    struct cost__focus_reader *reader = cost__focus_reader_new(&im->imp);
    int rc = reader == NULL ? no_memory(err) : 0;

    im->bytes_before = im->unpacked_before = im->bytes_total = 0;
    for (size_t i = 0; i < im->list.n; i++)
        im->bytes_total += im->list.items[i].size;
    free(im->focus);
    free(im->delivered);
    im->focus = calloc(im->list.n, sizeof(*im->focus));
    im->delivered = calloc(im->list.n, sizeof(*im->delivered));
    if (im->focus == NULL || im->delivered == NULL)
        rc = no_memory(err);
    for (size_t i = 0; rc == 0 && i < im->list.n; i++) {
        im->delivered[i] = (struct cost__delivered){ &im->list.items[i], &im->focus[i] };
        rc = read_file(im, reader, i, err);
    }
    cost__focus_reader_free(reader);
    if (rc == 0 && tell(im, true) != 0)
        rc = mcp_error_set(err, MCP_ECANCELLED, "the import was cancelled");
    return rc;
}

/* Two snapshots of one bill among the files: MCP_EREFUSED, or with --latest the older ones leave the
 * list and *again is set. */
static int check_snapshots(struct import *im, bool *again, struct mcp_error *err)
{
    struct cost__overlap *overlaps;
    size_t n, kept = 0;
    int rc = cost__delivery_overlaps(im->delivered, im->list.n, im->arena, &overlaps, &n);

    *again = false;
    if (rc != 0)
        return no_memory(err);
    if (n == 0)
        return 0;
    if (!im->options->latest) {
        mcp_error_word(
            err, MCP_EREFUSED, "two_snapshots",
            "%.*s and %.*s share more than half of their rows: they are two snapshots of "
            "one bill, and both together would count it twice",
            MCP_STR_ARG(im->list.items[overlaps[0].older].path),
            MCP_STR_ARG(im->list.items[overlaps[0].newer].path));
        return mcp_error_next(err, "Import only the newer one, or let --latest choose it");
    }
    for (size_t i = 0; i < im->list.n; i++) {
        bool older = false;

        for (size_t j = 0; j < n; j++)
            older = older || overlaps[j].older == i;
        if (older && skip_file(im, im->list.items[i].path) != 0)
            return no_memory(err);
        if (!older)
            im->list.items[kept++] = im->list.items[i];
    }
    im->list.n = kept;
    *again = true;
    return 0;
}

/* With --append: a file of the delivery that is another snapshot of one that is there. */
static int check_appended(struct import *im, struct mcp_error *err)
{
    struct cost__sketch *old = malloc(sizeof(*old));
    sqlite3_stmt *stmt = cost__store_prepare(im->db, "SELECT name, sketch FROM file", err);
    int rc = old == NULL ? no_memory(err) : stmt == NULL ? MCP_EIO : 0;

    while (rc == 0 && (rc = cost__store_step(stmt, err)) == 1) {
        rc = cost__sketch_parse(cost__store_blob(stmt, 1), old) == 0 ? 0 : MCP_EDATA;
        for (size_t i = 0; rc == 0 && i < im->list.n; i++) {
            if (!cost__sketch_shares(&im->focus[i].sketch, old))
                continue;
            rc = mcp_error_word(err, MCP_EREFUSED, "two_snapshots",
                                "%.*s shares more than half of its rows with %.*s, which is in the "
                                "dataset already: appending would count them twice",
                                MCP_STR_ARG(im->list.items[i].path),
                                MCP_STR_ARG(cost__store_text(stmt, 0)));
            mcp_error_next(err, "Import it without --append: it then replaces the older one");
        }
    }
    sqlite3_finalize(stmt);
    free(old);
    return rc;
}

/* ---- the report ---- */

/* One sentence for all files: what some of them lack. */
static int note_columns(struct import *im)
{
    struct mcp_buf buf;
    uint64_t missing = 0;
    int rc;

    for (size_t i = 0; i < im->list.n; i++)
        missing |= im->focus[i].columns_missing;
    if (missing == 0)
        return 0;
    mcp_buf_init(&buf, 4096);
    mcp_buf_z(&buf, "some files lack the columns");
    for (size_t c = 0; c < cost__focus_n_columns; c++) {
        if ((missing >> c & 1) != 0)
            mcp_buf_printf(&buf, "%s %s", (missing & (((uint64_t)1 << c) - 1)) == 0 ? "" : ",",
                           cost__focus_columns[c].name);
    }
    mcp_buf_z(&buf, ": answers that need them are null (doctor lists them by provider)");
    rc = mcp_buf_error(&buf);
    if (rc == 0)
        rc = add_note(im, mcp_arena_str(im->arena, mcp_buf_view(&buf)));
    mcp_buf_release(&buf);
    return rc;
}

static int write_notes(struct import *im, struct mcp_error *err)
{
    int rc = note_columns(im);

    for (uint32_t i = 1; rc == 0 && i <= im->imp.unmapped.n; i++)
        rc = add_note(
            im, mcp_arena_printf(im->arena,
                                 "\"%.*s\" is no provider this program knows: its rows are in "
                                 "mcp-forecast and mcp-policy only (--provider NAME assigns them)",
                                 MCP_STR_ARG(cost__dict_get(&im->imp.unmapped, i))));
    return rc == 0 ? 0 : no_memory(err);
}

static void finish_report(struct import *im)
{
    im->report->bytes_unpacked = im->unpacked_before;
    im->report->skipped_files = im->skipped;
    im->report->n_skipped = im->n_skipped;
    im->report->notes = im->notes;
    im->report->n_notes = im->n_notes;
}

/* What failed in the dataset's own file says which one that is; errors of the files that are read
 * name those. */
static void name_dataset(const struct import *im, int rc, struct mcp_error *err)
{
    static const char *const words[] = { "bad_dataset", "newer_dataset", "disk_full",
                                         "not_writable" };
    struct mcp_error why;
    bool own = false;

    if (rc == 0 || err == NULL || err->code == NULL || im->swap.path == NULL)
        return;
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        own |= strcmp(err->code, words[i]) == 0;
    if (!own || strstr(err->message, im->swap.path) != NULL)
        return;
    why = *err;
    mcp_error_clear(err);
    mcp_error_word(err, why.err, why.code, "%s: %s", im->swap.path, why.message);
    if (why.next[0] != '\0')
        mcp_error_next(err, "%s", why.next);
}

static void release(struct import *im)
{
    drop(im);
    free(im->focus);
    free(im->delivered);
    cost__swap_end(&im->swap);
}

/* --provider as a family: a name of the shipped table, else its slug. */
static int provider_option(const struct cost_import_options *in, struct cost_import_options *out,
                           struct mcp_arena *arena, struct mcp_error *err)
{
    char slug[64];
    const char *family;

    *out = *in;
    if (in->append + in->partial + in->replace > 1)
        return mcp_error_set(err, MCP_EINVAL,
                             "--replace, --partial and --append exclude each other");
    if (in->provider.len == 0)
        return 0;
    family = cost_provider_family(in->provider);
    out->provider =
        family != NULL
            ? mcp_str_z(family)
            : mcp_arena_str(arena, mcp_str_n(slug, cost_provider_slug(in->provider, slug)));
    if (out->provider.len == 0)
        return mcp_error_set(err, MCP_EINVAL, "--provider needs a name with letters");
    return 0;
}

static int import_files(struct import *im, struct mcp_error *err)
{
    struct cost__delivery d;
    bool again = true, done;
    int rc;

    for (size_t i = 0; i < im->list.n_skipped; i++) {
        if (skip_file(im, im->list.skipped[i]) != 0)
            return no_memory(err);
    }
    rc = known_files(im, err);
    if (rc == 0)
        rc = already_there(im, &done, err);
    if (rc != 0 || done)
        return rc;
    while (again) {
        drop(im);
        rc = begin(im, err);
        if (rc == 0)
            rc = read_files(im, err);
        if (rc == 0)
            rc = check_snapshots(im, &again, err);
        if (rc != 0)
            return rc;
    }
    if (im->options->append)
        rc = check_appended(im, err);
    if (rc == 0)
        rc = write_notes(im, err);
    if (rc != 0)
        return rc;
    d = (struct cost__delivery){
        .imp = &im->imp, .arena = im->arena, .files = im->delivered, .n_files = im->list.n
    };
    return commit(im, &d, err);
}

int cost_import(mcp_str dataset, const struct cost_import_options *options, struct mcp_arena *arena,
                struct cost_import_report *report, struct mcp_error *err)
{
    struct cost_import_options own;
    struct cost_import_report result = { 0 };
    struct import im = { .options = &own, .arena = arena, .report = &result };
    int rc = provider_option(options, &own, arena, err);

    im.swap.lock_fd = -1;
    if (rc == 0)
        rc = cost__filelist_read(options->paths, options->n_paths, arena, &im.list, err);
    if (rc == 0)
        rc = cost__swap_begin(&im.swap, dataset, err);
    if (rc == 0)
        rc = import_files(&im, err);
    if (rc == 0) {
        finish_report(&im);
        *report = result;
    }
    name_dataset(&im, rc, err);
    release(&im);
    return rc;
}

static int read_rows(struct import *im, mcp_str source,
                     int (*next)(void *ctx, struct cost_row *row, struct mcp_error *err), void *ctx,
                     struct mcp_error *err)
{
    struct cost_row row;
    int rc;

    while ((rc = next(ctx, &row, err)) == 1) {
        const char *why = NULL;

        rc = cost__importer_row(&im->imp, &row, source, &why, err);
        if (rc != 0 && why != NULL)
            return mcp_error_set(err, MCP_EDATA, "row %llu: %s",
                                 (unsigned long long)im->imp.rows + 1, why);
        if (rc != 0)
            return rc;
        if (im->imp.rows % 2048 == 0 && tell(im, false) != 0)
            return mcp_error_set(err, MCP_ECANCELLED, "the import was cancelled");
    }
    return rc;
}

int cost_import_rows(mcp_str dataset, mcp_str source,
                     int (*next)(void *ctx, struct cost_row *row, struct mcp_error *err), void *ctx,
                     const struct cost_import_options *options, struct mcp_arena *arena,
                     struct cost_import_report *report, struct mcp_error *err)
{
    static const struct cost_import_options defaults = { 0 };
    struct cost_import_options own;
    struct cost_import_report result = { 0 };
    struct import im = { .options = &own, .arena = arena, .report = &result };
    struct cost__delivery d;
    int rc = provider_option(options == NULL ? &defaults : options, &own, arena, err);

    im.swap.lock_fd = -1;
    if (rc == 0)
        rc = cost__swap_begin(&im.swap, dataset, err);
    if (rc == 0)
        rc = begin(&im, err);
    if (rc == 0)
        rc = read_rows(&im, source, next, ctx, err);
    if (rc == 0)
        rc = write_notes(&im, err);
    if (rc == 0) {
        d = (struct cost__delivery){ .imp = &im.imp, .arena = arena };
        rc = commit(&im, &d, err);
    }
    if (rc == 0) {
        finish_report(&im);
        *report = result;
    }
    name_dataset(&im, rc, err);
    release(&im);
    return rc;
}
