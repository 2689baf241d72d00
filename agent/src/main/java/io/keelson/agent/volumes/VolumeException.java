package io.keelson.agent.volumes;

/** A volume cannot be made now. The message goes to users. */
public final class VolumeException extends Exception {
    private static final long serialVersionUID = 1;

    /** With what is wrong and, where a user can mend it, how. */
    public VolumeException(String message) {
        super(message);
    }

    /** With what it comes from. */
    public VolumeException(String message, Throwable cause) {
        super(message, cause);
    }

    /** What is wrong. */
    public String message() {
        String message = getMessage();
        return message == null ? "" : message;
    }
}
