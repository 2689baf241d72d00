package io.keelson.apiserver.services;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Ports of nodes.
 *
 * @param size how many; 0 if there are none
 */
public record PortRange(int first, int size) {
    /** {@code 30000-32767}. */
    public static final PortRange DEFAULT = new PortRange(30_000, 2_768);

    private static final int PORT_MAX = 65_535;
    private static final int CHOSEN_MIN = 16;
    private static final int CHOSEN_MAX = 128;
    private static final int CHOSEN_PART = 32;
    private static final Pattern FORM = Pattern.compile("(\\d{1,5})(?:([-+])(\\d{1,5}))?");

    /**
     * Reads {@code 30000-32767} (both included), {@code 30000+100} (these hundred more) or {@code 30000}.
     *
     * @throws IllegalArgumentException if it is nothing of that
     */
    public static PortRange parse(String text) {
        Matcher form = FORM.matcher(text.strip());
        if (!form.matches()) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is not a valid port range: it must be like 30000-32767, 30000+100 or 30000");
        }
        int first = Integer.parseInt(form.group(1));
        int last = first;
        if (form.group(2) != null) {
            int second = Integer.parseInt(form.group(3));
            last = form.group(2).equals("-") ? second : Math.min(first + second, PORT_MAX);
        }
        if (first > PORT_MAX || last > PORT_MAX) {
            throw new IllegalArgumentException("the port range cannot be greater than 65535: " + text);
        }
        if (last < first) {
            throw new IllegalArgumentException("end port cannot be less than start port: " + text);
        }
        return new PortRange(first, last - first + 1);
    }

    boolean contains(int port) {
        return port >= first && port < first + size;
    }

    /** How many of the first ports are left to those who choose theirs, as long as others are free. */
    int chosen() {
        return size <= CHOSEN_MIN ? 0 : Math.clamp(size / CHOSEN_PART, CHOSEN_MIN, CHOSEN_MAX);
    }

    @Override
    public String toString() {
        return first + "-" + (first + size - 1);
    }
}
