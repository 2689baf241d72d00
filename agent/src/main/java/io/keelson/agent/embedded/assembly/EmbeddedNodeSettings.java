package io.keelson.agent.embedded.assembly;

import io.keelson.agent.embedded.OciRuntime;
import io.keelson.agent.embedded.images.registry.RegistryHosts;
import io.keelson.agent.network.NetworkSettings;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What an embedded runtime works with.
 *
 * @param root where sandboxes and containers are kept, {@code /var/lib/keelson/runtime}; on a disk
 * @param run where the sockets of pods are, {@code /run/keelson}; short, since a socket's path has at most 107 letters;
 *     another one for each runtime of the machine
 * @param images the folder of the images, {@code /var/lib/keelson/images}; runtimes may share it as long as each has
 *     containers of its own, and so has {@code keelson image}
 * @param shimCgroup the cgroup that the pods' shims live in, {@code /keelson-shims}; empty for that of this process
 * @param network the pods' network
 * @param registries how they are reached
 * @param handlers programs that start containers of pods with a runtime class, by their handlers' names
 * @param socket where the runtime answers others than this process; empty for nowhere
 * @param version the program's, as the runtime tells it
 */
public record EmbeddedNodeSettings(
        Path root,
        Path run,
        Path images,
        String shimCgroup,
        NetworkSettings network,
        RegistryHosts registries,
        Map<String, Path> handlers,
        Optional<Path> socket,
        String version) {
    /** The cgroup of shims if nothing else is said. */
    public static final String SHIM_CGROUP = "/keelson-shims";

    /** Keeps copies. */
    public EmbeddedNodeSettings {
        handlers = Map.copyOf(handlers);
    }

    /**
     * All that is kept in one folder, nothing on a socket, and the usual names besides.
     *
     * @param data as {@code /var/lib/keelson}
     * @param run as {@code /run/keelson}
     */
    public static EmbeddedNodeSettings of(Path data, Path run, String version) {
        return new EmbeddedNodeSettings(
                data.resolve("runtime"),
                run,
                data.resolve("images"),
                SHIM_CGROUP,
                NetworkSettings.of(data.resolve("network")),
                RegistryHosts.USUAL,
                OciRuntime.found(),
                Optional.empty(),
                version);
    }

    /** The same with further handlers, or others of the same names. */
    public EmbeddedNodeSettings withHandlers(Map<String, Path> further) {
        Map<String, Path> all = new HashMap<>(handlers);
        all.putAll(further);
        return new EmbeddedNodeSettings(root, run, images, shimCgroup, network, registries, all, socket, version);
    }

    /** The same with registries that are reached otherwise. */
    public EmbeddedNodeSettings withRegistries(RegistryHosts other) {
        return new EmbeddedNodeSettings(root, run, images, shimCgroup, network, other, handlers, socket, version);
    }
}
