/* Compiles schemas/ into C: checks them, pulls in shared definitions, minifies, one symbol a file.
 *
 * Usage: embed SCHEMA_DIR OUT_DIR FILE.json...
 * A file named defs.json only holds definitions ({"$defs": {...}}); others refer to them by
 * {"$ref": "defs.json#/$defs/NAME"}, relative to their own folder. A definition is inlined where
 * that makes the schema shorter, else it becomes a local $defs entry. Faults end the build:
 * malformed JSON, a name twice, an unknown reference, a definition that nothing uses.
 */
#include "embed_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DEFS 512

/* One definition of a defs.json, or a local one of the schema at hand. */
struct def {
    const char *file; /* normalised path */
    char *name;
    struct node *node;
    bool used; /* by any schema of this build */
    /* Of the schema at hand: */
    int count; /* references to it */
    bool local; /* printed once in $defs and referred to */
    bool busy; /* on the way down: a second meeting is a recursion */
    bool recursive;
};

static struct def defs[MAX_DEFS];
static size_t n_defs;
static const char *schema_path; /* the file at hand, for messages */

static bool is_defs_file(const char *path)
{
    const char *slash = strrchr(path, '/');

    return strcmp(slash == NULL ? path : slash + 1, "defs.json") == 0;
}

/* The path that ref, relative to the folder of from, means; "a/b/../c" becomes "a/c". */
static char *resolve(const char *from, const char *ref, size_t ref_len)
{
    const char *slash = strrchr(from, '/');
    struct text t = { NULL, 0, 0 };
    char *dots;

    if (ref_len == 0) {
        text_addz(&t, from);
        return t.ptr;
    }
    if (slash != NULL)
        text_add(&t, from, (size_t)(slash - from) + 1);
    text_add(&t, ref, ref_len);
    while ((dots = strstr(t.ptr, "/../")) != NULL) {
        char *before = dots;

        while (before > t.ptr && before[-1] != '/')
            before--;
        memmove(before, dots + 4, strlen(dots + 4) + 1);
    }
    return t.ptr;
}

static struct def *find_def(const char *file, const char *name)
{
    for (size_t i = 0; i < n_defs; i++) {
        if (strcmp(defs[i].file, file) == 0 && strcmp(defs[i].name, name) == 0)
            return &defs[i];
    }
    return NULL;
}

static void add_defs(const char *file, const struct node *root)
{
    const struct node *list = node_get(root, "$defs");

    if (list == NULL)
        return;
    if (list->type != NODE_OBJECT)
        die("%s: $defs is not an object", file);
    for (struct node *m = list->child; m != NULL; m = m->next) {
        struct def *d = &defs[n_defs];

        if (n_defs == MAX_DEFS)
            die("%s: more than %d definitions", file, MAX_DEFS);
        n_defs++;
        d->file = file;
        d->name = xalloc(m->key_len + 1);
        memcpy(d->name, m->key, m->key_len);
        d->node = m;
    }
}

/* The definition that a $ref member of file means. */
static struct def *target(const char *file, const struct node *ref)
{
    static const char fragment[] = "/$defs/";
    char *text, *hash, *path;
    struct def *d;

    text = node_string(ref);
    hash = strchr(text, '#');
    if (hash == NULL || strncmp(hash + 1, fragment, sizeof(fragment) - 1) != 0)
        die("%s: $ref \"%s\" is not of the form [FILE]#/$defs/NAME", file, text);
    path = resolve(file, text, (size_t)(hash - text));
    d = find_def(path, hash + 1 + sizeof(fragment) - 1);
    if (d == NULL)
        die("%s: $ref \"%s\" names no definition (looked in %s)", file, text, path);
    if (!is_defs_file(path) && strcmp(path, schema_path) != 0)
        die("%s: $ref \"%s\": shared definitions live in a defs.json", file, text);
    free(path);
    free(text);
    return d;
}

static bool holds_data(const struct node *n)
{
    return node_key_is(n, "const") || node_key_is(n, "enum") || node_key_is(n, "default") ||
           node_key_is(n, "examples");
}

