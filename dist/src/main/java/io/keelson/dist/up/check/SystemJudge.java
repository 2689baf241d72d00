package io.keelson.dist.up.check;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The kernel, and what this process may do with it. */
final class SystemJudge {
    private static final Pattern RELEASE = Pattern.compile("(\\d+)\\.(\\d+)");
    private static final int MAJOR_MIN = 5;
    private static final int MINOR_MIN = 12;
    private static final Set<String> NAMESPACES = Set.of("mnt", "net", "pid", "ipc", "uts");

    /** Capabilities that a node cannot do without, by their bit. */
    private static final Map<Integer, String> NEEDED = needed();

    private static final int RESOURCE = 24;

    private SystemJudge() {}

    private static Map<Integer, String> needed() {
        Map<Integer, String> needed = new LinkedHashMap<>();
        needed.put(0, "CHOWN");
        needed.put(1, "DAC_OVERRIDE");
        needed.put(5, "KILL");
        needed.put(6, "SETGID");
        needed.put(7, "SETUID");
        needed.put(8, "SETPCAP");
        needed.put(12, "NET_ADMIN");
        needed.put(18, "SYS_CHROOT");
        needed.put(21, "SYS_ADMIN");
        needed.put(27, "MKNOD");
        return needed;
    }

    static List<Finding> judge(Facts.Kernel kernel) {
        List<Finding> findings = new ArrayList<>();
        findings.add(release(kernel));
        findings.add(processor(kernel));
        findings.add(rights(kernel));
        findings.add(namespaces(kernel));
        findings.add(
                kernel.filters().contains("errno")
                        ? Finding.ok("seccomp", "system calls of containers can be filtered")
                        : Finding.limited(
                                "seccomp",
                                "the kernel filters no system calls",
                                "pods with a seccomp profile do not start; take a kernel with CONFIG_SECCOMP_FILTER"));
        return findings;
    }

    private static Finding release(Facts.Kernel kernel) {
        String is = kernel.system() + " " + kernel.release();
        if (!kernel.system().equals("Linux")) {
            return Finding.missing("kernel", is, "pods need Linux: take a virtual machine");
        }
        Matcher matcher = RELEASE.matcher(kernel.release());
        if (!matcher.lookingAt()) {
            return Finding.limited("kernel", is + " has a number that is not understood", "it needs 5.12 or later");
        }
        int major = Integer.parseInt(matcher.group(1));
        int minor = Integer.parseInt(matcher.group(2));
        return major > MAJOR_MIN || (major == MAJOR_MIN && minor >= MINOR_MIN)
                ? Finding.ok("kernel", is)
                : Finding.missing("kernel", is + " is too old", "pods need Linux 5.12 or later");
    }

    private static Finding processor(Facts.Kernel kernel) {
        return kernel.hasShim()
                ? Finding.ok("processor", kernel.architecture())
                : Finding.limited(
                        "processor",
                        kernel.architecture() + " has no program to start containers in this build",
                        "build on such a machine, or install containerd");
    }

    private static Finding rights(Facts.Kernel kernel) {
        if (!kernel.isRoot()) {
            return Finding.limited(
                    "root",
                    "this is user " + kernel.user(),
                    "the API, controllers and simulated nodes run, real pods do not: for these run it as root");
        }
        List<String> lacking = new ArrayList<>();
        NEEDED.forEach((bit, name) -> {
            if (!has(kernel, bit)) {
                lacking.add("CAP_" + name);
            }
        });
        if (!lacking.isEmpty()) {
            return Finding.missing(
                    "root",
                    "root without " + String.join(", ", lacking),
                    "this is a container, or a service with limits: give it these, or run it outside");
        }
        return has(kernel, RESOURCE)
                ? Finding.ok("root", "with all rights that are needed")
                : Finding.limited(
                        "root",
                        "root without CAP_SYS_RESOURCE",
                        "the node's own processes cannot be kept from being killed first when memory runs out");
    }

    private static boolean has(Facts.Kernel kernel, int bit) {
        return (kernel.capabilities() & 1L << bit) != 0;
    }

    private static Finding namespaces(Facts.Kernel kernel) {
        Set<String> missing = new TreeSet<>(NAMESPACES);
        missing.removeAll(kernel.namespaces());
        if (!missing.isEmpty()) {
            return Finding.missing(
                    "namespaces",
                    "the kernel has none of " + String.join(", ", missing),
                    "take a kernel with CONFIG_NAMESPACES and all kinds of them");
        }
        return kernel.namespaces().contains("user")
                ? Finding.ok("namespaces", "mount, network, process, IPC, name and user")
                : Finding.limited(
                        "namespaces",
                        "the kernel has no user namespaces",
                        "pods with hostUsers: false do not start; take a kernel with CONFIG_USER_NS");
    }
}
