/*
 * Without libFuzzer: give every file of the directories named on the command line to the target,
 * once. A corpus that once found a mistake stays a test.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_BYTES = 16 * 1024 * 1024 };

static int replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = malloc(MAX_BYTES);

    if (file == NULL || data == NULL) {
        (void)fprintf(stderr, "replay: cannot read %s\n", path);
        exit(1);
    }
    const size_t size = fread(data, 1, MAX_BYTES, file);
    (void)fclose(file);
    uint8_t *exact = malloc(size == 0 ? 1 : size); /* so that a sanitizer sees its end */
    if (exact == NULL) {
        exit(1);
    }
    memcpy(exact, data, size);
    free(data);
    (void)LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    return 1;
}

static int replay_directory(const char *path)
{
    DIR *directory = opendir(path);
    int count = 0;

    if (directory == NULL) {
        return 0;
    }
    for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
        char file[4096];
        if (entry->d_name[0] != '.') {
            (void)snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
            count += replay_file(file);
        }
    }
    (void)closedir(directory);
    return count;
}

int main(int argc, char **argv)
{
    int count = 0;

    for (int i = 1; i < argc; i++) {
        count += replay_directory(argv[i]);
    }
    (void)printf("%d inputs replayed\n", count);
    return 0;
}
