package io.keelson.controllers.endpointslice;

import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.Deletion;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.PodCreation;
import io.keelson.controllers.objects.SliceVersions;
import io.keelson.controllers.runtime.Key;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/** Carries out a plan and remembers what it wrote. */
public final class SliceWriter {
    private final KubernetesClient client;
    private final SliceVersions versions;

    /** Writes through a client and tells what it wrote. */
    public SliceWriter(KubernetesClient client, SliceVersions versions) {
        this.client = client;
        this.versions = versions;
    }

    /**
     * Creates, updates and deletes, in this order, so that no endpoint is missing in between.
     *
     * @param mayCreate not if the owner is being deleted
     * @param annotate changes the annotations of what is created and updated
     * @throws KubernetesClientException if the API refuses, or a slice is not any more what the plan was made of
     */
    public void write(Key service, SlicePlan plan, boolean mayCreate, Consumer<Map<String, String>> annotate) {
        if (mayCreate) {
            for (EndpointSlice slice : plan.create()) {
                try {
                    versions.written(
                            service, client.resource(annotated(slice, annotate)).create());
                } catch (KubernetesClientException e) {
                    if (PodCreation.namespaceEnds(e)) {
                        return;
                    }
                    throw e;
                }
            }
        }
        for (EndpointSlice slice : plan.update()) {
            versions.written(
                    service, client.resource(annotated(slice, annotate)).update());
        }
        for (EndpointSlice slice : plan.delete()) {
            versions.deleting(service, slice);
            try {
                Deletion.of(client, slice);
            } catch (KubernetesClientException e) {
                versions.lost(service, slice);
                throw e;
            }
        }
    }

    private static EndpointSlice annotated(EndpointSlice slice, Consumer<Map<String, String>> annotate) {
        Map<String, String> annotations =
                new HashMap<>(OrEmpty.of(slice.getMetadata().getAnnotations()));
        annotate.accept(annotations);
        return new EndpointSliceBuilder(slice)
                .editMetadata()
                .withAnnotations(annotations)
                .endMetadata()
                .build();
    }
}
