package io.keelson.apiserver.server;

import io.keelson.apiserver.authz.NodeGraph;
import io.keelson.apiserver.cache.CacheEntry;
import io.keelson.apiserver.rest.RestApi;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Keeps the graph of what nodes have to do with as the caches of pods, volumes and what belongs to nodes are. */
final class NodeFeed implements AutoCloseable {
    private final RestApi rest;
    private final NodeGraph graph;
    private final CacheFollower follower;

    NodeFeed(RestApi rest, NodeGraph graph) {
        this.rest = rest;
        this.graph = graph;
        this.follower = new CacheFollower(rest);
    }

    /** @param podCertificates whether nodes can ask for certificates of their pods */
    void start(boolean podCertificates) {
        follow("", "pods", NodeGraph.Kind.POD, this::putPod, graph::removePod);
        follow(
                "",
                "persistentvolumes",
                NodeGraph.Kind.VOLUME,
                entry -> graph.putVolume(entry.tree()),
                (_, name) -> graph.removeVolume(name));
        followOwned("storage.k8s.io", "volumeattachments", NodeGraph.Kind.VOLUME_ATTACHMENT);
        followOwned("resource.k8s.io", "resourceslices", NodeGraph.Kind.RESOURCE_SLICE);
        if (podCertificates) {
            followOwned("certificates.k8s.io", "podcertificaterequests", NodeGraph.Kind.POD_CERTIFICATE_REQUEST);
        }
    }

    /** Whether everything that was there at the start is known. */
    boolean isLoaded() {
        return follower.isLoaded();
    }

    private void putPod(CacheEntry entry) {
        // One that is on no node need not be read.
        if (entry.field("spec.nodeName").isEmpty()) {
            graph.removePod(entry.namespace(), entry.name());
        } else {
            graph.putPod(entry.tree());
        }
    }

    private void followOwned(String group, String resource, NodeGraph.Kind kind) {
        follow(
                group,
                resource,
                kind,
                entry -> graph.putOwned(kind, entry.tree()),
                (namespace, name) -> graph.removeOwned(kind, namespace, name));
    }

    /** @param remove is given the namespace and the name */
    private void follow(
            String group,
            String resource,
            NodeGraph.Kind kind,
            Consumer<CacheEntry> put,
            BiConsumer<String, String> remove) {
        follower.follow(rest.resource(group, resource), new Objects(graph, kind, put, remove));
    }

    private record Objects(
            NodeGraph graph, NodeGraph.Kind kind, Consumer<CacheEntry> put, BiConsumer<String, String> remove)
            implements CacheFollower.Follower {
        private record Key(String namespace, String name) {}

        @Override
        public void replace(List<CacheEntry> all) {
            Set<Key> there = new HashSet<>();
            for (CacheEntry entry : all) {
                put(entry);
                there.add(new Key(entry.namespace(), entry.name()));
            }
            graph.retain(kind, (namespace, name) -> there.contains(new Key(namespace, name)));
        }

        @Override
        public void put(CacheEntry entry) {
            put.accept(entry);
        }

        @Override
        public void remove(CacheEntry entry) {
            remove.accept(entry.namespace(), entry.name());
        }
    }

    @Override
    public void close() {
        follower.close();
    }
}
