package io.keelson.kvstore.server.config;

/** A flag, an environment variable or a line of the configuration file that cannot be used; the message names it. */
public final class ConfigException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int exitCode;

    private ConfigException(String message, int exitCode) {
        super(message, null, false, false);
        this.exitCode = exitCode;
    }

    /** A command line that cannot be read. etcd ends with 2 then. */
    public static ConfigException usage(String message) {
        return new ConfigException(message, 2);
    }

    /** A value, or a combination of values, that cannot be used. etcd ends with 1 then. */
    public static ConfigException invalid(String message) {
        return new ConfigException(message, 1);
    }

    /** With what the process ends. */
    public int exitCode() {
        return exitCode;
    }
}
