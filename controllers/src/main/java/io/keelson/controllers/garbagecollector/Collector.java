package io.keelson.controllers.garbagecollector;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.kinds.Kind;
import io.keelson.controllers.kinds.Metadata;
import io.keelson.controllers.kinds.MetadataClient;
import io.keelson.controllers.kinds.Owner;
import io.keelson.controllers.runtime.AtOnce;
import io.keelson.controllers.runtime.Outcome;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Looks at an object that came up, and does what follows. Several threads, each with another object. */
final class Collector {
    /** A kind that is not known may be with the next discovery. */
    private static final Duration UNTIL_KNOWN = Duration.ofSeconds(30);

    private static final int DEPENDENTS_AT_ONCE = 16;
    private static final int CONFLICTS_MAX = 5;

    private final MetadataClient client;
    private final Graph graph;
    private final AbsentOwners absent;
    private final Mapping mapping;

    /** Which kind objects of a version and a name of a kind are of. */
    @FunctionalInterface
    interface Mapping {
        /** Null if there is none now. */
        @Nullable
        Kind find(String apiVersion, String kind);
    }

    Collector(MetadataClient client, Graph graph, AbsentOwners absent, Mapping mapping) {
        this.client = client;
        this.graph = graph;
        this.absent = absent;
        this.mapping = mapping;
    }

    Outcome look(String uid) throws InterruptedException {
        Graph.View view = graph.view(uid);
        if (view == null || isSettled(view)) {
            return Outcome.done();
        }
        Identity identity = view.identity();
        Kind kind = mapping.find(identity.apiVersion(), identity.kind());
        if (kind == null) {
            return Outcome.after(UNTIL_KNOWN);
        }
        if (kind.namespaced() && identity.namespace().isEmpty()) {
            // An object of the cluster names an owner in a namespace. It does not say which, and nothing will.
            return Outcome.done();
        }
        String namespace = kind.namespaced() ? identity.namespace() : "";
        Metadata latest = client.get(kind, namespace, identity.name());
        if (latest == null || !latest.uid().equals(uid)) {
            graph.absent(identity.in(namespace));
            return Outcome.done();
        }
        if (!view.observed()) {
            // It is there: the watch will tell of it, unless its kind is none that is watched.
            return Outcome.after(UNTIL_KNOWN);
        }
        if (view.orphansDependents()) {
            orphan(kind, latest);
            return Outcome.done();
        }
        if (view.deletesDependents()) {
            removeFinalizer(kind, latest, Metadata.FOREGROUND);
            return Outcome.done();
        }
        return judge(kind, latest);
    }

    /** Whether nothing follows, as the graph knows it: should it be behind, the object comes up again. */
    private boolean isSettled(Graph.View view) {
        if (!view.observed() || view.orphansDependents()) {
            return false;
        }
        if (view.beingDeleted()) {
            return !view.deletesDependents() || graph.isBlocked(view.identity().uid());
        }
        String namespace = view.identity().namespace();
        return view.owners().stream().allMatch(owner -> graph.isSolid(owner, namespace));
    }

    private Outcome judge(Kind kind, Metadata object) throws InterruptedException {
        List<Verdict.State> states = new ArrayList<>();
        for (Owner owner : object.owners()) {
            Kind of = mapping.find(owner.apiVersion(), owner.kind());
            if (of == null && !isKnownAbsent(owner, object)) {
                return Outcome.after(UNTIL_KNOWN);
            }
            if (of != null && of.namespaced() && object.namespace().isEmpty()) {
                return Outcome.done();
            }
            states.add(state(owner, of, object));
        }
        boolean hasDependents = graph.hasDependents(object.uid());
        boolean dependentWaits = graph.hasWaitingDependent(object.uid());
        switch (Verdict.of(object, states, hasDependents, dependentWaits)) {
            case Verdict.Keep _ -> {}
            case Verdict.Release release -> client.putOwners(kind, object, release.owners());
            case Verdict.Delete delete -> {
                if (delete.unblock() && unblock(kind, object)) {
                    // The next look finds it as it is then.
                    return Outcome.after(Duration.ZERO);
                }
                delete(kind, object, delete.propagation());
            }
        }
        return Outcome.done();
    }

