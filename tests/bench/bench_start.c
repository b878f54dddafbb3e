/* Start-up time: spawns a program again and again, each time until its first answer on stdout. */
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_RUNS 1000
#define MAX_REQUEST 65536

extern char **environ;

static double now_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Reads up to the first newline: 0, or -1 when the program ended without one. */
static int first_line(int fd, char *answer, size_t size)
{
    size_t len = 0;

    while (len < size - 1) {
        ssize_t n = read(fd, answer + len, size - 1 - len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -1;
        len += (size_t)n;
        answer[len] = '\0';
        if (memchr(answer, '\n', len) != NULL)
            return 0;
    }
    return 0;
}

/* Milliseconds from the spawn to the answer, or -1. */
static double run_once(char **argv, const char *request, size_t len)
{
    static char answer[1 << 20];
    posix_spawn_file_actions_t actions;
    int in[2], out[2], status;
    double began, took = -1;
    pid_t pid;

    if (pipe(in) < 0 || pipe(out) < 0)
        return -1;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, in[1]);
    posix_spawn_file_actions_addclose(&actions, out[0]);
    began = now_ms();
    if (posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ) == 0) {
        close(in[0]);
        close(out[1]);
        /* An empty request: the program ends by itself. */
        if (len == 0) {
            if (waitpid(pid, &status, 0) == pid && status == 0)
                took = now_ms() - began;
        } else if (write(in[1], request, len) == (ssize_t)len &&
                   first_line(out[0], answer, sizeof(answer)) == 0 &&
                   strstr(answer, "\"result\"") != NULL &&
                   strstr(answer, "\"isError\":true") == NULL) {
            took = now_ms() - began;
        }
        close(in[1]);
        close(out[0]);
        if (len > 0)
            waitpid(pid, &status, 0);
    }
    posix_spawn_file_actions_destroy(&actions);
    return took;
}

int main(int argc, char **argv)
{
    static double took[MAX_RUNS];
    static char request[MAX_REQUEST];
    int runs = argc > 3 ? (int)strtol(argv[1], NULL, 10) : 0;
    size_t len;
    FILE *f;

    if (runs < 1 || runs > MAX_RUNS || (f = fopen(argv[2], "rb")) == NULL) {
        fprintf(stderr,
                "usage: bench_start RUNS FILE PROGRAM ARGS...   (FILE: the lines to send)\n");
        return 2;
    }
    len = fread(request, 1, sizeof(request), f);
    fclose(f);
    for (int i = 0; i < runs; i++) {
        took[i] = run_once(argv + 3, request, len);
        if (took[i] < 0) {
            fprintf(stderr, "%s did not answer\n", argv[3]);
            return 1;
        }
    }
    qsort(took, (size_t)runs, sizeof(took[0]), by_size);
    printf("%.3f %.3f\n", took[runs / 2], took[0]); /* median and least, in ms */
    return 0;
}
