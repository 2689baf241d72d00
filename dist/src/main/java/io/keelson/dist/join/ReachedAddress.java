package io.keelson.dist.join;

import io.fabric8.kubernetes.api.model.Config;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.keelson.controllers.objects.OrEmpty;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where other machines reach a cluster's API, {@code HOST:PORT}. */
final class ReachedAddress {
    private static final Logger LOG = LoggerFactory.getLogger(ReachedAddress.class);
    private static final String API = "kubernetes";
    private static final int HTTPS = 443;
    private static final Duration CONNECT_MAX = Duration.ofSeconds(2);

    private ReachedAddress() {}

    /**
     * As the cluster tells joining machines already, or as this machine reaches it; if both are a loopback, where the Service of
     * the API leads to.
     */
    static String of(KubernetesClient client) {
        String own = hostPort(client.getMasterUrl().toString());
        return told(client)
                .filter(address -> !isLoopback(address))
                .or(() -> Optional.of(own).filter(address -> !isLoopback(address)))
                .or(() -> led(client).filter(address -> !isLoopback(address) && answers(address)))
                .orElse(own);
    }

    private static Optional<String> told(KubernetesClient client) {
        ConfigMap info = client.configMaps()
                .inNamespace(JoinAccess.PUBLIC)
                .withName(JoinAccess.INFO)
                .get();
        if (info == null) {
            return Optional.empty();
        }
        try {
            Config kubeconfig = new KubernetesSerialization()
                    .unmarshal(OrEmpty.of(info.getData()).getOrDefault("kubeconfig", ""), Config.class);
            return Optional.of(
                    hostPort(kubeconfig.getClusters().getFirst().getCluster().getServer()));
        } catch (RuntimeException e) {
            LOG.warn("what {} tells joining machines is no kubeconfig: {}", JoinAccess.INFO, e.toString());
            return Optional.empty();
        }
    }

    private static Optional<String> led(KubernetesClient client) {
        try {
            List<EndpointSlice> slices = client.discovery()
                    .v1()
                    .endpointSlices()
                    .inNamespace("default")
                    .withLabel("kubernetes.io/service-name", API)
                    .list()
                    .getItems();
            return slices.stream()
                    .filter(slice -> !OrEmpty.of(slice.getPorts()).isEmpty())
                    .flatMap(slice -> OrEmpty.of(slice.getEndpoints()).stream()
                            .flatMap(endpoint -> endpoint.getAddresses().stream())
                            .map(address -> address.contains(":") ? "[" + address + "]" : address)
                            .map(address ->
                                    address + ":" + slice.getPorts().getFirst().getPort()))
                    .findFirst();
        } catch (KubernetesClientException e) {
            LOG.debug("it is not known where the Service of the API leads to: {}", e.getMessage());
            return Optional.empty();
        }
    }

    /** An API server on the loopback tells its Service an address at which it does not listen. */
    private static boolean answers(String address) {
        URI uri = URI.create("https://" + address);
        try (Socket socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(OrEmpty.of(uri.getHost()), uri.getPort()),
                    Math.toIntExact(CONNECT_MAX.toMillis()));
            return true;
        } catch (IOException e) {
            LOG.debug("{} does not answer: {}", address, e.getMessage());
            return false;
        }
    }

    private static String hostPort(String url) {
        URI uri = URI.create(url);
        return OrEmpty.of(uri.getHost()) + ":" + (uri.getPort() < 0 ? HTTPS : uri.getPort());
    }

    /** Whether an address is of the machine on which it is typed, for everybody. */
    static boolean isLoopback(String address) {
        return address.matches("(localhost|127\\.[0-9.]+|\\[::1]|0\\.0\\.0\\.0|\\[::]):[0-9]+");
    }
}
