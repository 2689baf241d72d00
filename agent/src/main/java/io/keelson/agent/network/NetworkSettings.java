package io.keelson.agent.network;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What the network of a node is made of.
 *
 * @param bridge the built-in network
 * @param configurations a folder in which a network add-on puts its CNI configuration
 * @param plugins folders with CNI plugins; the first one that has a plugin is taken
 * @param results a folder for what plugins made; another one than those of other runtimes of the machine
 * @param pluginTime how long each plugin may take
 */
public record NetworkSettings(
        BridgeSettings bridge, Path configurations, List<Path> plugins, Path results, Duration pluginTime) {
    /** Where network add-ons put their configuration. */
    public static final Path CONFIGURATIONS = Path.of("/etc/cni/net.d");

    /** Where network add-ons put plugins, and where Debian's package has them. */
    public static final List<Path> PLUGINS = List.of(Path.of("/opt/cni/bin"), Path.of("/usr/lib/cni"));

    private static final Duration PLUGIN_TIME = Duration.ofMinutes(1);

    /** Keeps a copy. */
    public NetworkSettings {
        plugins = List.copyOf(plugins);
    }

    /** With the usual folders for plugins, and all that is to be known after a crash in one folder. */
    public static NetworkSettings of(Path state) {
        return new NetworkSettings(
                BridgeSettings.of(state), CONFIGURATIONS, PLUGINS, state.resolve("cni"), PLUGIN_TIME);
    }
}
