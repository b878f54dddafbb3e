/* Imports the files given into a new dataset and prints rows, speed and memory. */
#include <cost/dataset.h>
#include <mcp/clock.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    char path[] = "/tmp/bench-import-XXXXXX.db";
    int fd = mkstemps(path, 3);
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct mcp_error err = { 0 };
    struct cost_import_report report;
    struct cost_import_options options = { 0 };
    mcp_str *paths = calloc((size_t)argc, sizeof(*paths));
    struct rusage usage;
    uint64_t start;
    double seconds;
    int rc;

    if (argc < 2 || fd < 0 || arena == NULL || paths == NULL) {
        fprintf(stderr, "usage: bench_import FILE...\n");
        return 2;
    }
    close(fd);
    unlink(path);
    for (int i = 1; i < argc; i++)
        paths[i - 1] = mcp_str_z(argv[i]);
    options.paths = paths;
    options.n_paths = (size_t)argc - 1;
    start = mcp_clock_mono_ns();
    rc = cost_import(mcp_str_z(path), &options, arena, &report, &err);
    seconds = (double)(mcp_clock_mono_ns() - start) / 1e9;
    if (rc != 0) {
        fprintf(stderr, "%s\n%s\n", err.message, err.next);
        return 1;
    }
    getrusage(RUSAGE_SELF, &usage);
    printf("%" PRIu64 " rows, %.1f MB unpacked in %.3f s: %.0f MB/s, %.0f rows/s; peak %ld KB\n",
           report.rows, (double)report.bytes_unpacked / 1e6, seconds,
           (double)report.bytes_unpacked / 1e6 / seconds, (double)report.rows / seconds,
           usage.ru_maxrss);
    unlink(path);
    unlink(mcp_arena_printf(arena, "%s.lock", path).ptr);
    mcp_arena_free(arena);
    free(paths);
    return 0;
}
