package io.keelson.agent.devices;

/** Why a container does not get its devices. */
final class DeviceProblem extends Exception {
    private static final long serialVersionUID = 1;

    DeviceProblem(String message) {
        super(message);
    }

    DeviceProblem(String message, Throwable cause) {
        super(message, cause);
    }

    String message() {
        String message = getMessage();
        return message == null ? "" : message;
    }
}
