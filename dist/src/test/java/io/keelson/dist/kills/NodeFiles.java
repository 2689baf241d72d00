package io.keelson.dist.kills;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the node of a cluster keeps what it has.
 *
 * @param node on the disk
 * @param run sockets of pods
 * @param cgroup the name of the cgroup of its pods, below the root of a hierarchy
 */
record NodeFiles(Path node, Path run, String cgroup) {
    private static final Pattern CGROUP = Pattern.compile("(?m)^cgroupRoot: \"/(keelson-([0-9a-f]+))\"");

    /** That of a cluster which was started once. */
    static NodeFiles of(Path cluster) throws IOException {
        Path node = cluster.resolve("node");
        Path own = node.resolve("kubelet.conf.d").resolve("machine.conf");
        Matcher cgroup = CGROUP.matcher(Files.readString(own));
        if (!cgroup.find()) {
            throw new IOException(own + " names no cgroup");
        }
        return new NodeFiles(node, Path.of("/run/keelson", cgroup.group(2)), cgroup.group(1));
    }

    /** A folder for each sandbox. */
    Path sandboxes() {
        return node.resolve("runtime").resolve("sandboxes");
    }
}
