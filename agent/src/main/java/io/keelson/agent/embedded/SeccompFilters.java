package io.keelson.agent.embedded;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.agent.wire.cri.LinuxContainerSecurityContext;
import io.keelson.agent.wire.cri.SecurityProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The filters of system calls that containers ask for. The runtime's own profile allows what the machine's table has,
 * but not what only the node's administrator should do, unless the container has the capability for it, and not what
 * has done more harm than good. Calls that the table does not have yet answer as if the kernel were older.
 */
final class SeccompFilters {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int PROFILE_BYTES_MAX = 1 << 20;
    private static final int EPERM = 1;
    private static final int ENOSYS = 38;
    private static final int AF_VSOCK = 40;
    /** The bits of {@code clone} that make namespaces. */
    private static final long NAMESPACES = 0x7E020000;

    private static final Set<String> NEVER = Set.of(
            "_sysctl",
            "add_key",
            "afs_syscall",
            "create_module",
            "get_kernel_syms",
            "getpmsg",
            "io_uring_enter",
            "io_uring_register",
            "io_uring_setup",
            "kexec_file_load",
            "kexec_load",
            "keyctl",
            "listmount",
            "move_pages",
            "nfsservctl",
            "open_tree_attr",
            "pivot_root",
            "putpmsg",
            "query_module",
            "request_key",
            "security",
            "statmount",
            "swapoff",
            "swapon",
            "sysfs",
            "tuxcall",
            "uselib",
            "userfaultfd",
            "ustat",
            "vserver");

    private static final Map<String, Set<String>> WITH_CAPABILITY = Map.ofEntries(
            Map.entry(
                    "SYS_ADMIN",
                    Set.of(
                            "bpf",
                            "clone3",
                            "fanotify_init",
                            "fsconfig",
                            "fsmount",
                            "fsopen",
                            "fspick",
                            "lookup_dcookie",
                            "mount",
                            "mount_setattr",
                            "move_mount",
                            "open_tree",
                            "perf_event_open",
                            "quotactl",
                            "quotactl_fd",
                            "setdomainname",
                            "sethostname",
                            "setns",
                            "syslog",
                            "umount2",
                            "unshare")),
            Map.entry("BPF", Set.of("bpf")),
            Map.entry("PERFMON", Set.of("perf_event_open")),
            Map.entry("SYSLOG", Set.of("syslog")),
            Map.entry("SYS_BOOT", Set.of("reboot")),
            Map.entry("SYS_CHROOT", Set.of("chroot")),
            Map.entry("SYS_MODULE", Set.of("delete_module", "finit_module", "init_module")),
            Map.entry("SYS_PACCT", Set.of("acct")),
            Map.entry("SYS_PTRACE", Set.of("kcmp", "pidfd_getfd", "process_madvise")),
            Map.entry("SYS_RAWIO", Set.of("ioperm", "iopl")),
            Map.entry("SYS_TIME", Set.of("clock_settime", "settimeofday")),
            Map.entry("SYS_TTY_CONFIG", Set.of("vhangup")),
            Map.entry("SYS_NICE", Set.of("get_mempolicy", "mbind", "set_mempolicy", "set_mempolicy_home_node")),
            Map.entry("DAC_READ_SEARCH", Set.of("open_by_handle_at")));

    private final SyscallTable table;
    private final Map<Set<String>, byte[]> own = new ConcurrentHashMap<>();

    SeccompFilters(SyscallTable table) {
        this.table = table;
    }

    /**
     * The program for a container; empty if it has none.
     *
     * @throws io.grpc.StatusRuntimeException if its profile cannot be used
     */
    byte[] filter(LinuxContainerSecurityContext context, Capabilities capabilities) throws IOException {
        if (context.getPrivileged() || !context.hasSeccomp()) {
            return new byte[0];
        }
        SecurityProfile wanted = context.getSeccomp();
        return switch (wanted.getProfileType()) {
            case RuntimeDefault -> ownFilter(capabilities);
            case Localhost ->
                SeccompProgram.assemble(SeccompProfile.parse(read(wanted.getLocalhostRef()), table), table);
            default -> new byte[0];
        };
    }

