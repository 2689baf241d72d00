package io.keelson.agent.embedded;

import io.keelson.agent.wire.cri.Signal;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Numbers of signals on Linux, which CRI and images call by name. */
final class Signals {
    private static final int SIGTERM = 15;
    private static final int MIN = 34;
    private static final int MAX = 64;

    /** In the order of their numbers, from 1. */
    private static final List<String> NAMES = List.of(
            "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
            "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF",
            "WINCH", "IO", "PWR", "SYS");

    private static final Map<String, Integer> NUMBERS = numbers();
    private static final Map<Integer, Signal> SIGNALS = signals();

    private Signals() {}

    private static Map<String, Integer> numbers() {
        Map<String, Integer> numbers = new HashMap<>();
        for (int i = 0; i < NAMES.size(); i++) {
            numbers.put(NAMES.get(i), i + 1);
        }
        numbers.put("IOT", numbers.get("ABRT"));
        numbers.put("CLD", numbers.get("CHLD"));
        numbers.put("POLL", numbers.get("IO"));
        numbers.put("RTMIN", MIN);
        numbers.put("RTMAX", MAX);
        for (int i = 1; i <= 15; i++) {
            numbers.put("RTMIN+" + i, MIN + i);
            numbers.put("RTMAX-" + i, MAX - i);
        }
        return Map.copyOf(numbers);
    }

    private static Map<Integer, Signal> signals() {
        Map<Integer, Signal> signals = new HashMap<>();
        for (Signal signal : Signal.values()) {
            if (signal != Signal.RUNTIME_DEFAULT && signal != Signal.UNRECOGNIZED) {
                signals.putIfAbsent(stop(signal, ""), signal);
            }
        }
        return Map.copyOf(signals);
    }

    /** What asks a container to end: as its config says, else its image, else SIGTERM. */
    static int stop(Signal wanted, String image) {
        if (wanted != Signal.RUNTIME_DEFAULT && wanted != Signal.UNRECOGNIZED) {
            return number(wanted.name().replace("PLUS", "+").replace("MINUS", "-"));
        }
        return number(image);
    }

    /** What CRI calls the signal that {@link #stop} gives. */
    static Signal named(int number) {
        return SIGNALS.getOrDefault(number, Signal.SIGTERM);
    }

    /** Of {@code SIGTERM}, {@code TERM} or {@code 15}; SIGTERM for what is none. */
    static int number(String text) {
        String name = text.toUpperCase(Locale.ROOT).strip();
        if (name.matches("[0-9]{1,2}")) {
            int number = Integer.parseInt(name);
            return number >= 1 && number <= MAX ? number : SIGTERM;
        }
        return NUMBERS.getOrDefault(name.startsWith("SIG") ? name.substring(3) : name, SIGTERM);
    }
}