    private boolean isKnownAbsent(Owner owner, Metadata dependent) {
        Identity identity = Identity.of(owner, dependent.namespace());
        return absent.contains(identity) || absent.contains(identity.in(""));
    }

    private Verdict.State state(Owner owner, @Nullable Kind of, Metadata dependent) throws InterruptedException {
        if (of == null || isKnownAbsent(owner, dependent)) {
            return Verdict.State.DANGLING;
        }
        if (graph.isSolid(owner, dependent.namespace())) {
            return Verdict.State.SOLID;
        }
        String namespace = of.namespaced() ? dependent.namespace() : "";
        Metadata found = client.get(of, namespace, owner.name());
        if (found == null || !found.uid().equals(owner.uid())) {
            absent.add(Identity.of(owner, namespace));
            return Verdict.State.DANGLING;
        }
        return found.deletesDependents() ? Verdict.State.WAITING : Verdict.State.SOLID;
    }

    /** Lets no owner wait for an object; whether one did. */
    private boolean unblock(Kind kind, Metadata object) throws InterruptedException {
        List<Owner> unblocked = object.owners().stream().map(Owner::unblocked).toList();
        return !unblocked.equals(object.owners()) && client.putOwners(kind, object, unblocked);
    }

    private void delete(Kind kind, Metadata object, String propagation) throws InterruptedException {
        try {
            client.delete(kind, object.namespace(), object.name(), object.uid(), object.resourceVersion(), propagation);
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
            Metadata now = client.get(kind, object.namespace(), object.name());
            if (now == null || !now.uid().equals(object.uid())) {
                return;
            }
            if (!now.owners().equals(object.owners())) {
                // Somebody gave it an owner, which may keep it.
                throw e;
            }
            // It changes all the time, but not in what it is judged by.
            client.delete(kind, object.namespace(), object.name(), object.uid(), null, propagation);
        }
    }

    /** Sets the dependents of an owner free, then the owner. */
    private void orphan(Kind kind, Metadata owner) throws InterruptedException {
        if (!owner.finalizers().contains(Metadata.ORPHAN)) {
            return;
        }
        List<RuntimeException> failures = AtOnce.run(
                graph.dependents(owner.uid()), DEPENDENTS_AT_ONCE, dependent -> release(dependent, owner.uid()));
        if (!failures.isEmpty()) {
            throw failures.getFirst();
        }
        removeFinalizer(kind, owner, Metadata.ORPHAN);
    }

    private void release(Identity dependent, String owner) throws InterruptedException {
        Kind kind = mapping.find(dependent.apiVersion(), dependent.kind());
        if (kind == null) {
            throw new IllegalStateException("nothing is known of the kind of " + dependent);
        }
        for (int conflicts = 0; ; conflicts++) {
            Metadata now = client.get(kind, dependent.namespace(), dependent.name());
            if (now == null || !now.uid().equals(dependent.uid())) {
                return;
            }
            List<Owner> others = now.owners().stream()
                    .filter(one -> !one.uid().equals(owner))
                    .toList();
            if (others.size() == now.owners().size()) {
                return;
            }
            try {
                client.putOwners(kind, now, others);
                return;
            } catch (KubernetesClientException e) {
                if (e.getCode() != HttpURLConnection.HTTP_CONFLICT || conflicts == CONFLICTS_MAX) {
                    throw e;
                }
            }
        }
    }

    private void removeFinalizer(Kind kind, Metadata object, String finalizer) throws InterruptedException {
        List<String> others = object.finalizers().stream()
                .filter(one -> !one.equals(finalizer))
                .toList();
        if (others.size() < object.finalizers().size()) {
            client.putFinalizers(kind, object, others);
        }
    }
}
