/* One table with a row of each type, loaded from words, text and environment, for tests of options. */
#ifndef TESTS_OPTIONS_FIXTURE_H
#define TESTS_OPTIONS_FIXTURE_H

#include "mcp/server/options_internal.h"

struct sample {
    bool demo;
    int64_t count;
    int64_t size;
    int64_t wait;
    mcp_str name;
    mcp_str path;
    int kind;
    struct mcp_opt_list hosts;
    struct mcp_opt_list data;
    struct mcp_opt_bind http;
    mcp_str token;
    mcp_str source;
    mcp_str role;
    mcp_str config;
};

struct fixture {
    struct mcp_arena *arena;
    struct sample sample;
    struct mcp_opt_table table;
    struct mcp_options options;
    struct mcp_error err;
};

/* For cmocka; every variable the rows read is unset. */
int options_setup(void **state);
int options_teardown(void **state);

/* words: NULL-terminated, or NULL. Fills f->sample, f->options and f->err; the code. */
int load(struct fixture *f, const char *file, const char **words);
int load_yaml(struct fixture *f, const char *text, const char **words);
#define LOAD(f, file, ...) load((f), (file), (const char *[]){ __VA_ARGS__, NULL })

/* The path of a temporary file with that text, valid until the next call; the caller unlinks it. */
const char *write_file(const char *text);
void assert_str(mcp_str got, const char *want);
/* Message or next step of the error hold part. */
void assert_says(const struct fixture *f, const char *part);
/* Prints, reads the print back as the file, and compares every value. bytes: of table->target. */
void round_trip(struct mcp_arena *arena, const struct mcp_opt_table *table, size_t bytes,
                char **argv, int argc);

#endif
