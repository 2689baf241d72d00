package io.keelson.apiserver.egress;

import io.keelson.apiserver.egress.EgressSelectorConfiguration.Connection;
import io.keelson.kvstore.metrics.Metrics;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Knows through which proxy whom is connected to. Closed when nothing is connected to any more. Any thread. */
public final class EgressSelector implements AutoCloseable {
    /** Everybody is connected to directly. */
    public static final EgressSelector DIRECT = new EgressSelector(Map.of());

    private final Map<EgressType, EgressProxy> proxies;

    private EgressSelector(Map<EgressType, EgressProxy> proxies) {
        this.proxies = Map.copyOf(proxies);
    }

    /**
     * What a configuration says. Proxies need not be there yet.
     *
     * @param file an {@code EgressSelectorConfiguration}
     * @throws IOException naming the flag, and what is wrong with the file or those that it names
     */
    public static EgressSelector read(Path file, Metrics metrics) throws IOException {
        try {
            EgressSelectorConfiguration configuration = EgressSelectorConfiguration.read(file);
            DialMetrics dials = new DialMetrics(metrics);
            Map<EgressType, EgressProxy> proxies = new EnumMap<>(EgressType.class);
            for (Map.Entry<EgressType, Connection> selection :
                    configuration.selections().entrySet()) {
                switch (selection.getValue()) {
                    case Connection.Direct _ -> {
                        // As if it were not named.
                    }
                    case Connection.OverTcp over -> proxies.put(selection.getKey(), ConnectProxy.of(over, dials));
                    case Connection.OverUnixSocket over ->
                        proxies.put(selection.getKey(), ConnectProxy.of(over, dials));
                    case Connection.Konnectivity over -> {
                        if (selection.getKey() == EgressType.ETCD) {
                            throw new IOException(
                                    "failed to create dialer for egressSelection \"etcd\": proxyProtocol GRPC"
                                            + " is not supported for the store, HTTPConnect is");
                        }
                        proxies.put(selection.getKey(), new KonnectivityProxy(over.socket(), dials));
                    }
                }
            }
            return new EgressSelector(proxies);
        } catch (IOException e) {
            throw new IOException("--egress-selector-config-file: " + e.getMessage(), e);
        }
    }

    /** Through which proxy these are connected to; null for none. */
    public @Nullable EgressProxy proxy(EgressType type) {
        return proxies.get(type);
    }

    /** Through which proxy the store is connected to; null for none. */
    public @Nullable ConnectProxy toStore() {
        return proxies.get(EgressType.ETCD) instanceof ConnectProxy proxy ? proxy : null;
    }

    @Override
    public void close() {
        proxies.values().forEach(EgressProxy::close);
    }
}
