package io.keelson.apiserver.server;

import io.keelson.apiserver.admission.ObjectLookup;
import io.keelson.apiserver.features.FeatureGates;
import io.keelson.apiserver.routing.ServiceRouting;
import io.keelson.apiserver.store.EtcdConnection;
import io.keelson.kvstore.metrics.Metrics;
import java.time.Instant;
import java.time.InstantSource;

/**
 * What all that a server is put together from is made with.
 *
 * @param clock what it takes for the time
 * @param begun when its start began
 * @param metrics where it counts
 * @param parts what ends with it
 */
record ServerContext(ApiServerConfig config, InstantSource clock, Instant begun, Metrics metrics, Parts parts) {
    static ServerContext of(ApiServerConfig config, InstantSource clock) {
        return new ServerContext(config, clock, clock.instant(), new Metrics(), new Parts());
    }

    <T extends AutoCloseable> T part(T part) {
        return parts.add(part);
    }

    ClusterSettings cluster() {
        return config.cluster();
    }

    FeatureGates features() {
        return config.cluster().api().features();
    }

    /** What all keys of the store begin with. */
    String keyPrefix() {
        EtcdConnection etcd = config.etcd();
        return etcd == null ? EtcdConnection.DEFAULT_PREFIX : etcd.prefix();
    }

    /** Where clients on this machine reach it. */
    String clientHost() {
        return config.bindAddress().equals("0.0.0.0") || config.bindAddress().equals("::")
                ? "127.0.0.1"
                : config.bindAddress();
    }

    /** How this server is told apart from others of its cluster in metrics. */
    static String identity() {
        return ServerIdentity.nameOf(AdvertisedAddress.hostname());
    }

    /** Whether nodes may be known as such; a file may come to say so later. */
    boolean tellsNodesApart() {
        return config.authorizationModes().contains("Node")
                || config.cluster().access().authorization().configFile() != null;
    }

    /** How Services of this cluster are reached. */
    ServiceRouting routing(ObjectLookup objects) {
        return new ServiceRouting(objects, config.cluster().connections().serviceEndpoints());
    }
}
