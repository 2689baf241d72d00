package io.keelson.controllers.endpoints;

import io.fabric8.kubernetes.api.model.Endpoints;
import io.fabric8.kubernetes.api.model.EndpointsBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.Deletion;
import io.keelson.controllers.objects.EndpointPods;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.PodCreation;
import io.keelson.controllers.objects.Refusals;
import io.keelson.controllers.objects.ServiceMembership;
import io.keelson.controllers.objects.TriggerTimes;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Controller;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Setup;
import io.keelson.controllers.runtime.Time;
import io.keelson.controllers.runtime.WorkQueue;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Keeps an Endpoints object for each Service that selects pods: {@code endpoints-controller}. A key is a Service. */
public final class EndpointsController implements Controller {
    private static final String MANAGED_BY = "endpoints.kubernetes.io/managed-by";
    private static final String HEADLESS = "service.kubernetes.io/headless";
    private static final String OVER_CAPACITY = "endpoints.kubernetes.io/over-capacity";
    private static final String LEADER = "control-plane.alpha.kubernetes.io/leader";
    private static final Duration UNTIL_SEEN = Duration.ofMillis(50);
    private static final Duration GIVEN_UP = Duration.ofMinutes(5);

    private final KubernetesClient client;
    private final Events events;
    private final Time time;
    private final Cache<Service> services;
    private final Cache<Pod> pods;
    private final Cache<Endpoints> endpoints;
    private final TriggerTimes triggerTimes = new TriggerTimes();
    private final Map<Key, Replaced> replaced = new ConcurrentHashMap<>();

    /** The version that was replaced by a write; empty for none. A cache that shows it has not seen the write. */
    private record Replaced(String version, Instant at) {}

    private EndpointsController(EndpointsSettings settings, Context context, Setup setup) {
        client = context.client();
        events = context.events().from("endpoint-controller");
        time = context.time();
        WorkQueue<Key> queue = setup.queue();
        Cache<Service> watchedServices = setup.watch(Service.class);
        services = watchedServices;
        ServiceMembership.indexServices(services);
        pods = setup.watch(Pod.class, change -> {
            ServiceMembership.concerned(watchedServices, change)
                    .forEach(service -> queue.addAfter(service, settings.updatesBatchPeriod()));
            return List.of();
        });
        ServiceMembership.indexPods(pods);
        Map<Key, Replaced> unseen = replaced;
        Cache<Endpoints> watched = setup.watch(Endpoints.class, change -> deleted(unseen, change));
        endpoints = watched;
        AtomicBoolean looked = new AtomicBoolean();
        setup.every(Duration.ofDays(1), () -> {
            if (looked.compareAndSet(false, true)) {
                leftOver(watched, queue);
            }
        });
    }

    /** With the defaults of the original. */
    public static ControllerDescriptor descriptor() {
        return descriptor(EndpointsSettings.DEFAULT);
    }

    /** As set. */
    public static ControllerDescriptor descriptor(EndpointsSettings settings) {
        return new ControllerDescriptor(
                "endpoints-controller",
                settings.workers(),
                (context, setup) -> new EndpointsController(settings, context, setup));
    }

    private static List<Key> deleted(Map<Key, Replaced> unseen, Change<Endpoints> change) {
        Key key = Key.of(change.object());
        if (!change.deleted()) {
            return List.of();
        }
        unseen.remove(key);
        return List.of(key);
    }

    /** Objects whose Service went while nobody looked are found once, at the start; not those that leaders are elected by. */
    private static void leftOver(Cache<Endpoints> endpoints, WorkQueue<Key> queue) {
        for (Endpoints one : endpoints.all()) {
            if (!OrEmpty.of(one.getMetadata().getAnnotations()).containsKey(LEADER)) {
                queue.add(Key.of(one));
            }
        }
    }

