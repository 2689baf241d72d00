package io.keelson.kvstore.server.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * What {@code --feature-gates} says. Every name that etcd 3.6 and 3.7 know is taken. Those that decide nothing here have
 * one value that is always so; asking for the other is answered with a notice, as an ignored flag is.
 */
final class FeatureGates {
    static final String INITIAL_CORRUPT_CHECK = "InitialCorruptCheck";
    static final String COMPACT_HASH_CHECK = "CompactHashCheck";
    static final String RANGE_STREAM = "RangeStream";

    private static final String ALL_ALPHA = "AllAlpha";
    private static final Map<String, Boolean> DEFAULTS =
            Map.of(ALL_ALPHA, false, INITIAL_CORRUPT_CHECK, false, COMPACT_HASH_CHECK, false, RANGE_STREAM, true);

    /**
     * A gate that decides nothing here.
     *
     * @param silent the value that asks for nothing else than what is done anyway, or than etcd's default
     */
    private record Fixed(boolean silent, String why) {}

    private static final Map<String, Fixed> FIXED = new TreeMap<>(Map.of(
            "AllBeta", new Fixed(true, "name the gates that are meant"),
            "StopGRPCServiceOnDefrag", new Fixed(false, "calls are served while a member defragments"),
            "TxnModeWriteWithSharedBuffer",
                    new Fixed(true, "it tunes etcd's own storage engine; RocksDB has no counterpart"),
            "LeaseCheckpoint", new Fixed(false, "the time left of leases is always kept through a change of leader"),
            "LeaseCheckpointPersist",
                    new Fixed(false, "the time left of leases is always kept through a change of leader"),
            "SetMemberLocalAddr", new Fixed(false, "connections to members leave from the address the system chooses"),
            "PriorityRequest", new Fixed(true, "the system's own commands are never refused for load"),
            "FastLeaseKeepAlive", new Fixed(false, "renewals are acknowledged when they are committed")));

    private final Map<String, Boolean> values;

    private FeatureGates(Map<String, Boolean> values) {
        this.values = values;
    }

    /**
     * Reads the parts of the flag, each {@code NAME=true|false}.
     *
     * @param notices is told of values that have no effect
     */
    static FeatureGates read(List<String> parts, Consumer<String> notices) {
        Map<String, Boolean> given = new HashMap<>();
        for (String part : parts) {
            String[] pair = part.split("=", 2);
            String name = pair[0].trim();
            if (pair.length != 2 || !pair[1].trim().matches("(?i)true|false|1|0|t|f")) {
                throw ConfigException.invalid("--feature-gates: bad value for " + name + ", expected NAME=true|false");
            }
            boolean value = pair[1].trim().matches("(?i)true|1|t");
            Fixed fixed = FIXED.get(name);
            if (fixed == null && !DEFAULTS.containsKey(name)) {
                throw ConfigException.invalid("unrecognized feature gate: " + name);
            }
            if (fixed != null && value != fixed.silent) {
                notices.accept("--feature-gates " + name + "=" + value + " has no effect: " + fixed.why);
            }
            given.put(name, value);
        }
        Map<String, Boolean> values = new HashMap<>(DEFAULTS);
        if (given.getOrDefault(ALL_ALPHA, false)) {
            values.put(INITIAL_CORRUPT_CHECK, true);
            values.put(COMPACT_HASH_CHECK, true);
        }
        values.putAll(given);
        return new FeatureGates(values);
    }

    /** Whether a gate that decides something here is open. */
    boolean open(String name) {
        return values.getOrDefault(name, false);
    }
}
