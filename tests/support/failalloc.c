/* Linked with --wrap=malloc,calloc,realloc: lets one allocation of our own code fail, by its number. */
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

/* Of the linker: the functions without the wrapping. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *ptr, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *ptr, size_t size);

/* FAIL_AT: which one, from 1. FAIL_MIN: those of fewer bytes are not counted. FAIL_MARK: a file
 * that is made when it has failed. */
static unsigned long fail_at, fail_min;
static const char *fail_mark;
static atomic_ulong counted;

__attribute__((constructor)) static void read_orders(void)
{
    const char *at = getenv("FAIL_AT"), *min = getenv("FAIL_MIN");

    fail_at = at == NULL ? 0 : strtoul(at, NULL, 10);
    fail_min = min == NULL ? 1 : strtoul(min, NULL, 10);
    fail_mark = getenv("FAIL_MARK");
}

static int fails(size_t size)
{
    int fd;

    if (fail_at == 0 || size < fail_min || atomic_fetch_add(&counted, 1) + 1 != fail_at)
        return 0;
    fd = fail_mark == NULL ? -1 : open(fail_mark, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
    return 1;
}

void *__wrap_malloc(size_t size)
{
    return fails(size) ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails(size == 0 || n <= SIZE_MAX / size ? n * size : SIZE_MAX) ? NULL
                                                                          : __real_calloc(n, size);
}

void *__wrap_realloc(void *ptr, size_t size)
{
    return fails(size) ? NULL : __real_realloc(ptr, size);
}
