/* Runs a fuzz target over the files and folders named on the command line, without libFuzzer. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned long n_inputs;

static int replay_file(const char *path)
{
    unsigned char *data = NULL;
    size_t len = 0, cap = 4096;
    FILE *f = fopen(path, "rb");
    int rc = -1;

    if (f == NULL) {
        perror(path);
        return -1;
    }
    do {
        unsigned char *grown = realloc(data, cap *= 2);

        if (grown == NULL)
            goto out;
        data = grown;
        len += fread(data + len, 1, cap - len, f);
    } while (len == cap);
    if (ferror(f))
        goto out;
    if (len == 0) {
        LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    } else {
        /* An exact copy: the sanitizers then see one byte too far. */
        unsigned char *exact = malloc(len);

        if (exact == NULL)
            goto out;
        memcpy(exact, data, len);
        LLVMFuzzerTestOneInput(exact, len);
        free(exact);
    }
    n_inputs++;
    rc = 0;
out:
    free(data);
    fclose(f);
    return rc;
}

static int replay(const char *path)
{
    struct stat st;
    struct dirent *entry;
    DIR *dir;
    int rc = 0;

    if (stat(path, &st) < 0) {
        perror(path);
        return -1;
    }
    if (!S_ISDIR(st.st_mode))
        return replay_file(path);
    dir = opendir(path);
    if (dir == NULL) {
        perror(path);
        return -1;
    }
    while (rc == 0 && (entry = readdir(dir)) != NULL) {
        char sub[4096];

        if (entry->d_name[0] == '.')
            continue;
        if (snprintf(sub, sizeof(sub), "%s/%s", path, entry->d_name) >= (int)sizeof(sub))
            rc = -1;
        else
            rc = replay(sub);
    }
    closedir(dir);
    return rc;
}

int main(int argc, char **argv)
{
    int rc = 0;

    for (int i = 1; i < argc; i++) {
        if (replay(argv[i]) < 0)
            rc = 1;
    }
    printf("%lu inputs\n", n_inputs);
    return rc;
}
