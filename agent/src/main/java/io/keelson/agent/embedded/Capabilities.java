package io.keelson.agent.embedded;

import io.keelson.agent.wire.cri.Capability;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a container's processes may do beyond what any user may, as sets of bits.
 *
 * @param held bounding, effective and permitted
 * @param ambient kept by those who are not root; in the inheritable set, too
 */
record Capabilities(long held, long ambient) {
    /** In the order of their numbers. */
    private static final List<String> NAMES = List.of(
            "CHOWN",
            "DAC_OVERRIDE",
            "DAC_READ_SEARCH",
            "FOWNER",
            "FSETID",
            "KILL",
            "SETGID",
            "SETUID",
            "SETPCAP",
            "LINUX_IMMUTABLE",
            "NET_BIND_SERVICE",
            "NET_BROADCAST",
            "NET_ADMIN",
            "NET_RAW",
            "IPC_LOCK",
            "IPC_OWNER",
            "SYS_MODULE",
            "SYS_RAWIO",
            "SYS_CHROOT",
            "SYS_PTRACE",
            "SYS_PACCT",
            "SYS_ADMIN",
            "SYS_BOOT",
            "SYS_NICE",
            "SYS_RESOURCE",
            "SYS_TIME",
            "SYS_TTY_CONFIG",
            "MKNOD",
            "LEASE",
            "AUDIT_WRITE",
            "AUDIT_CONTROL",
            "SETFCAP",
            "MAC_OVERRIDE",
            "MAC_ADMIN",
            "SYSLOG",
            "WAKE_ALARM",
            "BLOCK_SUSPEND",
            "AUDIT_READ",
            "PERFMON",
            "BPF",
            "CHECKPOINT_RESTORE");

    private static final List<String> DEFAULT = List.of(
            "CHOWN",
            "DAC_OVERRIDE",
            "FSETID",
            "FOWNER",
            "MKNOD",
            "NET_RAW",
            "SETGID",
            "SETUID",
            "SETFCAP",
            "SETPCAP",
            "NET_BIND_SERVICE",
            "SYS_CHROOT",
            "KILL",
            "AUDIT_WRITE");

    /**
     * Those of a container.
     *
     * @param available what this machine lets the agent have; others are left out without a word, as runtimes do
     * @throws io.grpc.StatusRuntimeException if a name is none
     */
    static Capabilities of(boolean privileged, Capability wanted, long available) {
        if (privileged) {
            return new Capabilities(available, 0);
        }
        long held = 0;
        for (String name : DEFAULT) {
            held |= bit(name, "add");
        }
        List<String> added = wanted.getAddCapabilitiesList();
        List<String> dropped = wanted.getDropCapabilitiesList();
        if (added.stream().anyMatch("ALL"::equalsIgnoreCase)) {
            held = available;
        }
        if (dropped.stream().anyMatch("ALL"::equalsIgnoreCase)) {
            held = 0;
        }
        held |= bits(added, "add");
        long ambient = bits(wanted.getAddAmbientCapabilitiesList(), "add");
        held |= ambient;
        held &= ~bits(dropped, "drop");
        return new Capabilities(held & available, ambient & held & available);
    }

    private static long bits(List<String> names, String what) {
        long bits = 0;
        for (String name : names) {
            bits |= name.equalsIgnoreCase("ALL") ? 0 : bit(name, what);
        }
        return bits;
    }

    private static long bit(String name, String what) {
        String plain = name.toUpperCase(Locale.ROOT);
        plain = plain.startsWith("CAP_") ? plain.substring(4) : plain;
        int number = NAMES.indexOf(plain);
        if (number < 0) {
            throw RuntimeProblem.invalid("unknown capability \"CAP_" + plain + "\" to " + what);
        }
        return 1L << number;
    }

    /** What this process could give on. */
    static long available() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("CapBnd:")) {
                return Long.parseUnsignedLong(line.substring(7).strip(), 16);
            }
        }
        throw new IOException("/proc/self/status does not say CapBnd");
    }

    boolean has(String name) {
        return (held & bit(name, "add")) != 0;
    }

    /** {@link #held} by their names. */
    List<String> heldNames() {
        return names(held);
    }

    /** {@link #ambient} by their names. */
    List<String> ambientNames() {
        return names(ambient);
    }

    private static List<String> names(long bits) {
        List<String> names = new ArrayList<>();
        for (int number = 0; number < NAMES.size(); number++) {
            if ((bits >>> number & 1) != 0) {
                names.add("CAP_" + NAMES.get(number));
            }
        }
        return names;
    }

    /** As a shim takes them: bounding, effective, permitted, inheritable, ambient. */
    byte[] toBytes() {
        return ByteBuffer.allocate(40)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(held)
                .putLong(held)
                .putLong(held)
                .putLong(ambient)
                .putLong(ambient)
                .array();
    }
}
