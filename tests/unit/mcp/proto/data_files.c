/* Files that tests read: whole, and from the folder of third-party data beside the project. */
#include "data_files.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

const char *data_folder(const char *name)
{
    static char path[4096];
    const char *shared = getenv("MCP_SHARED");

    snprintf(path, sizeof(path), "%s/data/%s", shared == NULL ? "../shared" : shared, name);
    if (access(path, R_OK) == 0)
        return path;
    fprintf(stderr, "SKIPPED: no third-party data at %s (set MCP_SHARED)\n", path);
    return NULL;
}

char *data_read(const char *path, size_t *len)
{
    FILE *f = fopen(path, "rb");
    char *bytes;
    long size;

    if (f == NULL)
        fail_msg("cannot open %s", path);
    assert_int_equal(fseek(f, 0, SEEK_END), 0);
    size = ftell(f);
    assert_true(size >= 0);
    rewind(f);
    bytes = malloc((size_t)size + 1);
    assert_non_null(bytes);
    *len = fread(bytes, 1, (size_t)size, f);
    assert_int_equal(*len, size);
    bytes[size] = '\0';
    fclose(f);
    return bytes;
}

static int keep(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

size_t data_names(const char *folder, char ***names)
{
    struct dirent **entries;
    int n = scandir(folder, &entries, keep, alphasort);

    assert_true(n >= 0);
    *names = calloc((size_t)n + 1, sizeof(char *));
    assert_non_null(*names);
    for (int i = 0; i < n; i++) {
        (*names)[i] = strdup(entries[i]->d_name);
        assert_non_null((*names)[i]);
        free(entries[i]);
    }
    free(entries);
    return (size_t)n;
}

void data_names_free(char **names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(names[i]);
    free(names);
}