static struct node *ref_of(const struct node *n)
{
    struct node *ref = node_get(n, "$ref");

    return ref != NULL && ref->type == NODE_STRING ? ref : NULL;
}

/* Counts the references below n; each definition is entered once. */
static void count_refs(const char *file, const struct node *n)
{
    struct node *ref = ref_of(n);

    if (ref != NULL) {
        struct def *d = target(file, ref);

        d->used = true;
        d->count++;
        if (d->busy)
            d->recursive = true;
        if (d->count == 1) {
            d->busy = true;
            count_refs(d->file, d->node);
            d->busy = false;
        }
    }
    for (const struct node *m = n->child; m != NULL; m = m->next) {
        if (!holds_data(m) && !(node_key_is(m, "$defs") && m->type == NODE_OBJECT))
            count_refs(file, m);
    }
}

static void print_node(struct text *out, const char *file, const struct node *n);

static void print_key(struct text *out, const struct node *m)
{
    text_addz(out, "\"");
    text_add(out, m->key, m->key_len);
    text_addz(out, "\":");
}

/* Words about a schema may differ at each use; a rule may not. */
static bool is_annotation(const struct node *m)
{
    return node_key_is(m, "title") || node_key_is(m, "description") || node_key_is(m, "default") ||
           node_key_is(m, "examples");
}

/* The members of the referring object, then those of the definition which it does not have. */
static void print_inlined(struct text *out, const char *file, const struct node *n, struct def *d)
{
    bool comma = false;

    text_addz(out, "{");
    for (const struct node *m = n->child; m != NULL; m = m->next) {
        const struct node *same;

        if (node_key_is(m, "$ref"))
            continue;
        for (same = d->node->child; same != NULL; same = same->next) {
            if (same->key_len == m->key_len && memcmp(same->key, m->key, m->key_len) == 0 &&
                !is_annotation(m))
                die("%s: \"%.*s\" stands beside the $ref to %s, which has it too", file,
                    (int)m->key_len, m->key, d->name);
        }
        if (comma)
            text_addz(out, ",");
        comma = true;
        print_key(out, m);
        print_node(out, holds_data(m) ? NULL : file, m);
    }
    for (const struct node *m = d->node->child; m != NULL; m = m->next) {
        const struct node *same;

        for (same = n->child; same != NULL; same = same->next) {
            if (same->key_len == m->key_len && memcmp(same->key, m->key, m->key_len) == 0)
                break;
        }
        if (same != NULL)
            continue;
        if (comma)
            text_addz(out, ",");
        comma = true;
        print_key(out, m);
        print_node(out, holds_data(m) ? NULL : d->file, m);
    }
    text_addz(out, "}");
}

/* file NULL: plain data, in which $ref means nothing. */
static void print_node(struct text *out, const char *file, const struct node *n)
{
    struct node *ref = file == NULL ? NULL : ref_of(n);
    struct def *d = NULL;
    bool comma = false;

    if (ref != NULL) {
        d = target(file, ref);
        if (!d->local && d->node->type == NODE_OBJECT) {
            print_inlined(out, file, n, d);
            return;
        }
    }
    switch (n->type) {
    case NODE_OBJECT:
    case NODE_ARRAY:
        text_addz(out, n->type == NODE_OBJECT ? "{" : "[");
        for (const struct node *m = n->child; m != NULL; m = m->next) {
            /* Local definitions are printed with the pulled-in ones, at the end of the root. */
            if (file != NULL && node_key_is(m, "$defs") && m->type == NODE_OBJECT)
                continue;
            if (comma)
                text_addz(out, ",");
            comma = true;
            if (n->type == NODE_OBJECT)
                print_key(out, m);
            if (m == ref) {
                text_addz(out, "\"#/$defs/");
                text_addz(out, d->name);
                text_addz(out, "\"");
            } else {
                print_node(out, holds_data(m) ? NULL : file, m);
            }
        }
        text_addz(out, n->type == NODE_OBJECT ? "}" : "]");
        return;
    case NODE_STRING:
        text_addz(out, "\"");
        text_add(out, n->text, n->len);
        text_addz(out, "\"");
        return;
    case NODE_OTHER:
        text_add(out, n->text, n->len);
        return;
    }
}

