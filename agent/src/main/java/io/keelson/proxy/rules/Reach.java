package io.keelson.proxy.rules;

import io.keelson.controllers.objects.IpPrefix;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a frontend is in the table: how its packets are treated, and the endpoints that they reach, at their indexes.
 *
 * @param rule what its port of a Service wants
 * @param port whose endpoints
 */
record Reach(FrontendRule rule, Port port) {
    /**
     * Takes an element that differs: what it was and what it is to be, null if it was not there or is not to be there.
     */
    interface Sink {
        void set(ElementKey key, @Nullable ElementValue before, @Nullable ElementValue after);
    }

    /** Is told of a chain that one more element leads to, or one less. */
    interface Uses {
        void change(ChoiceChain chain, int by);
    }

    /**
     * A port of a Service with its endpoints. Does not change.
     *
     * @param ids the numbers of those that clients keep
     */
    record Port(PortRules rules, Group cluster, Group local, Map<Destination, Integer> ids) {
        Group group(boolean isLocal) {
            return isLocal ? local : cluster;
        }
    }

    /** Endpoints at indexes, and the chain that chooses one of them; null if there are none. Does not change. */
    record Group(Destination[] slots, ChoiceChain.@Nullable Choice chain) {
        static final Group NONE = new Group(Slots.NONE, null);

        @Override
        public boolean equals(@Nullable Object other) {
            return this == other
                    || (other instanceof Group group
                            && Arrays.equals(slots, group.slots)
                            && Objects.equals(chain, group.chain));
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(slots);
        }
    }

    /**
     * Tells the elements of a frontend that differ between what it was and what it is, null if it was not or is not any
     * more.
     */
    static void difference(Frontend frontend, @Nullable Reach before, @Nullable Reach after, Sink sink, Uses uses) {
        Octets octets = Elements.of(frontend);
        entry(frontend, octets, before, after, sink, uses);
        sink.set(Elements.denial(frontend, octets), denial(before), denial(after));
        sources(octets, before, after, sink);
        for (boolean isLocal : new boolean[] {false, true}) {
            Group was = group(before, isLocal);
            Group is = group(after, isLocal);
            if (!was.equals(is)) {
                slots(frontend, octets, isLocal, was.slots(), is.slots(), sink);
            }
        }
    }

    private static Group group(@Nullable Reach reach, boolean isLocal) {
        return reach == null || !reach.rule.treatment().leadsTo(isLocal) ? Group.NONE : reach.port.group(isLocal);
    }

    private ChoiceChain.Entry entry() {
        return new ChoiceChain.Entry(
                rule.treatment(), group(this, false).chain(), group(this, true).chain());
    }

    private static void entry(
            Frontend frontend, Octets octets, @Nullable Reach before, @Nullable Reach after, Sink sink, Uses uses) {
        ChoiceChain.Entry was = before == null ? null : before.entry();
        ChoiceChain.Entry is = after == null ? null : after.entry();
        if (is != null
                && is.equals(was)
                && before != null
                && after != null
                && before.name().equals(after.name())) {
            return;
        }
        // First the one that comes, so that one that both need is not thought to be of no use in between.
        if (is != null) {
            uses.change(is, 1);
        }
        if (was != null) {
            uses.change(was, -1);
        }
        sink.set(
                Elements.frontend(frontend, octets),
                before == null || was == null ? null : ElementValue.goTo(was.label(), before.name()),
                after == null || is == null ? null : ElementValue.goTo(is.label(), after.name()));
    }

    private String name() {
        return port.rules().name().toString();
    }

    private static @Nullable ElementValue denial(@Nullable Reach reach) {
        return reach == null || reach.rule.denial() == Denial.NONE
                ? null
                : ElementValue.goTo(reach.rule.denial().label(), "");
    }

    private static void sources(Octets frontend, @Nullable Reach before, @Nullable Reach after, Sink sink) {
        List<IpPrefix> was = before == null ? null : before.rule.sources();
        List<IpPrefix> is = after == null ? null : after.rule.sources();
        if (Objects.equals(was, is)) {
            return;
        }
        sink.set(
                Elements.restricted(frontend),
                was == null ? null : ElementValue.NONE,
                is == null ? null : ElementValue.NONE);
        if (was != null) {
            was.forEach(range -> sink.set(
                    Elements.source(frontend, range),
                    ElementValue.NONE,
                    is != null && is.contains(range) ? ElementValue.NONE : null));
        }
        if (is != null) {
            is.forEach(range -> sink.set(
                    Elements.source(frontend, range),
                    was != null && was.contains(range) ? ElementValue.NONE : null,
                    ElementValue.NONE));
        }
    }

    private static void slots(
            Frontend frontend, Octets octets, boolean isLocal, Destination[] was, Destination[] is, Sink sink) {
        for (int i = 0; i < Math.max(was.length, is.length); i++) {
            Destination old = i < was.length ? was[i] : null;
            Destination now = i < is.length ? is[i] : null;
            if (!Objects.equals(old, now)) {
                sink.set(Elements.endpoint(frontend, octets, isLocal, i), destination(old), destination(now));
            }
        }
    }

    private static @Nullable ElementValue destination(@Nullable Destination destination) {
        return destination == null ? null : destination(destination, "");
    }

    /** The value of an element that leads to a destination. */
    static ElementValue destination(Destination destination, String comment) {
        return new ElementValue(Elements.destination(destination), "", comment);
    }
}
