/* Records what a process writes below one directory, in the order in which it does: preloaded into the process, it stands
 * between the program and the C library. SEEKWELL_RECORD_ROOT names the directory, SEEKWELL_RECORD_LOG the log, to which
 * processes append one after the other.
 *
 * Each call and its record happen under one lock, so that the log's order is the order in which things happened; what the
 * process says on standard output is recorded too, so that it is known what had been reported when. The log is complete
 * where replaying all of it gives the directory as it is, which the reader checks: a call that went past this file would
 * show there. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DESCRIPTORS 4096

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int log_file = -1;
static const char *root;
static size_t root_length;
static char followed[DESCRIPTORS];

#define REAL(name, type) \
    static type real; \
    if (!real) real = (type)dlsym(RTLD_NEXT, name)

typedef ssize_t (*write_call)(int, const void *, size_t);

static void append(const void *bytes, size_t length) {
    REAL("write", write_call);
    const char *at = bytes;
    while (length > 0) {
        ssize_t done = real(log_file, at, length);
        if (done <= 0) abort();
        at += done;
        length -= (size_t)done;
    }
}

/* Kind, descriptor, two numbers, two texts and a body. */
static void record(char kind, int fd, uint64_t a, uint64_t b, const char *one, const char *two, const void *body,
                   size_t length) {
    unsigned char head[1 + 4 + 8 + 8 + 4 + 4 + 8];
    uint32_t descriptor = (uint32_t)fd;
    uint32_t first = one ? (uint32_t)strlen(one) : 0, second = two ? (uint32_t)strlen(two) : 0;
    uint64_t size = length;
    head[0] = (unsigned char)kind;
    memcpy(head + 1, &descriptor, 4);
    memcpy(head + 5, &a, 8);
    memcpy(head + 13, &b, 8);
    memcpy(head + 21, &first, 4);
    memcpy(head + 25, &second, 4);
    memcpy(head + 29, &size, 8);
    append(head, sizeof head);
    append(one, first);
    append(two, second);
    append(body, length);
}

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("SEEKWELL_RECORD_LOG");
    root = getenv("SEEKWELL_RECORD_ROOT");
    if (!path || !root) return;
    root_length = strlen(root);
    int (*real)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open");
    log_file = real(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (log_file < 0) abort();
    record('S', 0, 0, 0, 0, 0, 0, 0);
}

/* The memory that the database's processes share is made anew by whoever comes first; it holds nothing. */
static int is_below(const char *path) {
    if (log_file < 0 || !path || strncmp(path, root, root_length) != 0) return 0;
    size_t length = strlen(path);
    return !(length >= 4 && strcmp(path + length - 4, "-shm") == 0);
}

static int is_followed(int fd) { return log_file >= 0 && fd >= 0 && fd < DESCRIPTORS && followed[fd]; }

static int opened(int fd, const char *path, int flags) {
    if (fd >= 0 && is_below(path)) {
        if (fd >= DESCRIPTORS) abort();
        followed[fd] = 1;
        record('O', fd, !!(flags & O_CREAT), !!(flags & O_TRUNC), path, 0, 0, 0);
    }
    return fd;
}

#define OPEN(name) \
    int name(const char *path, int flags, ...) { \
        REAL(#name, int (*)(const char *, int, ...)); \
        va_list rest; \
        va_start(rest, flags); \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
        va_end(rest); \
        pthread_mutex_lock(&lock); \
        int fd = opened(real(path, flags, mode), path, flags); \
        pthread_mutex_unlock(&lock); \
        return fd; \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name) \
    int name(int at, const char *path, int flags, ...) { \
        REAL(#name, int (*)(int, const char *, int, ...)); \
        va_list rest; \
        va_start(rest, flags); \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
        va_end(rest); \
        pthread_mutex_lock(&lock); \
        int fd = opened(real(at, path, flags, mode), path, flags); \
        pthread_mutex_unlock(&lock); \
        return fd; \
    }
OPENAT(openat)
OPENAT(openat64)

int close(int fd) {
    REAL("close", int (*)(int));
    if (!is_followed(fd)) return real(fd);
    pthread_mutex_lock(&lock);
    followed[fd] = 0;
    record('C', fd, 0, 0, 0, 0, 0, 0);
    int done = real(fd);
    pthread_mutex_unlock(&lock);
    return done;
}

ssize_t write(int fd, const void *bytes, size_t length) {
    REAL("write", write_call);
    if (log_file < 0 || (fd != 1 && !is_followed(fd))) return real(fd, bytes, length);
    pthread_mutex_lock(&lock);
    off_t offset = fd == 1 ? 0 : lseek(fd, 0, SEEK_CUR);
    ssize_t done = real(fd, bytes, length);
    if (done > 0) record(fd == 1 ? 'P' : 'W', fd, (uint64_t)offset, 0, 0, 0, bytes, (size_t)done);
    pthread_mutex_unlock(&lock);
    return done;
}

#define PWRITE(name) \
    ssize_t name(int fd, const void *bytes, size_t length, off_t offset) { \
        REAL(#name, ssize_t (*)(int, const void *, size_t, off_t)); \
        if (!is_followed(fd)) return real(fd, bytes, length, offset); \
        pthread_mutex_lock(&lock); \
        ssize_t done = real(fd, bytes, length, offset); \
        if (done > 0) record('W', fd, (uint64_t)offset, 0, 0, 0, bytes, (size_t)done); \
        pthread_mutex_unlock(&lock); \
        return done; \
    }
PWRITE(pwrite)
PWRITE(pwrite64)

#define TRUNCATE(name) \
    int name(int fd, off_t length) { \
        REAL(#name, int (*)(int, off_t)); \
        if (!is_followed(fd)) return real(fd, length); \
        pthread_mutex_lock(&lock); \
        int done = real(fd, length); \
        if (done == 0) record('T', fd, (uint64_t)length, 0, 0, 0, 0, 0); \
        pthread_mutex_unlock(&lock); \
        return done; \
    }
TRUNCATE(ftruncate)
TRUNCATE(ftruncate64)

#define SYNC(name) \
    int name(int fd) { \
        REAL(#name, int (*)(int)); \
        if (!is_followed(fd)) return real(fd); \
        pthread_mutex_lock(&lock); \
        int done = real(fd); \
        if (done == 0) record('F', fd, 0, 0, 0, 0, 0, 0); \
        pthread_mutex_unlock(&lock); \
        return done; \
    }
SYNC(fsync)
SYNC(fdatasync)

int rename(const char *from, const char *to) {
    REAL("rename", int (*)(const char *, const char *));
    pthread_mutex_lock(&lock);
    int done = real(from, to);
    if (done == 0 && is_below(from)) record('R', 0, 0, 0, from, to, 0, 0);
    pthread_mutex_unlock(&lock);
    return done;
}

int unlink(const char *path) {
    REAL("unlink", int (*)(const char *));
    pthread_mutex_lock(&lock);
    int done = real(path);
    if (done == 0 && is_below(path)) record('U', 0, 0, 0, path, 0, 0, 0);
    pthread_mutex_unlock(&lock);
    return done;
}

int mkdir(const char *path, mode_t mode) {
    REAL("mkdir", int (*)(const char *, mode_t));
    pthread_mutex_lock(&lock);
    int done = real(path, mode);
    if (done == 0 && is_below(path)) record('M', 0, 0, 0, path, 0, 0, 0);
    pthread_mutex_unlock(&lock);
    return done;
}
