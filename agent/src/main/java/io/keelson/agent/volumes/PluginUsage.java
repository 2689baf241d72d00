package io.keelson.agent.volumes;

import java.util.Optional;

/**
 * What a storage plugin says of one of its volumes.
 *
 * @param bytes of the volume
 * @param inodes of its file system; nothing for devices
 * @param abnormal whether something is wrong with it; empty if the plugin does not tell that of volumes
 */
public record PluginUsage(Amount bytes, Amount inodes, Optional<Boolean> abnormal) {
    /** How much there is of something; zero where it is not told. */
    public record Amount(long total, long available, long used) {
        static final Amount NOTHING = new Amount(0, 0, 0);
    }
}