    @Override
    public Outcome reconcile(Key key) {
        Endpoints current = endpoints.get(key);
        if (isUnseen(key, current)) {
            return Outcome.after(UNTIL_SEEN);
        }
        Service service = services.get(key);
        if (service == null) {
            triggerTimes.forget(key);
            if (current != null) {
                Deletion.of(client, current);
            }
            return Outcome.done();
        }
        if (service.getSpec() == null
                || "ExternalName".equals(service.getSpec().getType())
                || ServiceMembership.selector(service).isEmpty()) {
            return Outcome.done();
        }
        List<Pod> selected = ServiceMembership.pods(pods, service);
        Instant triggered = triggerTimes.next(service, selected);
        List<Subset> all = ServiceSubsets.of(service, selected);
        List<Subset> wanted = ServiceSubsets.truncated(all);
        boolean overCapacity = ServiceSubsets.size(all) > ServiceSubsets.CAPACITY;
        Map<String, String> labels = labels(service);
        if (current == null || !isAsWanted(current, wanted, labels, overCapacity)) {
            write(key, service, current, wanted, labels, overCapacity, triggered);
        }
        return Outcome.done();
    }

    private boolean isUnseen(Key key, @Nullable Endpoints current) {
        Replaced last = replaced.get(key);
        if (last == null) {
            return false;
        }
        String version = current == null ? "" : current.getMetadata().getResourceVersion();
        if (last.version().equals(version) && last.at().plus(GIVEN_UP).isAfter(time.steady())) {
            return true;
        }
        replaced.remove(key, last);
        return false;
    }

    private static Map<String, String> labels(Service service) {
        Map<String, String> labels =
                new HashMap<>(OrEmpty.of(service.getMetadata().getLabels()));
        if (EndpointPods.isHeadless(service)) {
            labels.put(HEADLESS, "");
        } else {
            labels.remove(HEADLESS);
        }
        labels.put(MANAGED_BY, "endpoint-controller");
        return labels;
    }

    private static boolean isAsWanted(
            Endpoints current, List<Subset> wanted, Map<String, String> labels, boolean overCapacity) {
        List<Subset> there =
                OrEmpty.of(current.getSubsets()).stream().map(Subset::of).toList();
        return ServiceSubsets.canonical(there).equals(ServiceSubsets.canonical(wanted))
                && labels.equals(OrEmpty.of(current.getMetadata().getLabels()))
                && overCapacity
                        == OrEmpty.of(current.getMetadata().getAnnotations()).containsKey(OVER_CAPACITY);
    }

    private void write(
            Key key,
            Service service,
            @Nullable Endpoints current,
            List<Subset> wanted,
            Map<String, String> labels,
            boolean overCapacity,
            @Nullable Instant triggered) {
        EndpointsBuilder builder = current == null ? new EndpointsBuilder() : new EndpointsBuilder(current);
        Map<String, String> annotations = new HashMap<>(
                current == null ? Map.of() : OrEmpty.of(current.getMetadata().getAnnotations()));
        TriggerTimes.annotate(annotations, triggered);
        if (overCapacity) {
            annotations.put(OVER_CAPACITY, "truncated");
        } else {
            annotations.remove(OVER_CAPACITY);
        }
        Endpoints changed = builder.editOrNewMetadata()
                .withNamespace(key.namespace())
                .withName(key.name())
                .withLabels(labels)
                .withAnnotations(annotations)
                .endMetadata()
                .withSubsets(wanted.stream().map(Subset::toSubset).toList())
                .build();
        try {
            Endpoints written = current == null
                    ? client.resource(changed).create()
                    : client.resource(changed).update();
            String before = current == null ? "" : current.getMetadata().getResourceVersion();
            if (!written.getMetadata().getResourceVersion().equals(before)) {
                replaced.put(key, new Replaced(before, time.steady()));
            }
        } catch (KubernetesClientException e) {
            if (current == null && PodCreation.namespaceEnds(e)) {
                return;
            }
            // About the Service: Endpoints that could not be created have no uid.
            if (current == null) {
                events.warning(
                        service,
                        "FailedToCreateEndpoint",
                        "Failed to create endpoint for service " + key + ": " + Refusals.message(e));
            } else {
                events.warning(
                        current,
                        "FailedToUpdateEndpoint",
                        "Failed to update endpoint " + key + ": " + Refusals.message(e));
            }
            throw e;
        }
    }
}
