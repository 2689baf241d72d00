package io.keelson.apiserver.apply;

/** Values that cannot be tracked or merged by their schema. The message is for whoever sent them. */
final class MergeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MergeException(String message) {
        super(message, null, false, false);
    }

    String message() {
        return String.valueOf(getMessage());
    }
}
