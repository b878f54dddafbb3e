/* Any bytes as a FOCUS file, plain or gzip: read into rows or refused with a reason. */
#include "cost/dataset/focus_csv.h"
#include "cost/dataset/store.h"

#include <stdlib.h>

/* An importer costs some twenty milliseconds to make, a small file none: one serves many runs, and
 * every so often what they brought is written as a delivery. The first run is such a whole one, so
 * that an input given alone goes all the way. */
#define RUNS_PER_DELIVERY 8192

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct {
    sqlite3 *db;
    struct cost__importer imp;
    struct cost__focus_reader *reader;
    unsigned runs;
} s;

static void begin(void)
{
    static const struct cost_import_options options = { 0 };
    struct mcp_error err = { 0 };

    if (cost__store_open(":memory:", &s.db, &err) != 0 ||
        cost__importer_init(&s.imp, s.db, &options, &err) != 0)
        abort();
    s.reader = cost__focus_reader_new(&s.imp);
    if (s.reader == NULL)
        abort();
}

static void end(void)
{
    struct mcp_error err = { 0 };

    if (cost__importer_finish(&s.imp, &err) != 0 && err.message[0] == '\0')
        abort(); /* a refusal without a reason */
    cost__focus_reader_free(s.reader);
    cost__importer_release(&s.imp);
    sqlite3_close(s.db);
    s.db = NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct cost__focus_file file;
    struct cost__csv_input *in;
    struct mcp_error err = { 0 };

    if (s.db == NULL)
        begin();
    if (cost__csv_input_memory(mcp_str_n((const char *)data, size), &in, NULL) != 0)
        abort();
    if (cost__focus_read(s.reader, in, MCP_STR_NULL, NULL, NULL, &file, &err) != 0 &&
        err.message[0] == '\0')
        abort(); /* a refusal without a reason */
    cost__csv_input_close(in);
    if (s.runs++ % RUNS_PER_DELIVERY == 0)
        end();
    return 0;
}
