package io.keelson.benchmarks.load;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiFunction;

/** The workloads by name, in the order of the table. */
final class KvWorkloads {
    /**
     * Sizes that the workloads share.
     *
     * @param clients concurrent clients where the workload has many
     * @param keys how many keys gets and puts choose from
     * @param valueBytes size of a value
     */
    record Sizes(int clients, int keys, int valueBytes) {}

    /**
     * A workload as the table names it.
     *
     * @param title what it does
     * @param unit what is counted
     * @param make makes it for a target
     */
    record Entry(String title, String unit, BiFunction<EtcdConnections, Sizes, Workload> make) {}

    private static final int WATCHERS = 100;
    private static final int IDLE_WATCHES = 10_000;
    private static final int RANGE_CLIENTS = 16;

    private KvWorkloads() {}

    static Map<String, Entry> all() {
        Map<String, Entry> all = new LinkedHashMap<>();
        all.put("put", keyValue("put, many clients", KeyValueWorkload.Kind.PUT, 0));
        all.put("put-1", keyValue("put, 1 client", KeyValueWorkload.Kind.PUT, 1));
        all.put("get", keyValue("get, linearizable", KeyValueWorkload.Kind.GET, 0));
        all.put("get-serializable", keyValue("get, serializable", KeyValueWorkload.Kind.SERIALIZABLE_GET, 0));
        all.put("txn", keyValue("compare and put", KeyValueWorkload.Kind.COMPARE_AND_PUT, 0));
        all.put(
                "range",
                new Entry(
                        "range of " + KeyValueWorkload.RANGE_KEYS,
                        "keys",
                        (connections, sizes) -> new KeyValueWorkload(
                                KeyValueWorkload.Kind.RANGE,
                                connections,
                                Math.min(RANGE_CLIENTS, sizes.clients()),
                                sizes.keys(),
                                sizes.valueBytes())));
        all.put(
                "watch-400",
                new Entry(
                        WATCHERS + " watchers, 400 puts/s",
                        "events",
                        (connections, sizes) ->
                                new WatchFanOutWorkload(connections, WATCHERS, 400, sizes.valueBytes())));
        all.put(
                "watch",
                new Entry(
                        WATCHERS + " watchers, full speed",
                        "events",
                        (connections, sizes) -> new WatchFanOutWorkload(connections, WATCHERS, 0, sizes.valueBytes())));
        all.put(
                "watch-idle",
                new Entry(
                        "put beside " + IDLE_WATCHES + " idle watches",
                        "ops",
                        (connections, sizes) -> new IdleWatchesWorkload(
                                connections,
                                IDLE_WATCHES,
                                new KeyValueWorkload(
                                        KeyValueWorkload.Kind.PUT,
                                        connections,
                                        sizes.clients(),
                                        sizes.keys(),
                                        sizes.valueBytes()))));
        all.put(
                "lease",
                new Entry(
                        "lease keep-alive",
                        "ops",
                        (connections, sizes) -> new LeaseKeepAliveWorkload(connections, sizes.clients())));
        all.put("mixed", keyValue("80 % get, 20 % put", KeyValueWorkload.Kind.MIXED, 0));
        return all;
    }

    private static Entry keyValue(String title, KeyValueWorkload.Kind kind, int clients) {
        return new Entry(
                title,
                "ops",
                (connections, sizes) -> new KeyValueWorkload(
                        kind, connections, clients == 0 ? sizes.clients() : clients, sizes.keys(), sizes.valueBytes()));
    }
}
