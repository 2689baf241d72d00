package io.keelson.dist.up;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.HttpURLConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The Service by which the cluster's DNS is known, named as in every cluster. Each node answers at its address itself. */
final class DnsService {
    private static final String NAMESPACE = "kube-system";
    private static final String NAME = "kube-dns";

    private static final Logger LOG = LoggerFactory.getLogger(DnsService.class);

    private DnsService() {}

    /** Makes it if it can be made: for a cluster of which only machines that join are nodes, if any do. */
    static void offer(KubernetesClient client, String address) {
        try {
            if (client.services().inNamespace(NAMESPACE).withName(NAME).get() == null) {
                var _ = client.resource(service(address)).create();
            }
        } catch (KubernetesClientException e) {
            // Whoever brings a DNS of his own may have it so; a node that does not says so itself.
            LOG.info("the Service {}/{} is not made: {}", NAMESPACE, NAME, e.getMessage());
        }
    }

    /**
     * Makes it if it is not there.
     *
     * @throws IOException if one of this name has another address, or another one has this address
     */
    static void ensure(KubernetesClient client, String address) throws IOException {
        Service found = client.services().inNamespace(NAMESPACE).withName(NAME).get();
        if (found != null) {
            if (!address.equals(found.getSpec().getClusterIP())) {
                throw new IOException("the Service " + NAMESPACE + "/" + NAME + " has the address "
                        + found.getSpec().getClusterIP() + ", not " + address
                        + ": delete it, or leave the DNS out with --disable=dns");
            }
            return;
        }
        try {
            var _ = client.resource(service(address)).create();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw new IOException(
                        "the Service " + NAMESPACE + "/" + NAME + " cannot be made: " + e.getMessage(), e);
            }
        }
    }

    private static Service service(String address) {
        return new ServiceBuilder()
                .withNewMetadata()
                .withNamespace(NAMESPACE)
                .withName(NAME)
                .addToLabels("k8s-app", "kube-dns")
                .addToLabels("kubernetes.io/name", "CoreDNS")
                .endMetadata()
                .withNewSpec()
                .withClusterIP(address)
                .addNewPort()
                .withName("dns")
                .withProtocol("UDP")
                .withPort(53)
                .endPort()
                .addNewPort()
                .withName("dns-tcp")
                .withProtocol("TCP")
                .withPort(53)
                .endPort()
                .endSpec()
                .build();
    }
}
