package io.keelson.controllers.config;

/** A file that people write is not as it has to be. The message names file and line. */
public final class ConfigException extends Exception {
    private static final long serialVersionUID = 1;

    /** With what is wrong and where. */
    public ConfigException(String message) {
        super(message);
    }
}
