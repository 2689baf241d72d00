package io.keelson.agent.eviction;

import java.io.IOException;

/** Somebody who can tell what a node and its pods use. */
public interface UsageSource {
    /**
     * Looks now.
     *
     * @throws IOException if it cannot be told now
     */
    NodePicture look() throws IOException, InterruptedException;

    /**
     * Which of the node's disks are one and the same.
     *
     * @throws IOException if it cannot be told now
     */
    DiskLayout layout() throws IOException, InterruptedException;
}
