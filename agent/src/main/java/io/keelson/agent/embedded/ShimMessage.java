package io.keelson.agent.embedded;

/** What a frame to or from a pod's shim is about; {@code shim.h} has the same numbers. */
final class ShimMessage {
    static final int POD = 1;
    static final int START = 2;
    static final int SIGNAL = 3;
    static final int EXEC = 4;
    static final int ATTACH = 5;
    static final int STATUS = 6;
    static final int REOPEN_LOG = 7;
    static final int EVENTS = 8;
    static final int FORGET = 9;
    static final int SHUTDOWN = 10;
    static final int DIAL = 11;

    static final int INPUT = 32;
    static final int INPUT_END = 33;
    static final int RESIZE = 34;

    static final int DONE = 64;
    static final int FAILED = 65;
    static final int OUTPUT = 66;
    static final int ERROR_OUTPUT = 67;
    static final int EXITED = 68;

    /** Bytes of input in one frame, at most. */
    static final int DATA_MAX = 32 << 10;

    private ShimMessage() {}
}
