package io.keelson.agent.pods.launch;

import java.util.Optional;

/** What names of the kernel's settings say. */
final class SysctlNames {
    /** Which namespaces of a pod have a setting for themselves. */
    enum Namespace {
        IPC("IPC"),
        NETWORK("Net");

        private final String text;

        Namespace(String text) {
            this.text = text;
        }

        /** As messages call it. */
        String text() {
            return text;
        }
    }

    private SysctlNames() {}

    /** Of {@code kernel/shm_rmid_forced} the kernel's own spelling. */
    static String dotted(String name) {
        int slash = name.indexOf('/');
        int dot = name.indexOf('.');
        if (slash < 0 || (dot >= 0 && dot < slash)) {
            return name;
        }
        StringBuilder swapped = new StringBuilder(name);
        for (int i = 0; i < swapped.length(); i++) {
            char one = swapped.charAt(i);
            swapped.setCharAt(i, one == '/' ? '.' : one == '.' ? '/' : one);
        }
        return swapped.toString();
    }

    /** The namespace of a setting, or of all settings that begin so; empty if they are of the whole machine. */
    static Optional<Namespace> namespace(String dotted) {
        if (dotted.startsWith("net.")) {
            return Optional.of(Namespace.NETWORK);
        }
        boolean isOfIpc = dotted.equals("kernel.sem")
                || dotted.startsWith("kernel.shm")
                || dotted.startsWith("kernel.msg")
                || dotted.startsWith("fs.mqueue.");
        return isOfIpc ? Optional.of(Namespace.IPC) : Optional.empty();
    }
}
