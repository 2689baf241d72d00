package io.keelson.agent.embedded.images;

import java.io.IOException;

/**
 * Something about an image that whoever asked for it can mend; the message says what it is and, where that is known,
 * how.
 */
public final class ImageProblem extends IOException {
    private static final long serialVersionUID = 1L;

    /** What kind of trouble it is. */
    public enum Kind {
        /** There is no such image, here or at the registry. */
        NOT_FOUND,
        /** The reference is none, or an option makes no sense. */
        INVALID,
        /** The image, or what a registry or a file gave for it, is damaged, or tries what it must not. */
        DAMAGED,
        /** The registry wants other credentials. */
        DENIED,
        /** The registry does not answer, or not in time. */
        UNREACHABLE,
        /** Something of that name is in use, or there already. */
        CONFLICT,
        /** More than a limit allows. */
        TOO_LARGE,
        /** The machine's kernel lacks something. */
        UNSUPPORTED
    }

    private final Kind kind;

    /** A trouble. */
    public ImageProblem(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    /** A trouble with what it came from. */
    public ImageProblem(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** What kind of trouble it is. */
    public Kind kind() {
        return kind;
    }
}
