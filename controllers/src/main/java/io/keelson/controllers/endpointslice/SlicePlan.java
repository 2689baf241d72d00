package io.keelson.controllers.endpointslice;

import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Owners;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * What is to be done with slices. The lists grow and shrink while it is made; slices to create and update are the plan's own,
 * those to delete and those that stay are out of a cache.
 */
public record SlicePlan(
        List<EndpointSlice> create,
        List<EndpointSlice> update,
        List<EndpointSlice> delete,
        List<EndpointSlice> unchanged) {
    /** Nothing to be done. */
    public SlicePlan() {
        this(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    }

    void add(SlicePlan other) {
        create.addAll(other.create);
        update.addAll(other.update);
        delete.addAll(other.delete);
        unchanged.addAll(other.unchanged);
    }

    /** The slices that are written. */
    List<EndpointSlice> written() {
        List<EndpointSlice> written = new ArrayList<>(create);
        written.addAll(update);
        return written;
    }

    /** Has slices written that would have stayed as they are. */
    void rewrite(Predicate<EndpointSlice> wanted) {
        unchanged.removeIf(slice -> {
            if (!wanted.test(slice)) {
                return false;
            }
            update.add(new EndpointSliceBuilder(slice).build());
            return true;
        });
    }

    /** Takes all hints away. */
    void removeHints() {
        rewrite(slice -> endpoints(slice).stream().anyMatch(endpoint -> endpoint.getHints() != null));
        written().forEach(slice -> endpoints(slice).forEach(endpoint -> endpoint.setHints(null)));
    }

    /**
     * Makes a slice that was to be deleted into one that was to be created, if both are of one family and one owner: one write
     * instead of two.
     */
    public void recycle() {
        for (int i = create.size() - 1; i >= 0 && !delete.isEmpty(); i--) {
            EndpointSlice wanted = create.get(i);
            for (EndpointSlice spare : delete) {
                if (spare.getAddressType().equals(wanted.getAddressType()) && isSameOwner(spare, wanted)) {
                    EndpointSlice renewed = new EndpointSliceBuilder(spare)
                            .editMetadata()
                            .withLabels(wanted.getMetadata().getLabels())
                            .withAnnotations(wanted.getMetadata().getAnnotations())
                            .withOwnerReferences(wanted.getMetadata().getOwnerReferences())
                            .endMetadata()
                            .build();
                    renewed.setPorts(wanted.getPorts());
                    renewed.setEndpoints(wanted.getEndpoints());
                    create.remove(i);
                    delete.remove(spare);
                    update.add(renewed);
                    break;
                }
            }
        }
    }

    private static boolean isSameOwner(EndpointSlice one, EndpointSlice other) {
        OwnerReference mine = Owners.controllerOf(one);
        OwnerReference yours = Owners.controllerOf(other);
        return mine != null && yours != null && mine.getUid().equals(yours.getUid());
    }

    static List<Endpoint> endpoints(EndpointSlice slice) {
        return OrEmpty.of(slice.getEndpoints());
    }
}
