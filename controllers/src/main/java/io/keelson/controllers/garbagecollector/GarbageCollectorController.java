package io.keelson.controllers.garbagecollector;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.keelson.controllers.kinds.MetadataClient;
import io.keelson.controllers.kinds.Owner;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Controller;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Setup;
import io.keelson.controllers.runtime.WorkQueue;
import java.time.Duration;

/**
 * Deletes what nobody owns any more, and ends deletions that wait for dependents. Its keys are uids, since that is by
 * which owners are named.
 */
public final class GarbageCollectorController implements Controller {
    private static final String NAME = "garbage-collector-controller";
    private static final Duration UNTIL_FILLED = Duration.ofMillis(200);
    private static final Duration LATER = Duration.ofSeconds(30);

    private final Monitors monitors;
    private final Collector collector;

    private GarbageCollectorController(Context context, Setup setup, GarbageCollectorSettings settings) {
        MetadataClient client = new MetadataClient(context.client());
        AbsentOwners absent = new AbsentOwners();
        Graph graph = new Graph(absent, listener(setup.queue(), context.events().from(NAME)));
        monitors = new Monitors(
                client,
                context.time(),
                graph,
                settings.ignored(),
                setup.metrics()
                        .counter(
                                "garbagecollector_controller_resources_sync_error_total",
                                "Looks at what kinds there are that did not find all"));
        collector = new Collector(client, graph, absent, monitors);
        // It runs until the loop ends; should it break, it begins anew.
        setup.every(LATER, monitors::run);
    }

    /** {@code garbage-collector-controller}. */
    public static ControllerDescriptor descriptor() {
        return descriptor(GarbageCollectorSettings.DEFAULT);
    }

    /** {@code garbage-collector-controller}. */
    public static ControllerDescriptor descriptor(GarbageCollectorSettings settings) {
        return new ControllerDescriptor(
                NAME,
                settings.concurrentSyncs(),
                (context, setup) -> new GarbageCollectorController(context, setup, settings));
    }

    private static Graph.Listener listener(WorkQueue<Key> queue, Events events) {
        return new Graph.Listener() {
            @Override
            public void comesUp(String uid) {
                queue.add(Key.of(null, uid));
            }

            @Override
            public void comesUpLater(String uid) {
                queue.addAfter(Key.of(null, uid), LATER);
            }

            @Override
            public void namesOwnerElsewhere(Identity dependent, Owner owner) {
                events.warning(
                        about(dependent),
                        "OwnerRefInvalidNamespace",
                        "ownerRef " + Identity.of(owner, dependent.namespace()) + " does not exist in namespace \""
                                + dependent.namespace() + '"');
            }
        };
    }

    private static GenericKubernetesResource about(Identity identity) {
        return new GenericKubernetesResourceBuilder()
                .withApiVersion(identity.apiVersion())
                .withKind(identity.kind())
                .withNewMetadata()
                .withName(identity.name())
                .withNamespace(identity.namespace().isEmpty() ? null : identity.namespace())
                .withUid(identity.uid())
                .endMetadata()
                .build();
    }

    @Override
    public Outcome reconcile(Key key) throws InterruptedException {
        // Before, an owner might not wait for dependents that have not been seen yet.
        return monitors.isFilled() ? collector.look(key.name()) : Outcome.after(UNTIL_FILLED);
    }
}
