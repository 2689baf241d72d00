package io.keelson.agent.stats;

import java.io.IOException;
import java.time.Duration;

/** Tells what a node and its pods use. Any thread. */
public interface UsageLook {
    /**
     * What they use now, or did a moment ago. Who asks while somebody looks waits, and gets the same.
     *
     * @param ageMax how old it may be; zero for a look of one's own
     * @throws IOException if it cannot be told, which may be different a moment later
     */
    NodeUsage usage(Duration ageMax) throws IOException, InterruptedException;
}
