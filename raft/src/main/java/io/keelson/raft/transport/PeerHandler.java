package io.keelson.raft.transport;

/** Serves one method of the transport. */
@FunctionalInterface
public interface PeerHandler {
    /**
     * Called for each request, in the order in which one member sent them; requests of different members come
     * concurrently. Runs on an I/O thread and must not wait for anything, unless in {@link PeerTransport#pool}: everything
     * that members say to each other waits meanwhile. An exception is answered as an error.
     */
    void handle(PeerRequest request);
}
