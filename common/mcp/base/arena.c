/* Memory that lives as long as one call and goes in one piece. */
#include <mcp/arena.h>
#include <mcp/error.h>

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define FIRST_BYTES ((size_t)8 << 10)
#define LIMIT_BYTES ((size_t)64 << 20)
#define CHUNK_BYTES_MAX ((size_t)1 << 20)
#define ALIGN alignof(max_align_t)

/* Under AddressSanitizer what was not handed out is poisoned, with a gap behind each block, so that
 * an overrun inside a chunk is found like one on the heap. */
#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif
#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#define POISON(ptr, n) ASAN_POISON_MEMORY_REGION((ptr), (n))
#define UNPOISON(ptr, n) ASAN_UNPOISON_MEMORY_REGION((ptr), (n))
#define GAP ALIGN
#else
#define POISON(ptr, n) ((void)(ptr), (void)(n))
#define UNPOISON(ptr, n) ((void)(ptr), (void)(n))
#define GAP ((size_t)0)
#endif

struct chunk {
    struct chunk *next; /* owned */
    size_t size; /* of the bytes behind this header */
    size_t used;
    bool zero; /* came as zero pages: no need to wipe a block */
};

struct defer {
    struct defer *next; /* borrowed: lives in the arena */
    void (*fn)(void *);
    void *ptr; /* borrowed or owned, fn knows */
};

struct mcp_arena {
    size_t limit;
    size_t total; /* of all chunks */
    size_t used; /* handed out */
    struct defer *defers; /* newest first */
    struct chunk *current; /* where small blocks come from */
    struct chunk first; /* its bytes follow */
};

#define HEAD_BYTES ((sizeof(struct chunk) + ALIGN - 1) / ALIGN * ALIGN)
#define ARENA_BYTES ((sizeof(struct mcp_arena) + ALIGN - 1) / ALIGN * ALIGN)

static char *chunk_bytes(struct mcp_arena *arena, struct chunk *c)
{
    return c == &arena->first ? (char *)arena + ARENA_BYTES : (char *)c + HEAD_BYTES;
}

struct mcp_arena *mcp_arena_new(size_t first_bytes, size_t limit_bytes)
{
    size_t size = first_bytes == 0 ? FIRST_BYTES : first_bytes;
    struct mcp_arena *arena;

    if (size > SIZE_MAX / 2)
        return NULL;
    size = (size + ALIGN - 1) / ALIGN * ALIGN;
    arena = malloc(ARENA_BYTES + size);
    if (arena == NULL)
        return NULL;
    *arena = (struct mcp_arena){
        .limit = limit_bytes == 0 ? LIMIT_BYTES : limit_bytes,
        .total = size,
        .current = &arena->first,
        .first = { .size = size },
    };
    POISON((char *)arena + ARENA_BYTES, size);
    return arena;
}

/* Runs the deferred functions and frees all chunks but the first. */
static void empty(struct mcp_arena *arena)
{
    struct chunk *c;

    while (arena->defers != NULL) {
        struct defer *d = arena->defers;

        arena->defers = d->next; /* d->fn may defer again */
        d->fn(d->ptr);
    }
    c = arena->first.next;
    while (c != NULL) {
        struct chunk *next = c->next;

        UNPOISON(c, HEAD_BYTES + c->size);
        free(c);
        c = next;
    }
}

void mcp_arena_free(struct mcp_arena *arena)
{
    if (arena == NULL)
        return;
    empty(arena);
    UNPOISON((char *)arena + ARENA_BYTES, arena->first.size);
    free(arena);
}

void mcp_arena_reset(struct mcp_arena *arena)
{
    empty(arena);
    arena->first.next = NULL;
    arena->first.used = 0;
    arena->current = &arena->first;
    arena->total = arena->first.size;
    arena->used = 0;
    POISON((char *)arena + ARENA_BYTES, arena->first.size);
}

