/* A small JSON tree for the build: strict reading, minified writing, source order kept. */
#ifndef TOOLS_EMBED_JSON_H
#define TOOLS_EMBED_JSON_H

#include <stdbool.h>
#include <stddef.h>

enum node_type { NODE_OBJECT, NODE_ARRAY, NODE_STRING, NODE_OTHER };

/* Nodes live until the program ends. Texts point into the file's bytes. */
struct node {
    enum node_type type;
    const char *key; /* member name without quotes, or NULL */
    size_t key_len;
    const char *text; /* a string without its quotes, escapes kept; a number, true, false, null */
    size_t len;
    struct node *child; /* first member or element */
    struct node *next;
};

/* Reads the file whole; dies with "path:line: reason" for what is not one strict JSON value, for a
 * name that appears twice in an object, and for escapes in names. */
struct node *node_read(const char *path);
struct node *node_get(const struct node *object, const char *key);
bool node_key_is(const struct node *n, const char *key);
/* A copy of the string's bytes. */
char *node_string(const struct node *n);

/* A growing text; dies without memory. */
struct text {
    char *ptr;
    size_t len, cap;
};
void text_add(struct text *t, const char *bytes, size_t len);
void text_addz(struct text *t, const char *z);

/* Prints a message and ends the build step. */
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));
void *xalloc(size_t size);
/* The file's bytes, NUL-terminated. */
char *read_file(const char *path, size_t *len);

#endif
