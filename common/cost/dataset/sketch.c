/* A sample of a file's records by their hashes, to see that two files share most of them. */
#include "sketch.h"

#include <stdlib.h>

static void sift_up(uint64_t *heap, size_t i)
{
    while (i > 0 && heap[(i - 1) / 2] < heap[i]) {
        uint64_t t = heap[i];

        heap[i] = heap[(i - 1) / 2];
        heap[(i - 1) / 2] = t;
        i = (i - 1) / 2;
    }
}

static void sift_down(uint64_t *heap, size_t n)
{
    size_t i = 0;

    for (;;) {
        size_t child = 2 * i + 1;
        uint64_t t;

        if (child >= n)
            return;
        if (child + 1 < n && heap[child + 1] > heap[child])
            child++;
        if (heap[i] >= heap[child])
            return;
        t = heap[i];
        heap[i] = heap[child];
        heap[child] = t;
        i = child;
    }
}

void cost__sketch_add(struct cost__sketch *s, uint64_t hash)
{
    if (s->n == COST__SKETCH_SIZE) {
        if (hash >= s->heap[0]) {
            s->full = s->full || hash > s->heap[0];
            return;
        }
    }
    /* Rare once the heap is full of small hashes, so that looking for an equal one may be slow. */
    for (size_t i = 0; i < s->n; i++) {
        if (s->heap[i] == hash)
            return;
    }
    if (s->n < COST__SKETCH_SIZE) {
        s->heap[s->n] = hash;
        sift_up(s->heap, s->n++);
        return;
    }
    s->full = true;
    s->heap[0] = hash;
    sift_down(s->heap, s->n);
}

static int compare(const void *a, const void *b)
{
    uint64_t x, y;

    memcpy(&x, a, sizeof(x));
    memcpy(&y, b, sizeof(y));
    return x < y ? -1 : x > y;
}

void cost__sketch_seal(struct cost__sketch *s)
{
    qsort(s->heap, s->n, sizeof(*s->heap), compare);
}

bool cost__sketch_shares(const struct cost__sketch *a, const struct cost__sketch *b)
{
    uint64_t limit = UINT64_MAX;
    size_t i = 0, j = 0, shared = 0, in_a, in_b, smaller;

    /* Below the limit both samples are complete. */
    if (a->full && a->n > 0)
        limit = a->heap[a->n - 1];
    if (b->full && b->n > 0 && b->heap[b->n - 1] < limit)
        limit = b->heap[b->n - 1];
    while (i < a->n && j < b->n && a->heap[i] <= limit && b->heap[j] <= limit) {
        if (a->heap[i] == b->heap[j]) {
            shared++;
            i++;
            j++;
        } else if (a->heap[i] < b->heap[j]) {
            i++;
        } else {
            j++;
        }
    }
    for (in_a = 0; in_a < a->n && a->heap[in_a] <= limit;)
        in_a++;
    for (in_b = 0; in_b < b->n && b->heap[in_b] <= limit;)
        in_b++;
    smaller = in_a < in_b ? in_a : in_b;
    return shared > 0 && shared * 2 > smaller;
}

mcp_str cost__sketch_bytes(const struct cost__sketch *s)
{
    /* Whether more were seen follows from the number: a full sketch has seen more but by chance. */
    return mcp_str_n((const char *)s->heap, s->n * sizeof(*s->heap));
}

int cost__sketch_parse(mcp_str bytes, struct cost__sketch *s)
{
    if (bytes.len % sizeof(*s->heap) != 0 || bytes.len > sizeof(s->heap))
        return -1;
    *s = (struct cost__sketch){ .n = bytes.len / sizeof(*s->heap) };
    if (s->n > 0)
        memcpy(s->heap, bytes.ptr, bytes.len);
    s->full = s->n == COST__SKETCH_SIZE;
    return 0;
}
