/* Reads JSON strictly into a tree of nodes, for tools that run during the build. */
#include "embed_json.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH 64

struct reader {
    const char *path;
    const char *start, *p, *end;
};

void die(const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    fputs("embed: ", stderr);
    vfprintf(stderr, format, ap);
    fputc('\n', stderr);
    va_end(ap);
    exit(1);
}

void *xalloc(size_t size)
{
    void *p = calloc(1, size);

    if (p == NULL)
        die("out of memory");
    return p;
}

void text_add(struct text *t, const char *bytes, size_t len)
{
    if (t->len + len + 1 > t->cap) {
        t->cap = (t->len + len + 1) * 2;
        t->ptr = realloc(t->ptr, t->cap);
        if (t->ptr == NULL)
            die("out of memory");
    }
    memcpy(t->ptr + t->len, bytes, len);
    t->len += len;
    t->ptr[t->len] = '\0';
}

void text_addz(struct text *t, const char *z)
{
    text_add(t, z, strlen(z));
}

char *read_file(const char *path, size_t *len)
{
    struct text t = { NULL, 0, 0 };
    char chunk[65536];
    FILE *f = fopen(path, "rb");
    size_t n;

    if (f == NULL)
        die("%s: cannot be opened", path);
    text_add(&t, "", 0);
    while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
        text_add(&t, chunk, n);
    if (ferror(f))
        die("%s: cannot be read", path);
    fclose(f);
    *len = t.len;
    return t.ptr;
}

static _Noreturn void fail(const struct reader *r, const char *reason)
{
    int line = 1;

    for (const char *p = r->start; p < r->p && p < r->end; p++)
        line += *p == '\n';
    die("%s:%d: %s", r->path, line, reason);
}

static void skip_space(struct reader *r)
{
    while (r->p < r->end && strchr(" \t\r\n", *r->p) != NULL && *r->p != '\0')
        r->p++;
}

/* The length of the UTF-8 sequence at p, 0 when it is not one (overlong forms and surrogates are
 * not). */
static size_t utf8_len(const char *s, size_t left)
{
    const unsigned char *p = (const unsigned char *)s;
    size_t n = p[0] < 0x80   ? 1
               : p[0] < 0xc2 ? 0
               : p[0] < 0xe0 ? 2
               : p[0] < 0xf0 ? 3
               : p[0] < 0xf5 ? 4
                             : 0;

    if (n > left)
        return 0;
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    }
    if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
        (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
        return 0;
    return n;
}

static void read_string(struct reader *r, const char **text, size_t *len)
{
    const char *start;

    if (r->p >= r->end || *r->p != '"')
        fail(r, "expected a string");
    start = ++r->p;
    while (r->p < r->end && *r->p != '"') {
        size_t n;

        if ((unsigned char)*r->p < 0x20)
            fail(r, "control character in a string");
        if (*r->p == '\\') {
            r->p++;
            if (r->p >= r->end || *r->p == '\0' || strchr("\"\\/bfnrtu", *r->p) == NULL)
                fail(r, "unknown escape");
            if (*r->p == 'u' &&
                (r->end - r->p < 5 || strspn(r->p + 1, "0123456789abcdefABCDEF") < 4))
                fail(r, "bad \\u escape");
            r->p++;
            continue;
        }
        n = utf8_len(r->p, (size_t)(r->end - r->p));
        if (n == 0)
            fail(r, "not UTF-8");
        r->p += n;
    }
    if (r->p >= r->end)
        fail(r, "string without end");
    *text = start;
    *len = (size_t)(r->p - start);
    r->p++;
}

static size_t digits(struct reader *r)
{
    size_t n = strspn(r->p, "0123456789");

    if (n == 0)
        fail(r, "bad number");
    r->p += n;
    return n;
}

static void read_other(struct reader *r, struct node *n)
{
    static const char *const words[] = { "true", "false", "null" };

    n->type = NODE_OTHER;
    n->text = r->p;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strncmp(r->p, words[i], strlen(words[i])) == 0) {
            n->len = strlen(words[i]);
            r->p += n->len;
            return;
        }
    }
    if (*r->p == '-')
        r->p++;
    if (*r->p == '0' && r->p[1] >= '0' && r->p[1] <= '9')
        fail(r, "leading zero");
    digits(r);
    if (*r->p == '.') {
        r->p++;
        digits(r);
    }
    if (*r->p == 'e' || *r->p == 'E') {
        r->p++;
        if (*r->p == '+' || *r->p == '-')
            r->p++;
        digits(r);
    }
    n->len = (size_t)(r->p - n->text);
}

static struct node *read_value(struct reader *r, int depth);

static void read_members(struct reader *r, struct node *n, int depth)
{
    char close = n->type == NODE_OBJECT ? '}' : ']';
    struct node **tail = &n->child;

    r->p++;
    skip_space(r);
    if (r->p < r->end && *r->p == close) {
        r->p++;
        return;
    }
    for (;;) {
        const char *key = NULL;
        size_t key_len = 0;

        skip_space(r);
        if (n->type == NODE_OBJECT) {
            read_string(r, &key, &key_len);
            if (memchr(key, '\\', key_len) != NULL)
                fail(r, "escape in a member name");
            for (struct node *m = n->child; m != NULL; m = m->next) {
                if (m->key_len == key_len && memcmp(m->key, key, key_len) == 0)
                    fail(r, "member name appears twice");
            }
            skip_space(r);
            if (r->p >= r->end || *r->p != ':')
                fail(r, "expected ':'");
            r->p++;
        }
        *tail = read_value(r, depth + 1);
        (*tail)->key = key;
        (*tail)->key_len = key_len;
        tail = &(*tail)->next;
        skip_space(r);
        if (r->p < r->end && *r->p == ',') {
            r->p++;
            continue;
        }
        if (r->p >= r->end || *r->p != close)
            fail(r, n->type == NODE_OBJECT ? "expected ',' or '}'" : "expected ',' or ']'");
        r->p++;
        return;
    }
}

static struct node *read_value(struct reader *r, int depth)
{
    struct node *n = xalloc(sizeof(*n));

    if (depth > MAX_DEPTH)
        fail(r, "nested too deeply");
    skip_space(r);
    if (r->p >= r->end)
        fail(r, "ends early");
    if (*r->p == '{' || *r->p == '[') {
        n->type = *r->p == '{' ? NODE_OBJECT : NODE_ARRAY;
        read_members(r, n, depth);
    } else if (*r->p == '"') {
        n->type = NODE_STRING;
        read_string(r, &n->text, &n->len);
    } else {
        read_other(r, n);
    }
    return n;
}

struct node *node_read(const char *path)
{
    struct reader r = { .path = path };
    struct node *n;
    size_t len;

    r.start = r.p = read_file(path, &len);
    r.end = r.start + len;
    n = read_value(&r, 0);
    skip_space(&r);
    if (r.p != r.end)
        fail(&r, "something follows the value");
    return n;
}

bool node_key_is(const struct node *n, const char *key)
{
    return n->key != NULL && n->key_len == strlen(key) && memcmp(n->key, key, n->key_len) == 0;
}

struct node *node_get(const struct node *object, const char *key)
{
    if (object->type != NODE_OBJECT)
        return NULL;
    for (struct node *m = object->child; m != NULL; m = m->next) {
        if (node_key_is(m, key))
            return m;
    }
    return NULL;
}

char *node_string(const struct node *n)
{
    char *s = xalloc(n->len + 1);

    memcpy(s, n->text, n->len);
    return s;
}
