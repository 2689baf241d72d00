package io.keelson.controllers.ephemeralvolume;

/**
 * How claims of ephemeral volumes are made.
 *
 * @param workers {@code --concurrent-ephemeralvolume-syncs}: how many pods are worked on at a time
 */
public record EphemeralVolumeSettings(int workers) {
    /** As without flags. */
    public static final EphemeralVolumeSettings DEFAULT = new EphemeralVolumeSettings(5);
}
