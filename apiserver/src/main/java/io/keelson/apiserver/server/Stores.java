package io.keelson.apiserver.server;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.keelson.apiserver.debug.StoreMembers;
import io.keelson.apiserver.egress.ConnectProxy;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.store.DividedStore;
import io.keelson.apiserver.store.EtcdConnection;
import io.keelson.apiserver.store.EtcdStore;
import io.keelson.apiserver.store.ObjectStore;
import io.keelson.apiserver.store.StoreOptions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stores that objects are in: one for all, and one for each set of servers to which flags send objects of single
 * resources. What is no object, and objects of custom kinds, are in the first.
 */
final class Stores implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Stores.class);

    private final List<Channel> channels = new ArrayList<>();
    private final List<ManagedChannel> opened = new ArrayList<>();
    private final List<EtcdStore> stores = new ArrayList<>();
    private final List<StoreMembers> members = new ArrayList<>();
    private final ObjectStore objects;

    private Stores(
            Channel first,
            @Nullable EtcdConnection connection,
            @Nullable ConnectProxy proxy,
            List<StoreOverride> overrides,
            String keyPrefix,
            List<Resource> builtIn,
            StoreOptions options) {
        channels.add(first);
        EtcdStore main = new EtcdStore(first, options);
        stores.add(main);
        members.add(new StoreMembers(nextName(), first, connection, proxy));
        Map<List<String>, EtcdStore> byServers = new HashMap<>();
        if (connection != null) {
            byServers.put(connection.servers(), main);
            for (StoreOverride override : overrides) {
                if (!byServers.containsKey(override.servers())) {
                    EtcdConnection other = connection.withServers(override.servers());
                    ManagedChannel channel = other.open(proxy);
                    members.add(new StoreMembers(nextName(), channel, other, proxy));
                    byServers.put(override.servers(), opened(channel, options));
                }
            }
        }
        Map<String, ObjectStore> byPrefix = new HashMap<>();
        for (StoreOverride override : inOrder(overrides)) {
            EtcdStore store = byServers.getOrDefault(override.servers(), main);
            boolean known = false;
            for (Resource resource : builtIn) {
                if (override.isFor(resource.name())) {
                    byPrefix.put(keyPrefix + "/" + resource.storagePath() + "/", store);
                    known = true;
                }
            }
            if (!known) {
                log.warn(
                        "--etcd-servers-overrides: there is no built-in resource {}/{}",
                        override.group(),
                        override.resource());
            }
        }
        objects = byPrefix.isEmpty() ? main : new DividedStore(main, byPrefix);
    }

    /** What is said of a resource goes before what is said of its group; of several, the last. */
    private static List<StoreOverride> inOrder(List<StoreOverride> overrides) {
        List<StoreOverride> ordered = new ArrayList<>();
        overrides.stream().filter(StoreOverride::ofWholeGroup).forEach(ordered::add);
        overrides.stream().filter(override -> !override.ofWholeGroup()).forEach(ordered::add);
        return ordered;
    }

    /** As metrics name them. */
    private String nextName() {
        return "etcd-" + members.size();
    }

    private EtcdStore opened(ManagedChannel channel, StoreOptions options) {
        opened.add(channel);
        channels.add(channel);
        EtcdStore store = new EtcdStore(channel, options);
        stores.add(store);
        return store;
    }

    /**
     * Opens them; does not wait for connections.
     *
     * @param first to the store for all that is nowhere else; stays open when this is closed
     * @param connection how that store is reached, and others are; null for an embedded one, which is the only one then
     * @param proxy through which they are reached; null for none
     * @param keyPrefix what all keys begin with, {@code /registry}
     * @param builtIn the resources that may be elsewhere
     * @throws IllegalArgumentException naming the flag that cannot be used
     */
    static Stores open(
            Channel first,
            @Nullable EtcdConnection connection,
            @Nullable ConnectProxy proxy,
            List<StoreOverride> overrides,
            String keyPrefix,
            List<Resource> builtIn,
            StoreOptions options) {
        return new Stores(first, connection, proxy, overrides, keyPrefix, builtIn, options);
    }

    /** All of them as one, by what keys begin with. */
    ObjectStore objects() {
        return objects;
    }

    /** Each by itself; the one for all that is nowhere else first. */
    List<EtcdStore> each() {
        return List.copyOf(stores);
    }

    /** Those that single resources are in. */
    List<EtcdStore> overriding() {
        return List.copyOf(stores.subList(1, stores.size()));
    }

    /** To each of them, in the same order. */
    List<Channel> channels() {
        return List.copyOf(channels);
    }

    /** Of each of them, in the same order. */
    List<StoreMembers> members() {
        return List.copyOf(members);
    }

    @Override
    public void close() {
        members.forEach(StoreMembers::close);
        stores.forEach(EtcdStore::close);
        opened.forEach(ManagedChannel::shutdownNow);
    }
}
