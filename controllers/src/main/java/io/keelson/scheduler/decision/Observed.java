package io.keelson.scheduler.decision;

/**
 * Something of the cluster that plugins read beside the {@link io.keelson.scheduler.state.ClusterState}, such as its volumes.
 * One for a scheduler, whatever its profiles; the thread that owns the state owns it as well.
 */
public interface Observed {
    /** Says what it looks at. Called once, before anything is told. */
    void watch(Watches watches);
}
