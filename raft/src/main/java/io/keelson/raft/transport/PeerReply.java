package io.keelson.raft.transport;

import com.google.protobuf.ByteString;

/**
 * What becomes of a request. Exactly one method is called, once, on a thread of the transport and never from inside the
 * call that sent the request. Answers of one link arrive on one thread at a time.
 */
public interface PeerReply {
    /** Why there is no answer. */
    enum Failure {
        /** The request never left this member: the other has certainly not seen it. */
        NOT_SENT,
        /** The stream broke after the request was handed to it: the other may or may not have seen it. */
        LOST,
        /** No answer in time: the other may or may not have seen it. */
        TIMED_OUT,
        /** The other member answered that it will not or cannot do it; the message says why. */
        REFUSED
    }

    void answered(ByteString payload);

    void failed(Failure failure, String message);
}
