// core/base/stack.c: see stack.h. The handlers call only functions that are safe there (signal-safety(7)). backtrace()
// is safe after its first call, which loads a library.
#include "base/stack.h"

#include "base/decimal.h"

#include <execinfo.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define THREADS 260 // known threads, at most
#define FRAMES 64   // of one thread, at most
#define WAIT_MS 200 // for a thread to write its stack; one that sleeps in the kernel never does
#define NAME_SIZE 16

/** A known thread. */
struct known {
    atomic_int tid; // 0: the slot is free
    char name[NAME_SIZE];
};

// Global: signal handlers have no other argument.
static struct known threads[THREADS];
static atomic_uint told;     // stacks that were written
static atomic_flag aborting; // zero is clear

static int tell_signal(void)
{
    return SIGRTMIN + 4; // script/watchdog.c uses + 3
}

static int own_tid(void)
{
    return (int)syscall(SYS_gettid);
}

static void stack_put(const char *text, size_t length)
{
    while (length > 0) {
        ssize_t count = write(STDERR_FILENO, text, length);
        if (count <= 0)
            return;
        text += count;
        length -= (size_t)count;
    }
}

static void put_text(const char *text)
{
    stack_put(text, strlen(text));
}

static void put_number(int number)
{
    char digits[DECIMAL_DIGITS];

    stack_put(digits, (size_t)(decimal_write(digits, (uint64_t)number) - digits));
}

/** Writes the stack of the calling thread. */
static void put_stack(void)
{
    void *frames[FRAMES];
    int tid = own_tid(), count = backtrace(frames, FRAMES);
    const char *name = "unknown";

    for (size_t i = 0; i < THREADS; i++) {
        if (atomic_load(&threads[i].tid) == tid)
            name = threads[i].name;
    }
    put_text("stack of thread ");
    put_text(name);
    put_text(" tid=");
    put_number(tid);
    put_text("\n");
    backtrace_symbols_fd(frames, count, STDERR_FILENO);
    atomic_fetch_add(&told, 1);
}

static void on_tell(int number)
{
    (void)number;
    put_stack();
}

static void stack_ask(int tid)
{
    syscall(SYS_tgkill, getpid(), tid, tell_signal()); // does nothing if the thread has ended meanwhile
}

/** Waits until more than `before` threads have written their stacks. */
static void wait_for_stack(unsigned before)
{
    const struct timespec millisecond = {0, 1000000};

    for (int i = 0; i < WAIT_MS && atomic_load(&told) == before; i++)
        nanosleep(&millisecond, NULL);
}

static void on_abort(int number)
{
    int own = own_tid();

    if (!atomic_flag_test_and_set(&aborting)) {
        put_text("astmanproxy is ended by SIGABRT; this is where its threads are\n");
        put_stack();
        for (size_t i = 0; i < THREADS; i++) {
            int tid = atomic_load(&threads[i].tid);
            unsigned before = atomic_load(&told);
            if (tid <= 0 || tid == own)
                continue;
            stack_ask(tid);
            wait_for_stack(before);
        }
    }
    raise(number); // SA_RESETHAND: it ends the program now
}

void stack_watch(void)
{
    struct sigaction aborted = {.sa_handler = on_abort, .sa_flags = (int)(SA_RESETHAND | SA_NODEFER)};
    struct sigaction asked = {.sa_handler = on_tell, .sa_flags = SA_RESTART};
    void *frame;

    (void)backtrace(&frame, 1);
    (void)sigaction(tell_signal(), &asked, NULL);
    (void)sigaction(SIGABRT, &aborted, NULL);
}

int stack_join(const char *name)
{
    for (int i = 0; i < THREADS; i++) {
        int nobody = 0;
        if (!atomic_compare_exchange_strong(&threads[i].tid, &nobody, -1))
            continue;
        strncpy(threads[i].name, name, NAME_SIZE - 1); // in static memory: the last byte stays NUL
        atomic_store(&threads[i].tid, own_tid());
        return i;
    }
    return -1;
}

void stack_leave(int number)
{
    if (number >= 0)
        atomic_store(&threads[number].tid, 0);
}

void stack_tell(int number)
{
    int tid = number < 0 ? 0 : atomic_load(&threads[number].tid);

    if (tid > 0)
        stack_ask(tid);
}
