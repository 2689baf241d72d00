package io.keelson.apiserver.admission.policy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.ObjectLookup;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.object.ObjectMeta;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The policies of a kind that bindings put to use, by name, each with its bindings by name. A policy is compiled when it is
 * first seen and when it has changed, by one thread, and forgotten once it or its last binding is gone: as many are held as
 * there are objects. A change is seen as soon as the caches have it.
 *
 * @param <P> a policy that is compiled
 */
final class PolicySource<P> {
    private static final Logger log = LoggerFactory.getLogger(PolicySource.class);

    private static final String GROUP = "admissionregistration.k8s.io";

    private final ObjectLookup objects;
    private final String policies;
    private final String bindings;
    private final Function<ObjectNode, P> compiler;
    private final ReentrantLock reading = new ReentrantLock();
    private volatile Read<P> last = new Read<>(List.of(), List.of());

    /** What has been compiled, by the state of the policy; for the thread that reads. */
    private Map<State, P> compiled = Map.of();

    /** A policy in use. */
    record Active<P>(P policy, List<Binding> bindings) {}

    /** What was read last, and of what. */
    private record Read<P>(List<State> states, List<Active<P>> active) {}

    /** An object as it was read. */
    private record State(String uid, String resourceVersion) {
        static State of(ObjectNode object) {
            return new State(ObjectMeta.uid(object), ObjectMeta.resourceVersion(object));
        }
    }

    /**
     * @param policies {@code mutatingadmissionpolicies} or {@code validatingadmissionpolicies}
     * @param bindings the resource of their bindings
     * @param compiler throws MalformedException if it cannot make out what a policy is for
     */
    PolicySource(ObjectLookup objects, String policies, String bindings, Function<ObjectNode, P> compiler) {
        this.objects = objects;
        this.policies = policies;
        this.bindings = bindings;
        this.compiler = compiler;
    }

    List<Active<P>> active() throws InterruptedException {
        List<ObjectNode> bound = objects.all(GROUP, bindings, "");
        if (bound.isEmpty()) {
            return List.of();
        }
        List<ObjectNode> there = objects.all(GROUP, policies, "");
        List<State> states = new ArrayList<>(there.size() + bound.size());
        there.forEach(policy -> states.add(State.of(policy)));
        bound.forEach(binding -> states.add(State.of(binding)));
        Read<P> known = last;
        if (known.states().equals(states)) {
            return known.active();
        }
        reading.lockInterruptibly();
        try {
            if (!last.states().equals(states)) {
                last = new Read<>(states, read(there, bound));
            }
            return last.active();
        } finally {
            reading.unlock();
        }
    }

    private List<Active<P>> read(List<ObjectNode> there, List<ObjectNode> bound) {
        Map<String, List<Binding>> byPolicy = new HashMap<>();
        for (ObjectNode object : bound) {
            try {
                Binding binding = Binding.of(object);
                byPolicy.computeIfAbsent(binding.policy(), _ -> new ArrayList<>())
                        .add(binding);
            } catch (MalformedException e) {
                log.warn("{} of {} is left out: {}", ObjectMeta.name(object), bindings, e.message());
            }
        }
        Map<State, P> kept = new HashMap<>();
        Map<String, Active<P>> active = new TreeMap<>();
        for (ObjectNode object : there) {
            String name = ObjectMeta.name(object);
            List<Binding> its = byPolicy.get(name);
            if (its == null) {
                continue;
            }
            its.sort(Comparator.comparing(Binding::name));
            State state = State.of(object);
            try {
                P known = compiled.get(state);
                P policy = known == null ? compiler.apply(object) : known;
                kept.put(state, policy);
                active.put(name, new Active<>(policy, List.copyOf(its)));
            } catch (MalformedException e) {
                log.warn("{} of {} is left out: {}", name, policies, e.message());
            }
        }
        compiled = kept;
        return List.copyOf(active.values());
    }
}
