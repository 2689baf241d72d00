package io.keelson.agent.image;

import java.time.Duration;

/**
 * How images are pulled.
 *
 * @param serial one after the other ({@code serializeImagePulls})
 * @param parallelMax how many at once if not; 0 for as many as there are ({@code maxParallelImagePulls})
 * @param perSecond how many pulls a second may begin in the long run; 0 for any ({@code registryPullQPS})
 * @param burst how many may begin at once ({@code registryBurst})
 * @param pullLimit after which a pull is given up
 */
public record PullSettings(boolean serial, int parallelMax, int perSecond, int burst, Duration pullLimit) {
    /** Those of the kubelet; it gives no pull up, which takes longer than two hours. */
    public static final PullSettings DEFAULTS = new PullSettings(true, 0, 5, 10, Duration.ofHours(2));

    /** Checks them. */
    public PullSettings {
        if (parallelMax < 0 || perSecond < 0 || burst < 0) {
            throw new IllegalArgumentException("numbers of image pulls must not be negative");
        }
        if (serial && parallelMax > 1) {
            throw new IllegalArgumentException(
                    "maxParallelImagePulls cannot be larger than 1 unless serializeImagePulls is set to false");
        }
    }
}
