package io.keelson.proxy.nft;

import io.keelson.proxy.rules.Family;
import io.keelson.proxy.rules.Octets;
import io.keelson.proxy.rules.TableSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How a map or set is made.
 *
 * @param flags of {@link Nft}
 * @param keyBytes how long keys are
 * @param data what it leads to, as nft's program numbers types; 0 for nothing, {@link Nft#DATA_VERDICT} for chains
 * @param dataBytes how long values are; 0 for nothing and for chains
 */
record SetShape(int flags, int keyBytes, int data, int dataBytes) {
    /** Which endpoints, by their numbers, clients were led to last: a set that packets fill. */
    static final String AFFINITY = "affinity";

    /** How many clients are remembered; of more, some may be led elsewhere. */
    static final int AFFINITY_ELEMENTS_MAX = 1 << 18;

    /** The types of values, as the program {@code nft} numbers them to show them. */
    private enum Type {
        NUMBER(4, 4),
        IPV4(7, 4),
        IPV6(8, 16),
        PROTOCOL(12, 1),
        PORT(13, 2);

        private static final int BITS = 6;

        private final int number;
        private final int bytes;

        Type(int number, int bytes) {
            this.number = number;
            this.bytes = bytes;
        }

        static int number(Type... parts) {
            return Arrays.stream(parts).mapToInt(part -> part.number).reduce(0, (all, one) -> all << BITS | one);
        }

        static int bytes(Type... parts) {
            return Arrays.stream(parts).mapToInt(part -> part.bytes + 3 & ~3).sum();
        }
    }

    /**
     * A set with its name and what its keys are made of.
     *
     * @param keyType as nft's program numbers types
     * @param fields how long the parts of a key are; empty if that does not matter
     * @param notes what nft's program keeps with it; empty where it can do without
     */
    record Named(String name, SetShape shape, int keyType, List<Integer> fields, Octets notes) {
        Named noted(byte[] told) {
            return new Named(name, shape, keyType, fields, Octets.of(told));
        }
    }

    /** All of a family's table. */
    static List<Named> all(Family family) {
        boolean isV6 = family == Family.IPV6;
        Type address = isV6 ? Type.IPV6 : Type.IPV4;
        Type[] frontend = {address, Type.PROTOCOL, Type.PORT};
        Type[] nodePort = {Type.PROTOCOL, Type.PORT};
        List<Named> all = new ArrayList<>();
        for (TableSet set : TableSet.values()) {
            all.add(
                    switch (set) {
                        case FRONTENDS, DENIALS -> chains(set, frontend);
                        case NODE_PORTS, NODE_PORT_DENIALS -> chains(set, nodePort);
                        case CLUSTER_ENDPOINTS, LOCAL_ENDPOINTS ->
                            endpoints(
                                    set,
                                    isV6,
                                    Origin.ofKeys(
                                            Origin.Field.destination(isV6),
                                            new Origin.Protocol(),
                                            Origin.Field.destinationPort(),
                                            new Origin.AnyNumber()),
                                    address,
                                    Type.PROTOCOL,
                                    Type.PORT,
                                    Type.NUMBER);
                        case NODE_PORT_CLUSTER_ENDPOINTS, NODE_PORT_LOCAL_ENDPOINTS ->
                            endpoints(
                                    set,
                                    isV6,
                                    Origin.ofKeys(
                                            new Origin.Protocol(),
                                            Origin.Field.destinationPort(),
                                            new Origin.AnyNumber()),
                                    Type.PROTOCOL,
                                    Type.PORT,
                                    Type.NUMBER);
                        case KEPT_ENDPOINTS ->
                            endpoints(
                                    set,
                                    isV6,
                                    Origin.ofKeys(new Origin.Protocol(), new Origin.AnyNumber()),
                                    Type.PROTOCOL,
                                    Type.NUMBER);
                        case RESTRICTED -> set(set.label(), 0, frontend);
                        case SOURCES ->
                            set(
                                    set.label(),
                                    Nft.FLAG_INTERVAL | Nft.FLAG_CONCATENATION,
                                    address,
                                    Type.PROTOCOL,
                                    Type.PORT,
                                    address);
                        case HAIRPIN -> set(set.label(), 0, address, address);
                        case CLUSTER_IPS, NODE_ADDRESSES -> set(set.label(), 0, address);
                    });
        }
        all.add(set(AFFINITY, Nft.FLAG_TIMEOUT | Nft.FLAG_EVALUATED, address, Type.NUMBER)
                .noted(Origin.ofKeys(Origin.Field.source(isV6), new Origin.AnyNumber())));
        return all;
    }

    private static Named chains(TableSet set, Type... key) {
        return named(set.label(), Nft.FLAG_MAP, Nft.DATA_VERDICT, 0, key);
    }

    private static Named endpoints(TableSet set, boolean isV6, byte[] keyNotes, Type... key) {
        Type[] data = {isV6 ? Type.IPV6 : Type.IPV4, Type.PORT};
        return named(set.label(), Nft.FLAG_MAP, Type.number(data), Type.bytes(data), key)
                .noted(Origin.ofValues(keyNotes, Origin.Field.destination(isV6), Origin.Field.destinationPort()));
    }

    private static Named set(String name, int flags, Type... key) {
        return named(name, flags, 0, 0, key);
    }

    private static Named named(String name, int flags, int data, int dataBytes, Type... key) {
        List<Integer> fields = (flags & Nft.FLAG_CONCATENATION) == 0
                ? List.of()
                : Arrays.stream(key).map(part -> part.bytes).toList();
        return new Named(
                name, new SetShape(flags, Type.bytes(key), data, dataBytes), Type.number(key), fields, Octets.EMPTY);
    }
}
