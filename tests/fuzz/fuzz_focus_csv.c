/* Any bytes as a FOCUS file, plain or gzip: imported or refused with a reason. */
#include "cost/dataset/focus_csv.h"
#include "cost/dataset/store.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct cost_import_options options = { 0 };
    struct cost__importer imp;
    struct cost__focus_reader *reader;
    struct cost__csv_input *in;
    static struct cost__focus_file file;
    struct mcp_error err = { 0 };
    sqlite3 *db = NULL;

    if (cost__store_open(":memory:", &db, &err) != 0 ||
        cost__importer_init(&imp, db, &options, &err) != 0)
        abort();
    reader = cost__focus_reader_new(&imp);
    if (cost__csv_input_memory(mcp_str_n((const char *)data, size), &in, NULL) != 0)
        abort();
    if (cost__focus_read(reader, in, MCP_STR_NULL, NULL, NULL, &file, &err) == 0)
        (void)cost__importer_finish(&imp, &err);
    else if (err.message[0] == '\0')
        abort(); /* a refusal without a reason */
    cost__csv_input_close(in);
    cost__focus_reader_free(reader);
    cost__importer_release(&imp);
    sqlite3_close(db);
    return 0;
}
