package io.keelson.kvstore.cli;

/** What etcdctl's exit codes mean. */
final class ExitCode {
    static final int SUCCESS = 0;
    static final int ERROR = 1;
    static final int BAD_CONNECTION = 2;
    static final int INVALID_INPUT = 3;
    static final int BAD_FEATURE = 4;
    static final int INTERRUPTED = 5;
    static final int IO = 6;
    static final int BAD_ARGUMENTS = 128;
    /** As if SIGPIPE had ended the process: whoever read the output went away. */
    static final int BROKEN_PIPE = 141;

    private ExitCode() {}
}
