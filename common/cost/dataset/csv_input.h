/* The bytes of one file, plain or gzip, with the digest of what is stored. */
#ifndef COST_DATASET_CSV_INPUT_H
#define COST_DATASET_CSV_INPUT_H

#include <mcp/error.h>

struct cost__csv_input;

/* name: for errors, copied. A gzip file (also of several members) is known by its first bytes. */
int cost__csv_input_open(const char *path, mcp_str name, struct cost__csv_input **in,
                         struct mcp_error *err);
/* The bytes of memory instead of a file: borrowed. For tests and fuzzing. */
int cost__csv_input_memory(mcp_str bytes, struct cost__csv_input **in, struct mcp_error *err);
void cost__csv_input_close(struct cost__csv_input *in);
/* Up to size bytes into out: how many (0 at the end), or negative. */
int64_t cost__csv_input_read(struct cost__csv_input *in, void *out, size_t size,
                             struct mcp_error *err);
mcp_str cost__csv_input_name(const struct cost__csv_input *in);
/* Stored bytes read so far, and bytes handed out. */
uint64_t cost__csv_input_stored(const struct cost__csv_input *in);
uint64_t cost__csv_input_unpacked(const struct cost__csv_input *in);

struct cost__file_hash {
    unsigned char bytes[16];
};
/* XXH3-128 of the stored bytes, once all were read. */
struct cost__file_hash cost__csv_input_hash(const struct cost__csv_input *in);
/* The same of a whole file. */
int cost__file_hash(const char *path, mcp_str name, struct cost__file_hash *hash,
                    struct mcp_error *err);

#endif
