import Foundation
import Glibc
import Synchronization

/// A control group that bounds how many processes a worker and all that it starts can be, in the kernel.
///
/// The kernel holds no process limit (`RLIMIT_NPROC`) against what root started, in a namespace neither, and a fork bomb
/// can be faster than a host that counts. So root, and only root, gets a group of the `pids` controller, of version 1 or
/// 2, whichever is mounted. Where there is none, as in most containers, the host's thread is put before the processes it
/// watches instead.
struct ProcessBound {
    private static let number = Mutex(0)
    private let folder: String

    /// Whether the kernel needs help to hold a process limit for this user.
    static var isNeeded: Bool { geteuid() == 0 }

    private static let parents = ["/sys/fs/cgroup/pids", "/sys/fs/cgroup"]

    /// Said to the person where a bound that is needed cannot be had.
    static let problem =
        "The kernel holds no bound on the number of processes here: this program runs as root, and no control group of the "
        + "pids controller can be made. Processes are counted from outside, which a fork bomb can outrun; run as an ordinary "
        + "user where the code is not trusted."

    /// Takes away the groups that dead processes of this program left. One that something still runs in stays: a number
    /// may be dead here and alive in another container that sees the same groups.
    static func removeLeftGroups(in parents: [String] = parents) {
        for parent in parents {
            for name in (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? [] {
                let words = name.split(separator: "-")
                guard name.hasPrefix("rlm-tui-"), words.count == 4, let owner = pid_t(words[2]), owner > 0,
                    Glibc.kill(owner, 0) != 0, errno == ESRCH
                else { continue }
                rmdir("\(parent)/\(name)")
            }
        }
    }

    private static let leftGroupsAreRemoved: Void = removeLeftGroups()

    /// Nil where no group can be made.
    init?(limit: Int) {
        Self.leftGroupsAreRemoved
        let number = Self.number.withLock { number in
            number += 1
            return number
        }
        let name = "rlm-tui-\(getpid())-\(number)"
        for parent in Self.parents {
            // The file is there only where the controller is on for groups made in the folder.
            let folder = "\(parent)/\(name)"
            guard mkdir(folder, 0o755) == 0 else { continue }
            if KernelFile.write(String(limit), to: "\(folder)/pids.max") {
                self.folder = folder
                return
            }
            rmdir(folder)
        }
        return nil
    }

    /// Puts processes under the bound; what they start from now on is under it too.
    ///
    /// - Returns: whether all of them are.
    func hold(_ processes: [pid_t]) -> Bool {
        processes.allSatisfy { KernelFile.write(String($0), to: "\(folder)/cgroup.procs") }
    }

    /// Takes the group away, once nothing runs in it any more; the kernel can be a moment behind.
    func remove() {
        for _ in 0..<100 where rmdir(folder) != 0 && errno == EBUSY { usleep(2_000) }
    }

    /// Puts the calling thread before all ordinary ones; its children are ordinary again.
    static func putThreadFirst() {
        let resetOnFork: Int32 = 0x4000_0000
        var priority = sched_param()
        priority.sched_priority = 1
        _ = sched_setscheduler(0, SCHED_RR | resetOnFork, &priority)
    }
}
