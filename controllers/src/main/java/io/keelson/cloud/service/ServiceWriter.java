package io.keelson.cloud.service;

import io.fabric8.kubernetes.api.model.LoadBalancerIngress;
import io.fabric8.kubernetes.api.model.LoadBalancerIngressBuilder;
import io.fabric8.kubernetes.api.model.LoadBalancerStatus;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.OwnWrites;
import io.keelson.controllers.runtime.Key;
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
        return write(service, null, Map.of("finalizers", finalizers), Map.of());
    }

    /** A Service without the finalizer, as the API has it then. */
    Service removeFinalizer(Service service) {
        if (!Wish.hasFinalizer(service)) {
            return service;
        }
        List<String> finalizers = OrEmpty.of(service.getMetadata().getFinalizers()).stream()
                .filter(finalizer -> !finalizer.equals(Wish.FINALIZER))
                .toList();
        return write(service, null, Map.of("finalizers", finalizers), Map.of());
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
        return write(service, "status", Map.of(), Map.of("status", patch));
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

    private Service write(
            Service service, @Nullable String subresource, Map<String, Object> metadata, Map<String, Object> rest) {
        Map<String, Object> guarded = new HashMap<>(metadata);
        guarded.put("uid", service.getMetadata().getUid());
        guarded.put("resourceVersion", service.getMetadata().getResourceVersion());
        Map<String, Object> patch = new HashMap<>(rest);
        patch.put("metadata", guarded);
        var resource = client.services()
                .inNamespace(service.getMetadata().getNamespace())
                .withName(service.getMetadata().getName());
        String json = client.getKubernetesSerialization().asJson(patch);
        PatchContext merge = PatchContext.of(PatchType.JSON_MERGE);
        Service answer = subresource == null
                ? resource.patch(merge, json)
                : resource.subresource(subresource).patch(merge, json);
        written.changed(Key.of(service), answer);
        return answer;
    }
}
