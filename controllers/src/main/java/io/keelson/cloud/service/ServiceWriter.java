package io.keelson.cloud.service;

import io.fabric8.kubernetes.api.model.LoadBalancerIngress;
import io.fabric8.kubernetes.api.model.LoadBalancerIngressBuilder;
import io.fabric8.kubernetes.api.model.LoadBalancerStatus;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.OwnWrites;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Patch;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes what this controller has to say of a Service, each time onto the version that it was computed from. */
final class ServiceWriter {
    private static final String DEFAULT_IP_MODE = "VIP";

    private final KubernetesClient client;
    private final OwnWrites written;

    ServiceWriter(KubernetesClient client, OwnWrites written) {
        this.client = client;
        this.written = written;
    }

    /** A Service with the finalizer, as the API has it then. */
    Service addFinalizer(Service service) {
        if (Wish.hasFinalizer(service)) {
            return service;
        }
        List<String> finalizers =
                new ArrayList<>(OrEmpty.of(service.getMetadata().getFinalizers()));
        finalizers.add(Wish.FINALIZER);
        return write(service, finalizers);
    }

    /** A Service without the finalizer, as the API has it then. */
    Service removeFinalizer(Service service) {
        if (!Wish.hasFinalizer(service)) {
            return service;
        }
        List<String> finalizers = OrEmpty.of(service.getMetadata().getFinalizers()).stream()
                .filter(finalizer -> !finalizer.equals(Wish.FINALIZER))
                .toList();
        return write(service, finalizers);
    }

    /**
     * Says under which addresses a Service's load balancer answers, if the Service does not say so yet; the Service as
     * the API has it then.
     */
    Service status(Service service, LoadBalancerStatus status) {
        List<LoadBalancerIngress> now = complete(status);
        LoadBalancerStatus before =
                service.getStatus() == null ? null : service.getStatus().getLoadBalancer();
        if (now.equals(before == null ? List.of() : complete(before))) {
            return service;
        }
        @Nullable Object ingress = now.isEmpty() ? null : now;
        Map<String, Object> patch = Map.of("loadBalancer", Collections.singletonMap("ingress", ingress));
        Map<String, Object> guarded = Map.of("metadata", guard(service), "status", patch);
        return written(service, Patch.of(client, service).status().merge(guarded));
    }

    /** An address without a mode has the mode that the API gives it. */
    private static List<LoadBalancerIngress> complete(LoadBalancerStatus status) {
        return OrEmpty.of(status.getIngress()).stream()
                .map(each -> each.getIp() == null || each.getIpMode() != null
                        ? each
                        : new LoadBalancerIngressBuilder(each)
                                .withIpMode(DEFAULT_IP_MODE)
                                .build())
                .toList();
    }

    private Service write(Service service, List<String> finalizers) {
        Map<String, Object> metadata = guard(service);
        metadata.put("finalizers", finalizers);
        return written(service, Patch.of(client, service).merge(Map.of("metadata", metadata)));
    }

    /** What makes the API refuse a patch of any other version. */
    private static Map<String, Object> guard(Service service) {
        Map<String, Object> metadata = new HashMap<>();
        metadata.put("uid", service.getMetadata().getUid());
        metadata.put("resourceVersion", service.getMetadata().getResourceVersion());
        return metadata;
    }

    private Service written(Service service, Service answer) {
        written.changed(Key.of(service), answer);
        return answer;
    }
}
