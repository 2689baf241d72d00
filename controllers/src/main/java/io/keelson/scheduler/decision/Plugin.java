package io.keelson.scheduler.decision;

/**
 * A rule or step of scheduling, at those extension points whose interfaces it implements: {@link PreEnqueue}, {@link
 * Filter}, {@link Score}, {@link Reserve}, {@link Permit}, and {@link Hinted} where it knows which events can undo its
 * rejections.
 */
public interface Plugin {
    /** As in {@code KubeSchedulerConfiguration}. */
    String name();
}
