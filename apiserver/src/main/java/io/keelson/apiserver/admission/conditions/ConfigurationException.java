package io.keelson.apiserver.admission.conditions;

/** A policy, its binding or a condition cannot be put to use as it is; the message says why. What follows is up to who has it. */
public final class ConfigurationException extends Exception {
    private static final long serialVersionUID = 1L;

    public ConfigurationException(String message) {
        super(message, null, false, false);
    }

    public String message() {
        return String.valueOf(getMessage());
    }
}
