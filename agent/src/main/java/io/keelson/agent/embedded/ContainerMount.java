package io.keelson.agent.embedded;

import java.util.ArrayList;
import java.util.List;

/**
 * A mount in a container.
 *
 * @param source a folder or file of the node; for a file system that is made, its name
 * @param type of the file system that is made; empty for what is the node's
 * @param options of that file system, with commas between them
 * @param flags of those below
 */
record ContainerMount(String path, String source, String type, String options, long flags) {
    static final long BIND = 1;
    static final long RECURSIVE = 2;
    static final long READONLY = 4;
    static final long READONLY_BELOW = 8;
    static final long NO_SUID = 16;
    static final long NO_DEVICES = 32;
    static final long NO_EXEC = 64;

    /** Sees what the node mounts there later. */
    static final long FOLLOWS = 128;

    /** And lets the node see its own. */
    static final long SHARED = 256;

    /** The owners of files are the pod's users of the same numbers. */
    static final long MAPPED = 512;

    boolean is(long flag) {
        return (flags & flag) != 0;
    }

    /** As a shim takes it. */
    ShimFields fields() {
        ShimFields mount = new ShimFields().text(ShimTag.PATH, path).text(ShimTag.SOURCE, source);
        if (!type.isEmpty()) {
            mount.text(ShimTag.TYPE, type);
        }
        if (!options.isEmpty()) {
            mount.text(ShimTag.OPTIONS, options);
        }
        return mount.number(ShimTag.FLAGS, flags);
    }

    /** Its options as an OCI runtime takes them. */
    List<String> ociOptions() {
        List<String> all = new ArrayList<>();
        if (is(BIND)) {
            all.add(is(RECURSIVE) ? "rbind" : "bind");
            all.add(is(SHARED) ? "rshared" : is(FOLLOWS) ? "rslave" : "rprivate");
        }
        if (is(READONLY_BELOW)) {
            all.add("rro");
        }
        all.add(is(READONLY) ? "ro" : "rw");
        if (is(NO_SUID)) {
            all.add("nosuid");
        }
        if (is(NO_DEVICES)) {
            all.add("nodev");
        }
        if (is(NO_EXEC)) {
            all.add("noexec");
        }
        if (!options.isEmpty()) {
            all.addAll(List.of(options.split(",", -1)));
        }
        return all;
    }
}
