/* Preloaded: after FAIL_AFTER writes to files named *.gpkg*, every further one fails with errno FAIL_WITH;
   none fails where there is no FAIL_AFTER. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long writes;

static int refused(int file) {
    char link[64], path[4096];
    const char *most = getenv("FAIL_AFTER");
    int before = errno;
    if (!most) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    errno = before;
    if (length < 0) return 0;
    path[length] = 0;
    if (!strstr(path, ".gpkg") || atomic_fetch_add(&writes, 1) < atol(most)) return 0;
    errno = atoi(getenv("FAIL_WITH"));
    return 1;
}

ssize_t write(int file, const void *bytes, size_t count) {
    ssize_t (*next)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
    return refused(file) ? -1 : next(file, bytes, count);
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t place) {
    ssize_t (*next)(int, const void *, size_t, off_t) = dlsym(RTLD_NEXT, "pwrite");
    return refused(file) ? -1 : next(file, bytes, count, place);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t place) {
    ssize_t (*next)(int, const void *, size_t, off64_t) = dlsym(RTLD_NEXT, "pwrite64");
    return refused(file) ? -1 : next(file, bytes, count, place);
}
