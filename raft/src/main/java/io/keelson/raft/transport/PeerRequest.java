package io.keelson.raft.transport;

import com.google.protobuf.ByteString;

/** A request of another member, to be answered once, from any thread. Answering a second time does nothing. */
public interface PeerRequest {
    /** Who asks; 0 for a joiner, that is someone who is not a member yet. */
    long from();

    ByteString payload();

    void respond(ByteString payload);

    /** Answers that the request is refused. */
    void refuse(String why);
}
