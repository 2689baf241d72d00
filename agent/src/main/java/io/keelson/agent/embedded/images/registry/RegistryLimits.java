package io.keelson.agent.embedded.images.registry;

import java.time.Duration;

/**
 * What a registry is given.
 *
 * @param connect to connect
 * @param answer until an answer begins
 * @param window in which so many bytes must come
 * @param windowBytes at least, in each window
 * @param attempts for a request, and anew for each part of a blob that has come
 * @param backoff before the second attempt; twice as long before each further one
 * @param downloads at the same time
 * @param layerBytes of one layer as it is packed
 */
public record RegistryLimits(
        Duration connect,
        Duration answer,
        Duration window,
        long windowBytes,
        int attempts,
        Duration backoff,
        int downloads,
        long layerBytes) {
    /** Patient with slow lines, not with silence. */
    public static final RegistryLimits DEFAULT = new RegistryLimits(
            Duration.ofSeconds(15),
            Duration.ofSeconds(45),
            Duration.ofSeconds(60),
            16 << 10,
            5,
            Duration.ofMillis(200),
            3,
            64L << 30);

    /** The same where there is somebody else to ask: a request that fails is not tried again. */
    RegistryLimits once() {
        return new RegistryLimits(connect, answer, window, windowBytes, 1, backoff, downloads, layerBytes);
    }
}
