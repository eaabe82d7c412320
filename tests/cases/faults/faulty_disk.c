/* Preloaded into an engine: the call number FAULT_AT of the kind FAULT_KIND (write, sync, open)
 * on a file below FAULT_DIR fails with an I/O error, once. And while there is a file FULL_FLAG,
 * no write to a database's files finds room. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static atomic_long calls;

/* Whether this call is the one to fail. */
static int fails(const char *kind, const char *path) {
  const char *wanted = getenv("FAULT_KIND"), *directory = getenv("FAULT_DIR");
  const char *at = getenv("FAULT_AT");
  if (!wanted || !directory || !at || strcmp(kind, wanted) != 0) return 0;
  if (strncmp(path, directory, strlen(directory)) != 0) return 0;
  if (atomic_fetch_add(&calls, 1) + 1 != atol(at)) return 0;
  errno = EIO;
  return 1;
}

static int is_full(const char *kind, const char *path) {
  const char *flag = getenv("FULL_FLAG");
  if (!flag || strcmp(kind, "write") != 0 || !strstr(path, ".db") || access(flag, F_OK) != 0) return 0;
  errno = ENOSPC;
  return 1;
}

static int fails_on(const char *kind, int descriptor) {
  char link[64], path[PATH_MAX];
  if (!getenv("FAULT_KIND") && !getenv("FULL_FLAG")) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return is_full(kind, path) || fails(kind, path);
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int descriptor, const void *bytes, size_t length) {
  return fails_on("write", descriptor) ? -1 : NEXT(write)(descriptor, bytes, length);
}
ssize_t pwrite(int descriptor, const void *bytes, size_t length, off_t offset) {
  return fails_on("write", descriptor) ? -1 : NEXT(pwrite)(descriptor, bytes, length, offset);
}
ssize_t pwrite64(int descriptor, const void *bytes, size_t length, off64_t offset) {
  return fails_on("write", descriptor) ? -1 : NEXT(pwrite64)(descriptor, bytes, length, offset);
}
int fsync(int descriptor) { return fails_on("sync", descriptor) ? -1 : NEXT(fsync)(descriptor); }
int fdatasync(int descriptor) {
  return fails_on("sync", descriptor) ? -1 : NEXT(fdatasync)(descriptor);
}
int open(const char *path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  mode_t mode = va_arg(more, mode_t);
  va_end(more);
  return fails("open", path) ? -1 : NEXT(open)(path, flags, mode);
}
int open64(const char *path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  mode_t mode = va_arg(more, mode_t);
  va_end(more);
  return fails("open", path) ? -1 : NEXT(open64)(path, flags, mode);
}
