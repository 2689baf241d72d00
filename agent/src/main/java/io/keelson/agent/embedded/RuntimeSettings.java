package io.keelson.agent.embedded;

import io.keelson.agent.embedded.images.Images;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;

/**
 * What the embedded runtime works with.
 *
 * @param root where sandboxes and containers are kept, {@code /var/lib/keelson/runtime}; on a disk, so that they are
 *     known after a restart of the machine
 * @param run where the shims' sockets are, {@code /run/keelson}; short, for a socket's path has at most 107 letters
 * @param shimCgroup the cgroup that shims live in, {@code /keelson-shims}: not the agent's, lest who stops the agent
 *     with all that it started stops them, too; empty: the agent's
 * @param images the images
 * @param network the pods' network
 * @param time the clock
 * @param handlers programs that start containers of pods with a runtime class, by their handlers' names
 * @param version the program's, as told by {@code Version}
 */
public record RuntimeSettings(
        Path root,
        Path run,
        String shimCgroup,
        Images images,
        SandboxNetwork network,
        InstantSource time,
        Map<String, Path> handlers,
        String version) {
    /** The same with folders as mounts are listed with, without links. They have to be there. */
    RuntimeSettings withRealFolders() throws IOException {
        return new RuntimeSettings(
                root.toRealPath(), run.toRealPath(), shimCgroup, images, network, time, handlers, version);
    }
}
