package io.keelson.proxy.rules;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A chain that chooses among so many endpoints. All groups that have as many share it, so that there are no more of them than
 * there are different numbers.
 *
 * @param count how many endpoints; at least one
 * @param isLocal whether among those that packets from outside stay on the node with
 * @param affinitySeconds how long clients keep what was chosen; 0 if they do not
 */
public record ChoiceChain(int count, boolean isLocal, int affinitySeconds) {
    private static final Pattern LABEL =
            Pattern.compile("(cluster|local)-([1-9][0-9]{0,6})(?:-kept-([1-9][0-9]{0,6})s)?");

    /** Its name in the kernel. */
    public String label() {
        return (isLocal ? "local-" : "cluster-")
                + count
                + (affinitySeconds == 0 ? "" : "-kept-" + affinitySeconds + "s");
    }

    /** The chain of a name; empty if it is that of another one. */
    public static Optional<ChoiceChain> parse(String label) {
        Matcher matcher = LABEL.matcher(label);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String seconds = matcher.group(3);
        return Optional.of(new ChoiceChain(
                Integer.parseInt(matcher.group(2)),
                matcher.group(1).equals("local"),
                seconds == null ? 0 : Integer.parseInt(seconds)));
    }
}
