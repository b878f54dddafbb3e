/* A sample of a file's records by their hashes, to see that two files share most of them. */
#ifndef COST_DATASET_SKETCH_H
#define COST_DATASET_SKETCH_H

#include <mcp/str.h>

#define COST__SKETCH_SIZE 1024

/* The smallest distinct hashes; all zero is empty. A file of at most COST__SKETCH_SIZE distinct
 * records is known exactly. */
struct cost__sketch {
    uint64_t heap[COST__SKETCH_SIZE]; /* a max heap while adding; ascending once sealed */
    size_t n;
    bool full; /* more were seen than are kept */
};

void cost__sketch_add(struct cost__sketch *sketch, uint64_t hash);
/* Sorts; then no more adding. */
void cost__sketch_seal(struct cost__sketch *sketch);
/* Whether two sealed sketches tell that the smaller file shares more than half of its distinct
 * records with the other. */
bool cost__sketch_shares(const struct cost__sketch *a, const struct cost__sketch *b);
mcp_str cost__sketch_bytes(const struct cost__sketch *sketch);
/* -1 when bytes are no sketch. */
int cost__sketch_parse(mcp_str bytes, struct cost__sketch *sketch);

#endif
