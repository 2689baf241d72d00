package io.keelson.agent.image;

import java.time.Duration;

/**
 * How many dead containers are kept, for their logs and to be looked into.
 *
 * @param minAge how long one is left alone since it was made ({@code --minimum-container-ttl-duration})
 * @param perContainerMax of each container of a pod, so many dead runs; negative for all
 *     ({@code --maximum-dead-containers-per-container})
 * @param max of all together; negative for all ({@code --maximum-dead-containers})
 */
public record ContainerGarbagePolicy(Duration minAge, int perContainerMax, int max) {
    /** Those of the kubelet. */
    public static final ContainerGarbagePolicy DEFAULTS = new ContainerGarbagePolicy(Duration.ZERO, 1, -1);

    /** Checks them. */
    public ContainerGarbagePolicy {
        if (minAge.isNegative()) {
            throw new IllegalArgumentException("invalid minimum garbage collection age: " + minAge);
        }
    }
}
