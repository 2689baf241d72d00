package io.keelson.kvstore.server.config;

import java.util.Locale;

/**
 * One flag of the command line.
 *
 * @param name without dashes
 * @param type what its value has to look like
 * @param defaultValue the value if nobody gives one
 * @param help one line for {@code --help}
 * @param use what becomes of it
 * @param note for a flag that has no use here: why; for an old name: the name that took its place
 */
record Flag(String name, Type type, String defaultValue, String help, Use use, String note) {
    /** What a value has to look like. */
    enum Type {
        STRING,
        BOOL,
        INT,
        UINT,
        DURATION
    }

    /** What becomes of a flag. */
    enum Use {
        /** It does what etcd's flag of that name does. */
        EFFECTIVE,
        /** Nothing depends on it here and leaving it without effect harms nobody; said in the log when it is set. */
        IGNORED,
        /** Asks for something this server does not have: an error unless it is set to its default. */
        UNSUPPORTED,
        /** An older name of the flag in {@code note}. */
        RENAMED
    }

    String environmentVariable() {
        return "ETCD_" + name.toUpperCase(Locale.ROOT).replace('-', '_');
    }
}
