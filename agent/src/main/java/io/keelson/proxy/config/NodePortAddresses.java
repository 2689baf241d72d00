package io.keelson.proxy.config;

import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.objects.IpPrefix;
import io.keelson.proxy.rules.Family;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * At which addresses of the node its ports are served.
 *
 * @param isPrimary at the one of each family by which the node is known
 * @param ranges otherwise, at those that lie in one of these; if there are none, at all
 */
public record NodePortAddresses(boolean isPrimary, List<IpPrefix> ranges) {
    /** The word for the addresses by which the node is known. */
    public static final String PRIMARY = "primary";

    private static final IpPrefix LOOPBACK = Objects.requireNonNull(IpPrefix.parse("127.0.0.0/8"));
    private static final IpPrefix LOOPBACK_V6 = Objects.requireNonNull(IpPrefix.parse("::1/128"));

    public NodePortAddresses {
        ranges = List.copyOf(ranges);
    }

    /**
     * What a configuration means.
     *
     * @param texts null if nothing is said
     * @param primaryByDefault what that means then: the primary addresses, or all
     */
    static NodePortAddresses of(@Nullable List<String> texts, boolean primaryByDefault) {
        if (texts == null || texts.isEmpty()) {
            return new NodePortAddresses(primaryByDefault, List.of());
        }
        List<IpPrefix> ranges = new ArrayList<>();
        for (String text : texts) {
            IpPrefix range = IpPrefix.parse(text);
            if (range != null) {
                ranges.add(range);
            }
        }
        return new NodePortAddresses(texts.contains(PRIMARY), ranges);
    }

    /** Whether all addresses of a family count, whatever they are. */
    public boolean isAll(Family family) {
        return !isPrimary
                && (ranges.isEmpty()
                        || ranges.stream()
                                .anyMatch(range -> range.length() == 0 && Family.of(range.first()) == family));
    }

    /** Whether loopback addresses may count. */
    public boolean mayBeLoopback(Family family) {
        IpPrefix loopback = family == Family.IPV4 ? LOOPBACK : LOOPBACK_V6;
        return isAll(family) || ranges.stream().anyMatch(range -> range.overlaps(loopback));
    }

    /**
     * Those that count.
     *
     * @param primary by which the node is known
     * @param all of the machine
     */
    public List<IpAddress> among(Collection<IpAddress> primary, Collection<IpAddress> all) {
        if (isPrimary) {
            return List.copyOf(primary);
        }
        return all.stream()
                .filter(address ->
                        isAll(Family.of(address)) || ranges.stream().anyMatch(range -> range.contains(address)))
                .toList();
    }
}
