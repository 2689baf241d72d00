package io.keelson.controllers.manager;

import io.fabric8.kubernetes.api.model.APIService;
import io.fabric8.kubernetes.api.model.APIServiceBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the API server to pass the requests of some groups on to this process: by an APIService for each, and a Service
 * in kube-system of type {@code ExternalName} that names this process's host. Endpoints of a Service must not be on the
 * loopback interface, names may lead there; so it serves for processes beside the API server as for such elsewhere. It
 * needs no network of pods, but an API server that goes to the addresses of Services, not to their endpoints
 * ({@code --enable-aggregator-routing=false}, the default).
 *
 * <p>The certificate that is served is not looked at, as in the manifests of metrics-server.
 */
public final class AggregatedRegistration {
    private static final Logger LOG = LoggerFactory.getLogger(AggregatedRegistration.class);
    private static final String NAMESPACE = "kube-system";

    /** Shorter than whoever ends this process waits for it. */
    private static final Duration WITHDRAWAL_MAX = Duration.ofSeconds(5);

    private final KubernetesClient client;
    private final String host;
    private final int port;
    private final String name;
    private final List<String> groupVersions;

    /**
     * Registers nothing yet.
     *
     * @param host this machine's name or address, as the API server finds it
     * @param port where this process listens
     * @param name of the Service
     * @param groupVersions {@code metrics.k8s.io/v1beta1}, for example
     */
    public AggregatedRegistration(
            KubernetesClient client, String host, int port, String name, List<String> groupVersions) {
        this.client = client;
        this.host = host;
        this.port = port;
        this.name = name;
        this.groupVersions = List.copyOf(groupVersions);
    }

    /**
     * Registers, or brings what an earlier process registered up to date.
     *
     * @throws IllegalStateException if somebody else serves one of the groups
     * @throws KubernetesClientException if the API server cannot be asked, or refuses
     */
    public void register() {
        for (String groupVersion : groupVersions) {
            APIService there =
                    client.apiServices().withName(apiService(groupVersion)).get();
            if (there != null && !isOurs(there)) {
                throw new IllegalStateException(groupVersion + " is served by somebody else: kubectl get apiservice "
                        + apiService(groupVersion));
            }
        }
        client.resource(service()).forceConflicts().serverSideApply();
        for (String groupVersion : groupVersions) {
            client.resource(registration(groupVersion)).forceConflicts().serverSideApply();
        }
    }

    private boolean isOurs(APIService there) {
        return there.getSpec().getService() != null
                && name.equals(there.getSpec().getService().getName())
                && NAMESPACE.equals(there.getSpec().getService().getNamespace());
    }

    private Service service() {
        return new ServiceBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(NAMESPACE)
                .endMetadata()
                .withNewSpec()
                .withType("ExternalName")
                .withExternalName(host)
                .addNewPort()
                .withPort(port)
                .endPort()
                .endSpec()
                .build();
    }

    private APIService registration(String groupVersion) {
        return new APIServiceBuilder()
                .withNewMetadata()
                .withName(apiService(groupVersion))
                .endMetadata()
                .withNewSpec()
                .withGroup(groupVersion.substring(0, groupVersion.indexOf('/')))
                .withVersion(groupVersion.substring(groupVersion.indexOf('/') + 1))
                .withGroupPriorityMinimum(100)
                .withVersionPriority(100)
                .withInsecureSkipTLSVerify(true)
                .withNewService()
                .withName(name)
                .withNamespace(NAMESPACE)
                .withPort(port)
                .endService()
                .endSpec()
                .build();
    }

    private static String apiService(String groupVersion) {
        int slash = groupVersion.indexOf('/');
        return groupVersion.substring(slash + 1) + '.' + groupVersion.substring(0, slash);
    }

    /**
     * Takes back what was registered, as far as it is still about this process and the API server can be reached in time. A
     * thread that is interrupted, as that of a process which more than one tells to end, does it all the same, and remembers it.
     */
    public void withdraw() {
        Thread thread = Thread.ofVirtual().name("withdrawal").start(this::remove);
        boolean interrupted = Thread.interrupted();
        while (true) {
            try {
                if (!thread.join(WITHDRAWAL_MAX)) {
                    LOG.warn("{} stays registered: the API server does not answer", groupVersions);
                    thread.interrupt();
                }
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void remove() {
        try {
            for (String groupVersion : groupVersions) {
                APIService there =
                        client.apiServices().withName(apiService(groupVersion)).get();
                if (there != null
                        && isOurs(there)
                        && Objects.equals(port, there.getSpec().getService().getPort())) {
                    client.apiServices().withName(apiService(groupVersion)).delete();
                }
            }
            Service there =
                    client.services().inNamespace(NAMESPACE).withName(name).get();
            if (there != null && there.getSpec().getPorts().stream().anyMatch(each -> each.getPort() == port)) {
                client.resource(there).delete();
            }
        } catch (KubernetesClientException e) {
            LOG.warn("{} stays registered: {}", groupVersions, e.getMessage());
        }
    }
}
