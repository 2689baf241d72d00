package io.keelson.proxy.nft;

import io.keelson.proxy.rules.Family;
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
    /** Which endpoints clients were led to last: a map that packets fill. */
    static final String AFFINITY = "affinity";

    /** By how a frontend is to be treated: to which chain. */
    static final String TREATMENTS = "treatments";

    /** How many clients are remembered; of more, some may be led elsewhere. */
    static final int AFFINITY_ELEMENTS_MAX = 1 << 18;

    /** The types of values, as the program {@code nft} numbers them to show them. */
    private enum Type {
        IPV4(7, 4),
        IPV6(8, 16),
        PROTOCOL(12, 1),
        PORT(13, 2),
        WORD(19, 4);

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
     */
    record Named(String name, SetShape shape, int keyType, List<Integer> fields) {}

    /** All of a family's table. */
    static List<Named> all(Family family) {
        Type address = family == Family.IPV4 ? Type.IPV4 : Type.IPV6;
        List<Named> all = new ArrayList<>();
        all.add(map(TableSet.FRONTENDS.label(), 0, words(Type.WORD), address, Type.PROTOCOL, Type.PORT));
        all.add(map(TableSet.GROUPS.label(), 0, words(), Type.WORD));
        all.add(map(TableSet.ENDPOINTS.label(), 0, words(address, Type.PORT), Type.WORD, Type.WORD));
        all.add(set(TableSet.KEPT.label(), 0, Type.WORD, address, Type.PORT));
        all.add(set(TableSet.HAIRPIN.label(), 0, address, address));
        all.add(set(TableSet.CLUSTER_IPS.label(), 0, address));
        all.add(set(
                TableSet.SOURCES.label(),
                Nft.FLAG_INTERVAL | Nft.FLAG_CONCATENATION,
                address,
                Type.PROTOCOL,
                Type.PORT,
                address));
        all.add(set(TableSet.NODE_ADDRESSES.label(), 0, address));
        all.add(map(AFFINITY, Nft.FLAG_TIMEOUT | Nft.FLAG_EVALUATED, words(address, Type.PORT), Type.WORD, address));
        all.add(map(TREATMENTS, 0, words(), Type.WORD));
        return all;
    }

    private static Type[] words(Type... parts) {
        return parts;
    }

    private static Named map(String name, int flags, Type[] data, Type... key) {
        int type = data.length == 0 ? Nft.DATA_VERDICT : Type.number(data);
        return named(name, flags | Nft.FLAG_MAP, type, Type.bytes(data), key);
    }

    private static Named set(String name, int flags, Type... key) {
        return named(name, flags, 0, 0, key);
    }

    private static Named named(String name, int flags, int data, int dataBytes, Type... key) {
        List<Integer> fields = (flags & Nft.FLAG_CONCATENATION) == 0
                ? List.of()
                : Arrays.stream(key).map(part -> part.bytes).toList();
        return new Named(name, new SetShape(flags, Type.bytes(key), data, dataBytes), Type.number(key), fields);
    }
}
