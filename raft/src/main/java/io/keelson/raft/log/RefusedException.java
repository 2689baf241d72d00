package io.keelson.raft.log;

import java.io.IOException;

/** Something could not be done, and nothing was: the log is as it was before, and goes on working. */
final class RefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    RefusedException(String message) {
        super(message);
    }

    RefusedException(String message, IOException cause) {
        super(message + ": " + cause.getMessage(), cause);
    }
}
