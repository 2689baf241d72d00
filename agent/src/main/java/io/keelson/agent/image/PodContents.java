package io.keelson.agent.image;

/** What of a pod is still needed, by its uid. Any thread, and at once. */
public interface PodContents {
    /** Whether all that there is of it may go: it was deleted, and its worker has ended. */
    boolean mayGo(String podUid);

    /**
     * Whether at least its containers and sandboxes may go: it has ended, as an evicted one has, though it is still
     * known.
     */
    boolean runtimeMayGo(String podUid);
}
