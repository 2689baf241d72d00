package io.keelson.agent.network;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How the built-in network is set up.
 *
 * @param state a folder for which sandbox has what; what it says outlives the process, not the machine's start
 * @param bridge the name of the bridge
 * @param mtu the largest packet; 0 for the kernel's choice
 * @param namespace the network namespace that takes the place of the machine's own; null for that of this process
 */
public record BridgeSettings(
        Path state, String bridge, int mtu, @Nullable Path namespace) {
    /** The bridge that pods of a node are at. */
    public static final String BRIDGE = "keelson0";

    private static final int NAME_LETTERS_MAX = 15;

    /**
     * Checks them.
     *
     * @throws IllegalArgumentException if the name is none of a link
     */
    public BridgeSettings {
        if (!bridge.matches("[a-z][a-z0-9-]{0," + (NAME_LETTERS_MAX - 1) + "}")) {
            throw new IllegalArgumentException("\"" + bridge + "\" is no name for a bridge");
        }
    }

    /** With the usual names. */
    public static BridgeSettings of(Path state) {
        return new BridgeSettings(state, BRIDGE, 0, null);
    }
}
