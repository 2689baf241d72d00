package io.keelson.raft.transport;

/** Serves one method of the transport. */
@FunctionalInterface
public interface PeerHandler {
    /**
     * Called for each request, in the order in which one member sent them; requests of different members come
     * concurrently. Must not block for long: the following requests of the same member wait meanwhile. An exception is
     * answered as an error.
     */
    void handle(PeerRequest request);
}
