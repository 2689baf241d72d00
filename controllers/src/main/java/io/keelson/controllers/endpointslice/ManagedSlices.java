package io.keelson.controllers.endpointslice;

import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.SliceVersions;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Setup;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The slices that one controller manages, as their labels say, found by their Service. */
public final class ManagedSlices {
    /** The label that names a slice's Service. */
    public static final String SERVICE_NAME = "kubernetes.io/service-name";

    /** The label that names who manages a slice. */
    public static final String MANAGED_BY = "endpointslice.kubernetes.io/managed-by";

    private final String controller;
    private final SliceVersions versions;
    private final String index;
    private final Cache<EndpointSlice> slices;

    /**
     * Watches slices; the keys of Services are worked on whose slices somebody else has changed.
     *
     * @param controller as in the label
     * @param versions what the controller itself has written
     */
    public ManagedSlices(String controller, SliceVersions versions, Setup setup) {
        this.controller = controller;
        this.versions = versions;
        index = "service of " + controller;
        slices = setup.watch(EndpointSlice.class, this::concerned);
        slices.index(index, slice -> isManaged(slice) ? List.of(service(slice).toString()) : List.of());
    }

    /** All slices of a Service, those that are being deleted as well. */
    public List<EndpointSlice> of(Key service) {
        return slices.indexed(index, service.toString());
    }

    private boolean isManaged(EndpointSlice slice) {
        Map<String, String> labels = OrEmpty.of(slice.getMetadata().getLabels());
        return controller.equals(labels.get(MANAGED_BY)) && labels.containsKey(SERVICE_NAME);
    }

    private static Key service(EndpointSlice slice) {
        return Key.of(
                slice.getMetadata().getNamespace(),
                OrEmpty.of(OrEmpty.of(slice.getMetadata().getLabels()).get(SERVICE_NAME)));
    }

    /** Whether it is the same slice still, and of the same Service. */
    private boolean isSame(EndpointSlice before, EndpointSlice now) {
        return isManaged(now)
                && service(now).equals(service(before))
                && now.getMetadata().getUid().equals(before.getMetadata().getUid());
    }

    private List<Key> concerned(Change<EndpointSlice> change) {
        EndpointSlice before = change.before();
        EndpointSlice now = change.now();
        List<Key> concerned = new ArrayList<>();
        if (before != null
                && isManaged(before)
                && (now == null || !isSame(before, now))
                && versions.lost(service(before), before)) {
            concerned.add(service(before));
        }
        if (now != null
                && isManaged(now)
                && (now.getMetadata().getDeletionTimestamp() != null || versions.isNews(service(now), now))) {
            concerned.add(service(now));
        }
        return concerned;
    }
}
