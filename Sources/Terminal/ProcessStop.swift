#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// ^Z: this process stops until the shell continues it.
package enum ProcessStop {
    /// Returns when the process goes on.
    package static func now() {
        // The threads of Dispatch take no signals by themselves, so this one is let in here; sent to the process as a
        // whole it would be taken by another thread, and later.
        var stopping = sigset_t()
        sigemptyset(&stopping)
        sigaddset(&stopping, SIGTSTP)
        var before = sigset_t()
        pthread_sigmask(SIG_UNBLOCK, &stopping, &before)
        raise(SIGTSTP)
        pthread_sigmask(SIG_SETMASK, &before, nil)
    }
}
