package io.keelson.controllers.endpointslice;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.keelson.controllers.objects.EndpointPods;
import io.keelson.controllers.objects.Refusals;
import io.keelson.controllers.objects.ServiceMembership;
import io.keelson.controllers.objects.SliceVersions;
import io.keelson.controllers.objects.TriggerTimes;
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
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Makes the EndpointSlices of Services that select pods: {@code endpointslice-controller}. A key is a Service. */
public final class EndpointSliceController implements Controller {
    private static final Duration UNTIL_SEEN = Duration.ofMillis(50);

    private final EndpointSliceSettings settings;
    private final Events events;
    private final Cache<Service> services;
    private final Cache<Pod> pods;
    private final Cache<Node> nodes;
    private final ManagedSlices slices;
    private final SliceVersions versions;
    private final SliceWriter writer;
    private final TriggerTimes triggerTimes = new TriggerTimes();
    private final ZoneCapacity capacity = new ZoneCapacity();
    private final SliceMetrics metrics;
    private final HintedServices hinted = new HintedServices();

    private EndpointSliceController(EndpointSliceSettings settings, Context context, Setup setup) {
        this.settings = settings;
        events = context.events().from("endpoint-slice-controller");
        metrics = new SliceMetrics(setup.metrics());
        versions = new SliceVersions(context.time());
        writer = new SliceWriter(context.client(), versions);
        WorkQueue<Key> queue = setup.queue();
        Cache<Service> watchedServices = setup.watch(Service.class);
        services = watchedServices;
        ServiceMembership.indexServices(services);
        pods = setup.watch(Pod.class, change -> {
            Collection<Key> concerned = ServiceMembership.concerned(watchedServices, change);
            concerned.forEach(service -> queue.addAfter(service, settings.updatesBatchPeriod()));
            return List.of();
        });
        ServiceMembership.indexPods(pods);
        ZoneCapacity watchedCapacity = capacity;
        HintedServices watchedServicesWithHints = hinted;
        nodes = setup.watch(
                Node.class,
                change -> watchedCapacity.take(change)
                        ? watchedServicesWithHints.overloaded(watchedCapacity.ratios())
                        : List.of());
        slices = new ManagedSlices(SlicePlanner.CONTROLLER, versions, setup);
    }

    /** With the defaults of the original. */
    public static ControllerDescriptor descriptor() {
        return descriptor(EndpointSliceSettings.DEFAULT);
    }

    /** As set. */
    public static ControllerDescriptor descriptor(EndpointSliceSettings settings) {
        return new ControllerDescriptor(
                "endpointslice-controller",
                settings.workers(),
                (context, setup) -> new EndpointSliceController(settings, context, setup));
    }

    @Override
    public Outcome reconcile(Key key) {
        Service service = services.get(key);
        if (service == null) {
            // Its slices are the garbage collector's: the Service owns them.
            triggerTimes.forget(key);
            versions.forget(key);
            hinted.forget(key);
            metrics.forget(key);
            return Outcome.done();
        }
        if (service.getSpec() == null
                || "ExternalName".equals(service.getSpec().getType())
                || ServiceMembership.selector(service).isEmpty()) {
            metrics.forget(key);
            return Outcome.done();
        }
        List<EndpointSlice> existing = slices.of(key);
        if (versions.isStale(key, existing)) {
            metrics.synced("stale");
            return Outcome.after(UNTIL_SEEN);
        }
        existing.removeIf(slice -> slice.getMetadata().getDeletionTimestamp() != null);
        List<Pod> selected = ServiceMembership.pods(pods, service);
        Instant triggered = triggerTimes.next(service, selected);
        PodEndpoints wanted = PodEndpoints.of(service, selected, name -> nodes.get("", name));
        try {
            SlicePlan plan = plan(key, service, existing, wanted);
            writer.write(
                    key,
                    plan,
                    service.getMetadata().getDeletionTimestamp() == null,
                    annotations -> TriggerTimes.annotate(annotations, triggered));
            metrics.written(key, service, existing, plan, wanted, settings.maxEndpointsPerSlice());
            if (!wanted.homeless().isEmpty()) {
                throw new IllegalStateException(String.join(", ", wanted.homeless()));
            }
            metrics.synced("success");
        } catch (RuntimeException e) {
            metrics.synced("error");
            events.warning(
                    service,
                    "FailedToUpdateEndpointSlices",
                    "Error updating Endpoint Slices for Service " + key + ": " + Refusals.message(e));
            throw e;
        }
        return Outcome.done();
    }

    private SlicePlan plan(Key key, Service service, List<EndpointSlice> existing, PodEndpoints wanted) {
        SlicePlanner planner = new SlicePlanner(service, settings.maxEndpointsPerSlice());
        Map<String, List<EndpointSlice>> byFamily = new HashMap<>();
        existing.forEach(slice -> byFamily.computeIfAbsent(slice.getAddressType(), ignored -> new ArrayList<>())
                .add(slice));
        SlicePlan all = new SlicePlan();
        for (String family : EndpointPods.families(service)) {
            List<EndpointSlice> there = byFamily.remove(family);
            SlicePlan plan = planner.plan(
                    family, there == null ? List.of() : there, wanted.byFamily().getOrDefault(family, Map.of()));
            addHints(key, service, family, plan);
            plan.recycle();
            all.add(plan);
        }
        byFamily.forEach((family, others) -> {
            hinted.set(key, family, null);
            all.delete().addAll(others);
        });
        return all;
    }

    private void addHints(Key key, Service service, String family, SlicePlan plan) {
        String where = ", addressType: " + family;
        if (TopologyHints.areWanted(service)) {
            TopologyHints.Result result = TopologyHints.add(capacity.ratios(), plan);
            boolean had = hinted.set(key, family, result.perZone());
            if (result.refusal() != null) {
                events.warning(service, "TopologyAwareHintsDisabled", result.refusal() + where);
            } else if (!had) {
                events.normal(service, "TopologyAwareHintsEnabled", "Topology Aware Hints has been enabled" + where);
            }
            return;
        }
        if (hinted.set(key, family, null)) {
            events.warning(service, "TopologyAwareHintsDisabled", "Topology Aware Hints has been disabled" + where);
        }
        TrafficHints.add(service.getSpec().getTrafficDistribution(), plan);
    }
}
