package io.keelson.raft.transport;

/** Bounds of the transport, in one place. */
final class TransportLimits {
    /** Largest frame taken in; a larger one breaks the stream. */
    static final int FRAME_BYTES_MAX = 64 << 20;

    /** Requests of one link that may await their answer; the next fails as not sent. */
    static final int UNANSWERED_REQUESTS_MAX = 16_384;

    /** The same in bytes of payload. A single request is always let in. */
    static final long UNANSWERED_BYTES_MAX = 128L << 20;

    /** Answers given to a member that does not read them; the next closes its stream. */
    static final int UNREAD_ANSWERS_MAX = 16_384;

    /** How long the other side may take to say who it is. */
    static final int HELLO_TIMEOUT_MS = 5_000;

    /**
     * A stream on which a request went unanswered is left when nothing at all was heard for so long: a new connection
     * comes through sooner than TCP's next retransmission on one that was cut for a while.
     */
    static final int SILENCE_MS = 1_000;

    /** First and longest pause between attempts to connect. */
    static final int RECONNECT_MIN_MS = 20;

    static final int RECONNECT_MAX_MS = 500;

    /** HTTP/2 pings on an idle connection, so that one that was cut without a word is noticed. */
    static final int KEEP_ALIVE_MS = 5_000;

    /** HTTP/2 window of a stream: what a sender may have under way. */
    static final int FLOW_CONTROL_WINDOW_BYTES = 8 << 20;

    /** Version of the frames; members of another refuse each other. */
    static final int PROTOCOL_VERSION = 1;

    private TransportLimits() {}
}
