/* Stands before fsync and fdatasync of a server, by LD_PRELOAD: writes each down, and holds it or
 * lets it fail while the folder FLUSHES has a file of that name. Only files whose path has FLUSHES_OF
 * in it are meant. Written without headers, so that a compiler alone is enough to build it.
 */
extern char *getenv(const char *);
extern char *strstr(const char *, const char *);
extern int access(const char *, int);
extern int open(const char *, int, ...);
extern long write(int, const void *, unsigned long);
extern int close(int);
extern int usleep(unsigned);
extern long readlink(const char *, char *, unsigned long);
extern long syscall(long, ...);
extern int snprintf(char *, unsigned long, const char *, ...);
extern int *__errno_location(void);

#if defined(__aarch64__)
#define FSYNC 82
#define FDATASYNC 83
#else
#define FSYNC 74
#define FDATASYNC 75
#endif
#define EIO 5
#define APPENDING (01 | 0100 | 02000) /* O_WRONLY | O_CREAT | O_APPEND */

static int there(const char *folder, const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return access(path, 0) == 0;
}

static void note(const char *folder, const char *name, const char *line) {
    char path[4096], text[4200];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int length = snprintf(text, sizeof text, "%s\n", line);
    int file = open(path, APPENDING, 0600);
    write(file, text, length);
    close(file);
}

static int flush(long number, int file) {
    const char *folder = getenv("FLUSHES"), *meant = getenv("FLUSHES_OF");
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    long length = readlink(link, path, sizeof path - 1);
    path[length > 0 ? length : 0] = 0;
    if (!folder || !meant || !strstr(path, meant)) return syscall(number, file);
    note(folder, "begun", path);
    while (there(folder, "hold")) usleep(1000);
    if (there(folder, "fail")) {
        *__errno_location() = EIO;
        return -1;
    }
    int result = syscall(number, file);
    note(folder, "done", path);
    return result;
}

int fsync(int file) { return flush(FSYNC, file); }
int fdatasync(int file) { return flush(FDATASYNC, file); }
