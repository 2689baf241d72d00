package io.keelson.controllers.endpointslicemirroring;

import io.fabric8.kubernetes.api.model.Endpoints;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.keelson.controllers.endpointslice.ManagedSlices;
import io.keelson.controllers.endpointslice.SlicePlan;
import io.keelson.controllers.endpointslice.SliceWriter;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.ServiceMembership;
import io.keelson.controllers.objects.SliceVersions;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Controller;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Setup;
import io.keelson.controllers.runtime.WorkQueue;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Mirrors Endpoints of Services without a selector into EndpointSlices: {@code endpointslice-mirroring-controller}. A key is
 * an Endpoints object, which has the name of its Service.
 */
public final class EndpointSliceMirroringController implements Controller {
    private static final String SKIP = "endpointslice.kubernetes.io/skip-mirror";
    private static final String LEADER = "control-plane.alpha.kubernetes.io/leader";
    private static final Duration UNTIL_SEEN = Duration.ofMillis(50);

    private final EndpointSliceMirroringSettings settings;
    private final Events events;
    private final Cache<Endpoints> endpoints;
    private final Cache<Service> services;
    private final ManagedSlices slices;
    private final SliceVersions versions;
    private final SliceWriter writer;
    private final MirrorFigures figures;

    private EndpointSliceMirroringController(EndpointSliceMirroringSettings settings, Context context, Setup setup) {
        this.settings = settings;
        events = context.events().from("endpoint-slice-mirroring-controller");
        figures = new MirrorFigures(setup.metrics());
        versions = new SliceVersions(context.time());
        writer = new SliceWriter(context.client(), versions);
        WorkQueue<Key> queue = setup.queue();
        endpoints = setup.watch(Endpoints.class, change -> {
            queue.addAfter(Key.of(change.object()), settings.updatesBatchPeriod());
            return List.of();
        });
        services = setup.watch(Service.class);
        slices = new ManagedSlices(Mirror.CONTROLLER, versions, setup);
    }

    /** With the defaults of the original. */
    public static ControllerDescriptor descriptor() {
        return descriptor(EndpointSliceMirroringSettings.DEFAULT);
    }

    /** As set. */
    public static ControllerDescriptor descriptor(EndpointSliceMirroringSettings settings) {
        return new ControllerDescriptor(
                "endpointslice-mirroring-controller",
                settings.workers(),
                (context, setup) -> new EndpointSliceMirroringController(settings, context, setup));
    }

    @Override
    public Outcome reconcile(Key key) {
        long begin = System.nanoTime();
        try {
            return look(key);
        } finally {
            figures.looked(Duration.ofNanos(System.nanoTime() - begin));
        }
    }

    private Outcome look(Key key) {
        List<EndpointSlice> existing = slices.of(key);
        if (versions.isStale(key, existing)) {
            return Outcome.after(UNTIL_SEEN);
        }
        existing.removeIf(slice -> slice.getMetadata().getDeletionTimestamp() != null);
        Endpoints mirrored = endpoints.get(key);
        if (mirrored == null || !isMirrored(mirrored, services.get(key))) {
            SlicePlan nothing = new SlicePlan();
            nothing.delete().addAll(existing);
            write(key, existing, nothing, 0, false);
            if (existing.isEmpty()) {
                versions.forget(key);
            }
            return Outcome.done();
        }
        Mirror mirror = Mirror.of(mirrored, existing, settings.maxEndpointsPerSubset());
        tell(mirrored, mirror);
        write(
                key,
                existing,
                mirror.plan(),
                mirror.skipped(),
                mirrored.getMetadata().getDeletionTimestamp() == null);
        return Outcome.done();
    }

    private static boolean isMirrored(Endpoints endpoints, @Nullable Service service) {
        return service != null
                && ServiceMembership.selector(service).isEmpty()
                && !"true"
                        .equals(OrEmpty.of(endpoints.getMetadata().getLabels()).get(SKIP))
                && !OrEmpty.of(endpoints.getMetadata().getAnnotations()).containsKey(LEADER);
    }

    private void tell(Endpoints mirrored, Mirror mirror) {
        if (mirror.invalid() > 0) {
            events.warning(
                    mirrored,
                    "InvalidIPAddress",
                    "Skipped " + mirror.invalid() + " invalid IP addresses when mirroring to EndpointSlices");
        }
        if (mirror.skipped() > mirror.invalid()) {
            events.warning(
                    mirrored,
                    "TooManyAddressesToMirror",
                    "A max of " + settings.maxEndpointsPerSubset()
                            + " addresses can be mirrored to EndpointSlices per Endpoints subset. " + mirror.skipped()
                            + " addresses were skipped");
        }
    }

    private void write(Key key, List<EndpointSlice> before, SlicePlan plan, int leftOut, boolean mayCreate) {
        writer.write(key, plan, mayCreate, annotations -> {});
        figures.written(key, before, plan, leftOut);
    }
}
