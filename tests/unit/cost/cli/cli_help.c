/* For tests of the sub-commands: what they print on stdout and stderr, and their exit status. */
#include "cli_help.h"

#include <cost/program.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define MAX_WORDS 32

static struct stream {
    int fd, saved;
    FILE *file;
    char text[65536];
} streams[2] = { { .fd = STDOUT_FILENO }, { .fd = STDERR_FILENO } };

void cli_capture(void)
{
    fflush(stdout);
    fflush(stderr);
    for (size_t i = 0; i < 2; i++) {
        struct stream *s = &streams[i];

        s->file = tmpfile();
        s->saved = dup(s->fd);
        if (s->file == NULL || s->saved < 0 || dup2(fileno(s->file), s->fd) < 0)
            abort();
    }
}

void cli_release(void)
{
    fflush(stdout);
    fflush(stderr);
    for (size_t i = 0; i < 2; i++) {
        struct stream *s = &streams[i];
        size_t n;

        rewind(s->file);
        n = fread(s->text, 1, sizeof(s->text) - 1, s->file);
        s->text[n] = '\0';
        fclose(s->file);
        dup2(s->saved, s->fd);
        close(s->saved);
    }
}

const char *cli_out(void)
{
    return streams[0].text;
}

const char *cli_err(void)
{
    return streams[1].text;
}

int cli_main(const struct cost_server_spec *spec, const char *words)
{
    char *copy = strdup(words), *argv[MAX_WORDS + 2], *at = NULL;
    int argc = 0, status;

    if (copy == NULL)
        abort();
    argv[argc++] = strdup(spec->name);
    for (char *w = strtok_r(copy, " ", &at); w != NULL && argc < MAX_WORDS;
         w = strtok_r(NULL, " ", &at))
        argv[argc++] = w;
    argv[argc] = NULL;
    at = argv[0];
    cli_capture();
    status = cost_main(spec, argc, argv);
    cli_release();
    free(at);
    free(copy);
    return status;
}

void cli_says(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", text, part);
}
