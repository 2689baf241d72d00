package io.keelson.apiserver.services;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.rest.RestApi;
import io.keelson.apiserver.store.ObjectStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Service {@code default/kubernetes}, by which pods reach the API: made if it is not there, at the first address of the
 * range, with the addresses of all API servers behind it. Each server says every ten seconds that it lives, and whichever
 * finds that the endpoints are others than those who live writes them anew.
 */
public final class KubernetesService implements AutoCloseable {
    /** How often a server says that it lives. */
    public static final Duration PAUSE = Duration.ofSeconds(10);

    private static final Logger log = LoggerFactory.getLogger(KubernetesService.class);

    private static final Duration FAREWELL_MAX = Duration.ofSeconds(5);
    private static final String NAMESPACE = "default";
    private static final String NAME = "kubernetes";
    private static final int PORT = 443;

    private final RestApi rest;
    private final Resource services;
    private final MasterLeases leases;
    private final ApiEndpoints endpoints;
    private final Address first;
    private final @Nullable Address own;
    private final int port;
    private boolean portSettled;
    private boolean left;

    /**
     * @param keyPrefix what all keys begin with, {@code /registry}
     * @param ranges of Services, the one to prefer first
     * @param own where this server is reached; null if that is to be nobody's business
     * @param port at which it is reached
     */
    public KubernetesService(
            RestApi rest,
            ObjectStore store,
            String keyPrefix,
            List<AddressRange> ranges,
            @Nullable Address own,
            int port) {
        this.rest = rest;
        this.services = rest.resource("", "services");
        this.leases = new MasterLeases(store, keyPrefix);
        this.endpoints =
                new ApiEndpoints(rest, ranges.stream().map(AddressRange::family).toList());
        this.first = ranges.getFirst().first();
        this.own = own;
        this.port = port;
    }

    /** Makes everything as it should be. */
    public synchronized void round() throws InterruptedException {
        if (left) {
            return;
        }
        if (rest.read(services, NAMESPACE, NAME) == null) {
            create();
        }
        Address address = own;
        if (address != null) {
            leases.renew(address.toString());
            List<String> alive = leases.list();
            if (alive.isEmpty()) {
                throw ApiException.internal(
                        "no API servers were listed in the store, refusing to erase all endpoints of the kubernetes"
                                + " service",
                        null);
            }
            endpoints.settle(alive, port, !portSettled);
            portSettled = true;
        }
    }

    private void create() throws InterruptedException {
        ObjectNode service = Json.object().put("apiVersion", "v1").put("kind", "Service");
        ObjectMeta.setNamespace(service, NAMESPACE);
        ObjectMeta.setName(service, NAME);
        ObjectMeta.setLabels(service, Map.of("component", "apiserver", "provider", "kubernetes"));
        ObjectNode spec = service.putObject("spec")
                .put("clusterIP", first.toString())
                .put("ipFamilyPolicy", "SingleStack")
                .put("sessionAffinity", "None")
                .put("type", "ClusterIP");
        spec.putArray("ports")
                .addObject()
                .put("name", "https")
                .put("port", PORT)
                .put("protocol", "TCP")
                .put("targetPort", port);
        try {
            var _ = rest.create(services, service);
        } catch (ApiException e) {
            if (e.reason() != Reason.ALREADY_EXISTS) {
                throw e;
            }
        }
    }

    /** Says that this server is gone, if the store can still be reached. */
    @Override
    public void close() {
        Address address = own;
        if (address == null) {
            return;
        }
        Thread farewell = Thread.ofVirtual().name("farewell").start(() -> leave(address));
        try {
            if (!farewell.join(FAREWELL_MAX)) {
                farewell.interrupt();
            }
        } catch (InterruptedException e) {
            farewell.interrupt();
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void leave(Address address) {
        left = true;
        try {
            leases.remove(address.toString());
            List<String> alive = leases.list();
            if (!alive.isEmpty()) {
                endpoints.settle(alive, port, false);
            }
        } catch (ApiException e) {
            log.info("the endpoints of this server could not be removed: {}", e.message());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
