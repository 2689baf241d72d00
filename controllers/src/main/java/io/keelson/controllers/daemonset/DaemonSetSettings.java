package io.keelson.controllers.daemonset;

/**
 * What a user can set.
 *
 * @param workers how many sets are worked on at a time: {@code --concurrent-daemonset-syncs}
 */
public record DaemonSetSettings(int workers) {
    /** As the original has it. */
    public static final DaemonSetSettings DEFAULT = new DaemonSetSettings(2);
}
