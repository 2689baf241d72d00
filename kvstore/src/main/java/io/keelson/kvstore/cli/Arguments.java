package io.keelson.kvstore.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The flags and arguments of one call, read as pflag reads them: flags anywhere before {@code --}, {@code --flag=value}
 * or {@code --flag value}, short flags in one word, booleans with {@code =false}. Not thread safe.
 */
final class Arguments {
    private final Map<String, Flag> flags = new HashMap<>();
    private final Map<Character, Flag> letters = new HashMap<>();
    private final Map<String, String> values = new HashMap<>();
    private final List<String> words = new ArrayList<>();

    private Arguments(List<Flag> known) {
        for (Flag flag : known) {
            flags.put(flag.name(), flag);
            if (flag.letter() != 0) {
                letters.put(flag.letter(), flag);
            }
        }
    }

    /**
     * Reads a call.
     *
     * @throws IllegalArgumentException with pflag's text for the first thing that is wrong
     */
    static Arguments parse(List<Flag> known, List<String> arguments) {
        Arguments parsed = new Arguments(known);
        parsed.parse(arguments);
        return parsed;
    }

    private void parse(List<String> arguments) {
        int at = 0;
        while (at < arguments.size()) {
            String argument = arguments.get(at++);
            if (argument.length() < 2 || argument.charAt(0) != '-') {
                words.add(argument);
            } else if (argument.equals("--")) {
                words.addAll(arguments.subList(at, arguments.size()));
                return;
            } else if (argument.startsWith("--")) {
                at = longFlag(argument, arguments, at);
            } else {
                at = shortFlags(argument, arguments, at);
            }
        }
    }

    private int longFlag(String argument, List<String> arguments, int next) {
        int equals = argument.indexOf('=');
        String name = argument.substring(2, equals < 0 ? argument.length() : equals);
        if (name.isEmpty() || name.startsWith("-")) {
            throw new IllegalArgumentException("bad flag syntax: " + argument);
        }
        Flag flag = flags.get(name);
        if (flag == null) {
            throw new IllegalArgumentException("unknown flag: --" + name);
        }
        if (equals >= 0) {
            set(flag, argument.substring(equals + 1));
            return next;
        }
        if (flag.kind() == Flag.Kind.BOOL) {
            set(flag, "true");
            return next;
        }
        if (next == arguments.size()) {
            throw new IllegalArgumentException("flag needs an argument: " + argument);
        }
        set(flag, arguments.get(next));
        return next + 1;
    }

    private int shortFlags(String argument, List<String> arguments, int next) {
        int at = 1;
        while (at < argument.length()) {
            char letter = argument.charAt(at);
            Flag flag = letters.get(letter);
            String rest = argument.substring(at + 1);
            if (flag == null) {
                throw new IllegalArgumentException(
                        "unknown shorthand flag: '" + letter + "' in -" + argument.substring(at));
            }
            if (rest.startsWith("=")) {
                set(flag, rest.substring(1));
                return next;
            }
            if (flag.kind() == Flag.Kind.BOOL) {
                set(flag, "true");
                at++;
                continue;
            }
            if (!rest.isEmpty()) {
                set(flag, rest);
                return next;
            }
            if (next == arguments.size()) {
                throw new IllegalArgumentException(
                        "flag needs an argument: '" + letter + "' in -" + argument.substring(at));
            }
            set(flag, arguments.get(next));
            return next + 1;
        }
        return next;
    }

    private void set(Flag flag, String value) {
        try {
            flag.check(value);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "invalid argument " + GoQuote.quote(value) + " for " + GoQuote.quote(flag.shown()) + " flag: "
                            + e.getMessage(),
                    e);
        }
        String before = values.get(flag.name());
        boolean adds = flag.kind() == Flag.Kind.STRINGS && before != null;
        values.put(flag.name(), adds ? before + "," + value : value);
    }

    /** Takes a flag's value from elsewhere, unless it was given; an unusable one is left out, as etcdctl does. */
    void setFromEnvironment(Flag flag, String value) {
        try {
            flag.check(value);
            values.putIfAbsent(flag.name(), value);
        } catch (IllegalArgumentException e) {
            values.remove(flag.name());
        }
    }

    /** The arguments that are no flags. */
    List<String> words() {
        return words;
    }

    boolean given(String name) {
        return values.containsKey(name);
    }

    String string(String name) {
        String value = values.get(name);
        if (value != null) {
            return value;
        }
        Flag flag = flags.get(name);
        if (flag == null) {
            throw new IllegalStateException("no flag --" + name);
        }
        return flag.initial();
    }

    @Nullable
    Flag flag(String name) {
        return flags.get(name);
    }

    boolean bool(String name) {
        return GoNumbers.parseBool(string(name));
    }

    long int64(String name) {
        return GoNumbers.parseInt(string(name), 0);
    }

    Duration duration(String name) {
        return GoDuration.parse(string(name));
    }

    List<String> strings(String name) {
        String value = string(name);
        return value.isEmpty() ? List.of() : ByteText.split(value, ',');
    }
}
