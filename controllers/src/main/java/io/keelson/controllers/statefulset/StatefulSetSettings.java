package io.keelson.controllers.statefulset;

/**
 * What a user can set.
 *
 * @param workers how many sets are worked on at a time: {@code --concurrent-statefulset-syncs}
 */
public record StatefulSetSettings(int workers) {
    /** As the original has it. */
    public static final StatefulSetSettings DEFAULT = new StatefulSetSettings(5);
}