/* A block of the chunk, or NULL when it has no room. bytes is a multiple of ALIGN. */
static void *take(struct mcp_arena *arena, struct chunk *c, size_t bytes)
{
    char *block = chunk_bytes(arena, c) + c->used;

    if (bytes > c->size - c->used)
        return NULL;
    UNPOISON(block, bytes - GAP);
    if (!c->zero)
        memset(block, 0, bytes - GAP);
    c->used += bytes;
    arena->used += bytes;
    return block;
}

/* A new chunk with room for bytes. A block that would waste most of a chunk gets one of its own,
 * behind the current one, which goes on serving small blocks. */
static struct chunk *grow(struct mcp_arena *arena, size_t bytes)
{
    size_t size = arena->current->size * 2;
    struct chunk *c;

    if (size > CHUNK_BYTES_MAX)
        size = CHUNK_BYTES_MAX;
    if (bytes > size / 4)
        size = bytes;
    if (arena->total >= arena->limit || bytes > arena->limit - arena->total)
        return NULL;
    if (size > arena->limit - arena->total)
        size = bytes;
    c = calloc(1, HEAD_BYTES + size);
    if (c == NULL && size != bytes) {
        size = bytes; /* what is asked for may still be had */
        c = calloc(1, HEAD_BYTES + size);
    }
    if (c == NULL)
        return NULL;
    c->size = size;
    c->zero = true;
    arena->total += size;
    c->next = arena->current->next;
    arena->current->next = c;
    if (size != bytes)
        arena->current = c;
    POISON((char *)c + HEAD_BYTES, size);
    return c;
}

void *mcp_arena_try(struct mcp_arena *arena, size_t bytes)
{
    struct chunk *c;
    void *block;

    if (bytes > arena->limit)
        return NULL;
    bytes = (bytes + (bytes == 0) + ALIGN - 1) / ALIGN * ALIGN + GAP;
    block = take(arena, arena->current, bytes);
    if (block != NULL)
        return block;
    c = grow(arena, bytes);
    return c == NULL ? NULL : take(arena, c, bytes);
}

void *mcp_arena_try_array(struct mcp_arena *arena, size_t n, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(n, size, &bytes))
        return NULL;
    return mcp_arena_try(arena, bytes);
}

void *mcp_arena_alloc(struct mcp_arena *arena, size_t bytes)
{
    void *block = mcp_arena_try(arena, bytes);

    MCP_BUG_ON(block == NULL);
    return block;
}

mcp_str mcp_arena_str(struct mcp_arena *arena, mcp_str s)
{
    char *copy;

    if (s.ptr == NULL)
        return MCP_STR_NULL;
    copy = mcp_arena_alloc(arena, s.len + 1);
    memcpy(copy, s.ptr, s.len); /* the NUL stands there already */
    return mcp_str_n(copy, s.len);
}

mcp_str mcp_arena_printf(struct mcp_arena *arena, const char *fmt, ...)
{
    char small[256];
    va_list ap;
    char *text;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(small, sizeof(small), fmt, ap);
    va_end(ap);
    MCP_BUG_ON(n < 0);
    if ((size_t)n < sizeof(small))
        return mcp_arena_str(arena, mcp_str_n(small, (size_t)n));
    text = mcp_arena_alloc(arena, (size_t)n + 1);
    va_start(ap, fmt);
    vsnprintf(text, (size_t)n + 1, fmt, ap);
    va_end(ap);
    return mcp_str_n(text, (size_t)n);
}

const char *mcp_str_cz(struct mcp_arena *arena, mcp_str s)
{
    if (s.ptr == NULL)
        return "";
    if (mcp_str_find(s, '\0') != s.len)
        return NULL;
    return mcp_arena_str(arena, s).ptr;
}

void mcp_arena_defer(struct mcp_arena *arena, void (*fn)(void *), void *ptr)
{
    struct defer *d = MCP_ARENA_NEW(arena, struct defer);

    d->fn = fn;
    d->ptr = ptr;
    d->next = arena->defers;
    arena->defers = d;
}

size_t mcp_arena_used(const struct mcp_arena *arena)
{
    return arena->used;
}
