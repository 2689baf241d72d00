package io.keelson.agent.plugins;

import java.nio.file.Path;
import java.util.List;

/**
 * What a plugin says that it is.
 *
 * @param type {@code CSIPlugin}, {@code DevicePlugin}, {@code DRAPlugin}
 * @param name what it is called, as the driver of a volume or the name of a resource
 * @param endpoint the socket that it answers on
 * @param versions of its interface that it speaks
 */
public record Plugin(String type, String name, Path endpoint, List<String> versions) {
    /** Keeps a copy. */
    public Plugin {
        versions = List.copyOf(versions);
    }
}
