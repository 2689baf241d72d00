package io.keelson.agent.embedded.images.store;

/**
 * What an image may take.
 *
 * @param layerBytes of one layer's files together, holes in them counted
 * @param layerFiles of files and folders in one layer
 * @param freeBytes that the disk must have left; below, nothing is written
 */
public record StoreLimits(long layerBytes, long layerFiles, long freeBytes) {
    /** Far above any image in use, and what keeps a node working whose disk fills up. */
    public static final StoreLimits DEFAULT = new StoreLimits(64L << 30, 2_000_000, 128L << 20);
}
