package io.keelson.kvstore.cli;

/**
 * One flag of a command.
 *
 * @param letter its short form, or 0
 * @param initial its value when it is not given, as it would be given
 */
public record Flag(String name, char letter, Kind kind, String initial, String usage) {
    /** What its value is read as. */
    public enum Kind {
        BOOL,
        STRING,
        STRINGS,
        INT64,
        UINT,
        DURATION
    }

    /** One that is set by being there: no word behind it is its value. */
    public static Flag bool(String name, String usage) {
        return new Flag(name, '\0', Kind.BOOL, "false", usage);
    }

    /** One whose value is text. */
    public static Flag string(String name, String initial, String usage) {
        return new Flag(name, '\0', Kind.STRING, initial, usage);
    }

    static Flag int64(String name, String usage) {
        return new Flag(name, '\0', Kind.INT64, "0", usage);
    }

    static Flag duration(String name, String initial, String usage) {
        return new Flag(name, '\0', Kind.DURATION, initial, usage);
    }

    /** The same with a short form. */
    public Flag withLetter(char other) {
        return new Flag(name, other, kind, initial, usage);
    }

    Flag withInitial(String other) {
        return new Flag(name, letter, kind, other, usage);
    }

    /** The environment variable that sets it. */
    String environmentName() {
        StringBuilder variable = new StringBuilder("ETCDCTL_");
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            variable.append(c == '-' ? '_' : (char) (c - 'a' + 'A'));
        }
        return variable.toString();
    }

    /** How error texts name it. */
    String shown() {
        return letter == 0 ? "--" + name : "-" + letter + ", --" + name;
    }

    /** Its initial value as help shows it. */
    String shownInitial() {
        return switch (kind) {
            case BOOL -> "[=" + initial + "]";
            case STRING -> "=\"" + initial + "\"";
            case STRINGS -> "=[" + initial + "]";
            case INT64, UINT, DURATION -> "=" + initial;
        };
    }

    /**
     * Checks a value.
     *
     * @throws IllegalArgumentException with the text Go's parsers have for it
     */
    void check(String value) {
        switch (kind) {
            case BOOL -> GoNumbers.parseBool(value);
            case INT64 -> GoNumbers.parseInt(value, 0);
            case UINT -> GoNumbers.parseUint(value, 0);
            case DURATION -> GoDuration.parse(value);
            case STRING, STRINGS -> {}
        }
    }
}