/* A definition stays apart when it is recursive or when copies would be longer. */
static void choose_local(void)
{
    for (size_t i = 0; i < n_defs; i++) {
        struct def *d = &defs[i];
        struct text t = { NULL, 0, 0 };
        size_t apart, copies;

        d->local = d->recursive || d->node->type != NODE_OBJECT;
        if (d->local || d->count < 2)
            continue;
        /* Nested definitions are measured as references: near enough to choose. */
        for (size_t j = 0; j < n_defs; j++)
            defs[j].busy = defs[j].local;
        for (size_t j = 0; j < n_defs; j++)
            defs[j].local = true;
        print_node(&t, d->file, d->node);
        for (size_t j = 0; j < n_defs; j++) {
            defs[j].local = defs[j].busy;
            defs[j].busy = false;
        }
        copies = t.len * (size_t)d->count;
        apart = t.len + strlen(d->name) + 4 +
                (size_t)d->count * (strlen("{\"$ref\":\"#/$defs/\"}") + strlen(d->name));
        d->local = copies > apart;
        free(t.ptr);
    }
}

static void print_local_defs(struct text *out)
{
    bool any = false;

    for (size_t i = 0; i < n_defs; i++) {
        if (defs[i].count == 0 || !defs[i].local)
            continue;
        for (size_t j = 0; j < i; j++) {
            if (defs[j].count > 0 && defs[j].local && strcmp(defs[j].name, defs[i].name) == 0)
                die("%s: two definitions named %s", schema_path, defs[i].name);
        }
        /* Before the root's closing brace. */
        if (!any)
            out->len--;
        if (!any && out->ptr[out->len - 1] != '{')
            text_addz(out, ",");
        text_addz(out, any ? "," : "\"$defs\":{");
        any = true;
        text_addz(out, "\"");
        text_addz(out, defs[i].name);
        text_addz(out, "\":");
        print_node(out, defs[i].file, defs[i].node);
    }
    if (any)
        text_addz(out, "}}");
}

static struct text compile(const char *path, const struct node *root)
{
    struct text out = { NULL, 0, 0 };
    size_t shared = n_defs;

    schema_path = path;
    for (size_t i = 0; i < n_defs; i++) {
        defs[i].count = 0;
        defs[i].busy = defs[i].recursive = false;
    }
    if (root->type == NODE_OBJECT)
        add_defs(path, root);
    count_refs(path, root);
    for (size_t i = shared; i < n_defs; i++) {
        if (defs[i].count == 0)
            die("%s: nothing uses the definition %s", path, defs[i].name);
    }
    choose_local();
    print_node(&out, path, root);
    print_local_defs(&out);
    memset(&defs[shared], 0, (n_defs - shared) * sizeof(defs[0]));
    n_defs = shared;
    return out;
}

/* "schemas/policy/foo.in.json" -> "policy/foo.in"; as a symbol also with '_' for what is no name. */
static char *name_of(const char *dir, const char *path, bool symbol)
{
    size_t skip = strlen(dir), len = strlen(path);
    char *name;

    if (strncmp(path, dir, skip) != 0 || path[skip] != '/' || len < skip + 6 ||
        strcmp(path + len - 5, ".json") != 0)
        die("%s: not a .json file below %s", path, dir);
    name = xalloc(len);
    memcpy(name, path + skip + 1, len - skip - 1 - 5);
    for (char *p = name; symbol && *p != '\0'; p++) {
        if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", *p) == NULL)
            *p = '_';
    }
    return name;
}

