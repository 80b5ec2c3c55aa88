// core/report/process.c: what the system knows of the process, under the names that all Prometheus clients use.
#include "report/report.h"

#include "base/audit.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/** Reads a file of /proc as text. @return false: it cannot be read, and the text is empty */
static bool read_proc(const char *path, char *text, size_t size)
{
    FILE *file = fopen(path, "re");
    size_t length = 0;

    if (file != NULL) {
        length = fread(text, 1, size - 1, file);
        fclose(file);
    }
    text[length] = '\0';
    return length > 0;
}

/** Returns when this machine started, in seconds since 1970; 0: unknown. */
static uint64_t boot_time(void)
{
    FILE *file = fopen("/proc/stat", "re");
    char line[512];
    uint64_t seconds = 0;

    if (file == NULL)
        return 0;
    while (seconds == 0 && fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "btime %" SCNu64, &seconds) != 1)
            seconds = 0;
    }
    fclose(file);
    return seconds;
}

/** Counts open descriptors. @return false: none is free to read the folder with */
static bool count_descriptors(uint64_t *count)
{
    DIR *folder = opendir("/proc/self/fd");

    if (folder == NULL)
        return false;
    *count = 0;
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
        *count += entry->d_name[0] != '.';
    closedir(folder);
    *count -= 1; // without the folder itself
    return true;
}

static void process_gauge(struct exposition *out, const char *name, const char *help, double value)
{
    exposition_begin(out, name, EXPOSITION_GAUGE, help);
    exposition_value(out, "", NULL, value);
}

void report_process(struct exposition *out)
{
    // proc(5): after the name in brackets: state …; utime, stime, … starttime, vsize, rss are fields 14, 15, 22, 23, 24
    char text[1024];
    const char *rest = read_proc("/proc/self/stat", text, sizeof text) ? strrchr(text, ')') : NULL;
    uint64_t user, system, threads, start, virtual_bytes, pages, open, boot = boot_time();
    struct rlimit files;
    double ticks = (double)sysconf(_SC_CLK_TCK);

    if (rest != NULL && sscanf(rest + 1,
                               " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %" SCNu64 " %" SCNu64
                               " %*d %*d %*d %*d %" SCNu64 " %*d %" SCNu64 " %" SCNu64 " %" SCNu64,
                               &user, &system, &threads, &start, &virtual_bytes, &pages) == 6) {
        exposition_begin(out, "process_cpu_seconds", EXPOSITION_COUNTER, "Time of processors, of user and system.");
        exposition_value(out, "", NULL, (double)(user + system) / ticks);
        process_gauge(out, "process_resident_memory_bytes", "Memory in use.",
                      (double)pages * (double)sysconf(_SC_PAGESIZE));
        process_gauge(out, "process_virtual_memory_bytes", "Address space in use.", (double)virtual_bytes);
        process_gauge(out, "process_threads", "Threads.", (double)threads);
        if (boot != 0)
            process_gauge(out, "process_start_time_seconds", "When the process began, in seconds since 1970.",
                          (double)boot + (double)start / ticks);
    }
    if (count_descriptors(&open))
        process_gauge(out, "process_open_fds", "Open file descriptors.", (double)open);
    if (getrlimit(RLIMIT_NOFILE, &files) == 0)
        process_gauge(out, "process_max_fds", "Most file descriptors that may be open.", (double)files.rlim_cur);
}

void report_audit(struct exposition *out)
{
    if (!audit_is_on())
        return;
    exposition_begin(out, "astmanproxy_audit_records", EXPOSITION_COUNTER,
                     "Records that were written to the audit log.");
    exposition_count(out, "", NULL, audit_written());
    exposition_begin(out, "astmanproxy_audit_records_lost", EXPOSITION_COUNTER,
                     "Records that could not be written to the audit log.");
    exposition_count(out, "", NULL, audit_lost());
}
