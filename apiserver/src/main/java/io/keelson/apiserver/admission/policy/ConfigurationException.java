package io.keelson.apiserver.admission.policy;

/** A policy or its binding cannot be put to use as it is; the message says why. What follows is up to the policy. */
final class ConfigurationException extends Exception {
    private static final long serialVersionUID = 1L;

    ConfigurationException(String message) {
        super(message, null, false, false);
    }

    String message() {
        return String.valueOf(getMessage());
    }
}
