// Shows the thread sanitizer what Swift's Mutex orders. `make tsan` preloads it.
//
// On Linux a Mutex that nobody else wants is taken by an atomic exchange in our own code, which the sanitizer sees. One that
// somebody waits for is taken and given back by the two functions below, which lie in libswiftSynchronization. That library is
// not built with the sanitizer, so everything that such a Mutex guards would be reported as a race. Each function does what
// it did before, and says so to the sanitizer: no report is suppressed.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define LOCK_SLOW "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK_SLOW "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

typedef __attribute__((swiftcall)) void (*lock_function)(uint32_t thread, __attribute__((swift_context)) void *mutex);
typedef __attribute__((swiftcall)) void (*unlock_function)(__attribute__((swift_context)) void *mutex);

static lock_function lock_slow;
static unlock_function unlock_slow;
static void (*acquire)(void *);
static void (*release)(void *);

__attribute__((constructor)) static void find(void) {
    lock_slow = (lock_function)dlsym(RTLD_NEXT, LOCK_SLOW);
    unlock_slow = (unlock_function)dlsym(RTLD_NEXT, UNLOCK_SLOW);
    acquire = (void (*)(void *))dlsym(RTLD_DEFAULT, "__tsan_acquire");
    release = (void (*)(void *))dlsym(RTLD_DEFAULT, "__tsan_release");
}

// Only programs that use a Mutex come here; without Swift's own functions there is no way on.
static void missing(const char *name) {
    fprintf(stderr, "Tests/ThreadSanitizer/mutex.c: this Swift has no %s\n", name);
    abort();
}

__attribute__((swiftcall)) void interposed_lock(uint32_t thread, __attribute__((swift_context)) void *mutex) __asm__(LOCK_SLOW);
__attribute__((swiftcall)) void interposed_lock(uint32_t thread, __attribute__((swift_context)) void *mutex) {
    if (!lock_slow) missing(LOCK_SLOW);
    lock_slow(thread, mutex);
    if (acquire) acquire(mutex);
}

__attribute__((swiftcall)) void interposed_unlock(__attribute__((swift_context)) void *mutex) __asm__(UNLOCK_SLOW);
__attribute__((swiftcall)) void interposed_unlock(__attribute__((swift_context)) void *mutex) {
    if (!unlock_slow) missing(UNLOCK_SLOW);
    if (release) release(mutex);
    unlock_slow(mutex);
}
