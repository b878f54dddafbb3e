/* Files that tests read: whole, and from the folder of third-party data beside the project. */
#ifndef TESTS_DATA_FILES_H
#define TESTS_DATA_FILES_H

#include <mcp/str.h>

/* The folder of third-party data (env MCP_SHARED, else ../shared) with /data/name behind it, in
 * static storage; NULL, and a loud line on stderr, when it is not there. */
const char *data_folder(const char *name);
/* The whole file, with a NUL behind it (heap, free with free()); fails the test when it cannot. */
char *data_read(const char *path, size_t *len);
/* The names in a folder, sorted, without those that begin with a dot. Free with data_names_free. */
size_t data_names(const char *folder, char ***names);
void data_names_free(char **names, size_t n);

#endif