static void print_c_string(struct text *c, const struct text *json)
{
    size_t column = 0;

    text_addz(c, "    .text = \"");
    for (size_t i = 0; i < json->len; i++) {
        unsigned char b = (unsigned char)json->ptr[i];
        char esc[8];

        if (b == '"' || b == '\\')
            snprintf(esc, sizeof(esc), "\\%c", b);
        else if (b == '?' || b >= 0x7f) /* no trigraphs; bytes as three octal digits */
            snprintf(esc, sizeof(esc), "\\%03o", b);
        else
            snprintf(esc, sizeof(esc), "%c", b);
        text_addz(c, esc);
        column += strlen(esc);
        if (column > 90 && i + 1 < json->len) {
            text_addz(c, "\"\n            \"");
            column = 0;
        }
    }
    text_addz(c, "\",\n");
}

static void write_if_changed(const char *dir, const char *name, const struct text *t, bool always)
{
    struct text path = { NULL, 0, 0 };
    FILE *f;

    text_addz(&path, dir);
    text_addz(&path, "/");
    text_addz(&path, name);
    f = always ? NULL : fopen(path.ptr, "rb");
    if (f != NULL) {
        size_t len;
        char *old = read_file(path.ptr, &len);

        fclose(f);
        if (len == t->len && memcmp(old, t->ptr, len) == 0)
            return;
    }
    f = fopen(path.ptr, "wb");
    if (f == NULL || fwrite(t->ptr, 1, t->len, f) != t->len || fclose(f) != 0)
        die("%s: cannot be written", path.ptr);
}

int main(int argc, char **argv)
{
    struct text c = { NULL, 0, 0 }, h = { NULL, 0, 0 }, table = { NULL, 0, 0 };
    struct node **roots;
    size_t n = 0;

    if (argc < 3)
        die("usage: embed SCHEMA_DIR OUT_DIR FILE.json...");
    roots = xalloc((size_t)argc * sizeof(roots[0]));
    for (int i = 3; i < argc; i++) {
        roots[i] = node_read(argv[i]);
        if (is_defs_file(argv[i]))
            add_defs(argv[i], roots[i]);
    }
    text_addz(&h, "/* Written by tools/embed.c from schemas/. */\n"
                  "#ifndef COST_SCHEMAS_H\n#define COST_SCHEMAS_H\n\n#include <mcp/tool.h>\n\n");
    text_addz(&c, "/* Written by tools/embed.c from schemas/. */\n#include \"schemas.h\"\n");
    for (int i = 3; i < argc; i++) {
        char line[600], *name, *symbol;
        struct text json;

        if (is_defs_file(argv[i]))
            continue;
        name = name_of(argv[1], argv[i], false);
        symbol = name_of(argv[1], argv[i], true);
        json = compile(argv[i], roots[i]);
        snprintf(line, sizeof(line), "extern const struct mcp_schema_text cost_schema_%s;\n",
                 symbol);
        text_addz(&h, line);
        snprintf(line, sizeof(line),
                 "\nconst struct mcp_schema_text cost_schema_%s = {\n"
                 "    .name = \"%s\",\n    .len = %zu,\n",
                 symbol, name, json.len);
        text_addz(&c, line);
        print_c_string(&c, &json);
        text_addz(&c, "};\n");
        snprintf(line, sizeof(line), "    &cost_schema_%s,\n", symbol);
        text_addz(&table, line);
        n++;
    }
    for (size_t i = 0; i < n_defs; i++) {
        if (!defs[i].used)
            die("%s: nothing uses the definition %s", defs[i].file, defs[i].name);
    }
    text_addz(&h, "\n/* All of them, and a NULL at the end. */\n"
                  "extern const struct mcp_schema_text *const cost_schemas[];\n\n#endif\n");
    text_addz(&c, "\nconst struct mcp_schema_text *const cost_schemas[] = {\n");
    text_addz(&c, table.ptr == NULL ? "" : table.ptr);
    text_addz(&c, "    NULL,\n};\n");
    write_if_changed(argv[2], "schemas.h", &h, false);
    h.len = 0;
    text_addz(
        &h, "/* Written by tools/embed.c: the schemas under the name that servers may include. */\n"
            "#include \"../schemas.h\"\n");
    write_if_changed(argv[2], "cost/schemas.h", &h, false);
    write_if_changed(argv[2], "schemas.c", &c, true);
    return 0;
}
