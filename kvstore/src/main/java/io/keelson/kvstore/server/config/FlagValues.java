package io.keelson.kvstore.server.config;

import io.keelson.kvstore.server.config.Flag.Use;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The values an operator gave, from the command line, the environment or a file, each checked against its type. What was
 * not given has the flag's default. With a configuration file, only the file counts, as with etcd.
 */
final class FlagValues {
    private final Map<String, String> given = new LinkedHashMap<>();
    private final List<String> notices = new ArrayList<>();

    private FlagValues() {}

    /**
     * @param arguments with one or two dashes, {@code --name value} or {@code --name=value}
     * @param environment all variables; those that begin with {@code ETCD_} count
     */
    static FlagValues read(List<String> arguments, Map<String, String> environment) {
        FlagValues values = new FlagValues();
        Map<String, String> fromArguments = parse(arguments);
        String file = fromArguments.getOrDefault("config-file", environment.getOrDefault("ETCD_CONFIG_FILE", ""));
        if (!file.isEmpty()) {
            if (fromArguments.size() > (fromArguments.containsKey("config-file") ? 1 : 0)) {
                values.notices.add("a configuration file is given: other flags and environment variables are ignored");
            }
            ConfigFile.read(Path.of(file)).forEach((name, value) -> values.set(name, value, "in " + file));
            return values;
        }
        fromArguments.forEach((name, value) -> values.set(name, value, "on the command line"));
        values.readEnvironment(environment, fromArguments);
        return values;
    }

    private void readEnvironment(Map<String, String> environment, Map<String, String> fromArguments) {
        Map<String, Flag> byVariable = new TreeMap<>();
        Flags.all().forEach(flag -> byVariable.put(flag.environmentVariable(), flag));
        for (Map.Entry<String, String> variable : new TreeMap<>(environment).entrySet()) {
            if (!variable.getKey().startsWith("ETCD_") || variable.getValue().isEmpty()) {
                continue;
            }
            Flag flag = byVariable.get(variable.getKey());
            if (flag == null) {
                notices.add("unrecognized environment variable " + variable.getKey() + "=" + variable.getValue());
            } else if (fromArguments.containsKey(flag.name())) {
                throw ConfigException.invalid(
                        "conflicting environment variable " + variable.getKey()
                                + " is shadowed by corresponding command-line flag (either unset environment variable or disable flag)");
            } else {
                set(flag.name(), variable.getValue(), "for " + variable.getKey());
            }
        }
    }

    private static Map<String, String> parse(List<String> arguments) {
        Map<String, String> values = new LinkedHashMap<>();
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (argument.length() < 2 || argument.charAt(0) != '-' || argument.equals("--")) {
                throw ConfigException.invalid("'" + argument + "' is not a valid flag");
            }
            String text = argument.startsWith("--") ? argument.substring(2) : argument.substring(1);
            int equals = text.indexOf('=');
            String name = equals < 0 ? text : text.substring(0, equals);
            if (name.isEmpty() || name.startsWith("-")) {
                throw ConfigException.usage("bad flag syntax: " + argument);
            }
            if (name.equals("h") || name.equals("help")) {
                values.put("help", "true");
                continue;
            }
            Flag flag = Flags.named(name);
            if (flag == null) {
                throw ConfigException.usage("flag provided but not defined: -" + name);
            }
            String value;
            if (equals >= 0) {
                value = text.substring(equals + 1);
            } else if (flag.type() == Flag.Type.BOOL) {
                value = "true";
            } else if (i + 1 < arguments.size()) {
                value = arguments.get(++i);
            } else {
                throw ConfigException.usage("flag needs an argument: -" + name);
            }
            check(flag, value, "invalid value \"" + value + "\" for flag -" + name + ": parse error");
            values.put(name, value);
        }
        return values;
    }

    private void set(String name, String value, String where) {
        if (name.equals("help")) {
            given.put(name, value);
            return;
        }
        Flag flag = Flags.named(name);
        if (flag == null) {
            throw ConfigException.invalid("unknown setting " + name + " " + where);
        }
        check(flag, value, "invalid value \"" + value + "\" " + where + " of " + name + ": parse error");
        switch (flag.use()) {
            case EFFECTIVE -> given.put(name, value);
            case RENAMED -> {
                notices.add("--" + name + " is deprecated, use --" + flag.note());
                set(flag.note(), value, where);
            }
            case IGNORED -> {
                if (!value.equals(flag.defaultValue())) {
                    notices.add("--" + name + " has no effect: " + flag.note());
                }
            }
            case UNSUPPORTED -> {
                if (!canonical(flag, value).equals(canonical(flag, flag.defaultValue()))) {
                    throw ConfigException.invalid("--" + name + " cannot be used: " + flag.note());
                }
            }
        }
    }

    private static String canonical(Flag flag, String value) {
        return flag.type() == Flag.Type.BOOL ? Boolean.toString(parseBool(value)) : value;
    }

    private static void check(Flag flag, String value, String message) {
        try {
            switch (flag.type()) {
                case STRING -> {}
                case BOOL -> parseBool(value);
                case INT -> Long.decode(value);
                case UINT -> Long.parseUnsignedLong(value);
                case DURATION -> GoDuration.parse(value);
            }
        } catch (IllegalArgumentException e) {
            throw ConfigException.usage(message);
        }
    }

    private static boolean parseBool(String value) {
        return switch (value) {
            case "1", "t", "T", "true", "TRUE", "True" -> true;
            case "0", "f", "F", "false", "FALSE", "False" -> false;
            default -> throw new IllegalArgumentException(value);
        };
    }

    /** What the operator should know about the values given: flags without effect, unknown variables. */
    List<String> notices() {
        return List.copyOf(notices);
    }

    boolean isGiven(String name) {
        return given.containsKey(name);
    }

    String string(String name) {
        String value = given.get(name);
        if (value != null) {
            return value;
        }
        Flag flag = Flags.named(name);
        if (flag == null || flag.use() != Use.EFFECTIVE) {
            throw new IllegalStateException("no such flag: " + name);
        }
        return flag.defaultValue();
    }

    @Nullable
    Path path(String name) {
        String value = string(name);
        return value.isEmpty() ? null : Path.of(value);
    }

    boolean bool(String name) {
        return parseBool(string(name));
    }

    long number(String name) {
        return Long.decode(string(name));
    }

    /** A number that has to lie in a range. */
    int number(String name, int atLeast, int atMost) {
        long value;
        try {
            value = number(name);
        } catch (NumberFormatException e) {
            value = Long.MAX_VALUE;
        }
        if (value < atLeast || value > atMost) {
            throw ConfigException.invalid(
                    "--" + name + " must be between " + atLeast + " and " + atMost + " (set to " + string(name) + ")");
        }
        return (int) value;
    }

    Duration duration(String name) {
        return GoDuration.parse(string(name));
    }

    /** The parts of a list, none of them empty. */
    List<String> list(String name) {
        return Arrays.stream(string(name).split(",", -1))
                .map(String::trim)
                .filter(part -> !part.isEmpty())
                .toList();
    }
}