    /**
     * The same for an OCI runtime; an empty object if there is none.
     *
     * @throws io.grpc.StatusRuntimeException if its profile cannot be used
     */
    ObjectNode oci(LinuxContainerSecurityContext context, Capabilities capabilities) throws IOException {
        if (context.getPrivileged() || !context.hasSeccomp()) {
            return JSON.createObjectNode();
        }
        SecurityProfile wanted = context.getSeccomp();
        return switch (wanted.getProfileType()) {
            case RuntimeDefault -> ownProfile(held(capabilities)).oci();
            case Localhost -> {
                byte[] profile = read(wanted.getLocalhostRef());
                SeccompProfile _ = SeccompProfile.parse(profile, table);
                yield JSON.readTree(profile) instanceof ObjectNode object ? object : JSON.createObjectNode();
            }
            default -> JSON.createObjectNode();
        };
    }

    private static byte[] read(String path) throws IOException {
        Path file = Path.of(path);
        if (!file.isAbsolute() || !Files.isRegularFile(file)) {
            throw RuntimeProblem.invalid("the seccomp profile " + path + " is not there");
        }
        if (Files.size(file) > PROFILE_BYTES_MAX) {
            throw RuntimeProblem.invalid("the seccomp profile " + path + " is larger than a mebibyte");
        }
        return Files.readAllBytes(file);
    }

    private byte[] ownFilter(Capabilities capabilities) {
        return own.computeIfAbsent(held(capabilities), names -> SeccompProgram.assemble(ownProfile(names), table));
    }

    private static Set<String> held(Capabilities capabilities) {
        Set<String> held = new TreeSet<>();
        WITH_CAPABILITY.keySet().stream().filter(capabilities::has).forEach(held::add);
        return held;
    }

    /** The runtime's own profile for a container with these capabilities. */
    SeccompProfile ownProfile(Set<String> held) {
        Set<String> denied = new TreeSet<>(NEVER);
        WITH_CAPABILITY.values().forEach(denied::addAll);
        WITH_CAPABILITY.forEach((capability, calls) -> {
            if (held.contains(capability)) {
                denied.removeAll(calls);
            }
        });
        List<SeccompProfile.Rule> rules = new ArrayList<>();
        boolean administrator = held.contains("SYS_ADMIN");
        if (!administrator) {
            // C libraries take clone then, whose flags can be looked at.
            rules.add(new SeccompProfile.Rule(List.of("clone3"), SeccompProfile.ERRNO | ENOSYS, List.of()));
            rules.add(new SeccompProfile.Rule(
                    List.of("clone"),
                    SeccompProfile.ALLOW,
                    List.of(new SeccompProfile.Condition(
                            0, SeccompProfile.Comparison.SCMP_CMP_MASKED_EQ, NAMESPACES, 0))));
            denied.add("clone");
        }
        rules.add(new SeccompProfile.Rule(
                List.of("socket"),
                SeccompProfile.ALLOW,
                List.of(new SeccompProfile.Condition(0, SeccompProfile.Comparison.SCMP_CMP_NE, AF_VSOCK, 0))));
        denied.add("socket");
        for (long persona : new long[] {0, 0x8, 0x20000, 0x20008, 0xFFFFFFFFL}) {
            rules.add(new SeccompProfile.Rule(
                    List.of("personality"),
                    SeccompProfile.ALLOW,
                    List.of(new SeccompProfile.Condition(0, SeccompProfile.Comparison.SCMP_CMP_EQ, persona, 0))));
        }
        denied.add("personality");
        rules.add(new SeccompProfile.Rule(List.copyOf(denied), SeccompProfile.ERRNO | EPERM, List.of()));
        rules.add(new SeccompProfile.Rule(List.copyOf(table.numbers().keySet()), SeccompProfile.ALLOW, List.of()));
        return new SeccompProfile(SeccompProfile.ERRNO | ENOSYS, rules);
    }
}
