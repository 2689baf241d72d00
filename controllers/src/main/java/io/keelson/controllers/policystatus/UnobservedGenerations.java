package io.keelson.controllers.policystatus;

import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicy;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicyBuilder;
import io.keelson.controllers.runtime.Key;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Since when which generations of policies wait for somebody to observe them. Any thread. */
final class UnobservedGenerations {
    /** How long who checks types has for it. */
    static final Duration GRACE = Duration.ofSeconds(10);

    private final Map<Key, Seen> seen = new ConcurrentHashMap<>();

    /** Which generation of which policy was seen first when. */
    private record Seen(String uid, long generation, Instant at) {}

    /** Whether a policy's newest generation was observed. */
    static boolean isObserved(ValidatingAdmissionPolicy policy) {
        Long observed = policy.getStatus() == null ? null : policy.getStatus().getObservedGeneration();
        return (observed == null ? 0 : observed) >= generation(policy);
    }

    /** How long a policy's generation is left to others yet; zero if it has been for long enough. */
    Duration left(ValidatingAdmissionPolicy policy, Instant now) {
        Seen first = seen.compute(Key.of(policy), (key, before) -> first(policy, before, now));
        Duration left = Duration.between(now, first.at().plus(GRACE));
        return left.isNegative() ? Duration.ZERO : left;
    }

    private static Seen first(ValidatingAdmissionPolicy policy, @Nullable Seen before, Instant now) {
        String uid = policy.getMetadata().getUid();
        long generation = generation(policy);
        return before != null && before.uid().equals(uid) && before.generation() == generation
                ? before
                : new Seen(uid, generation, now);
    }

    /** Forgets a policy that is observed, or is gone. */
    void forget(Key policy) {
        seen.remove(policy);
    }

    /** A policy whose generation is observed, without what was found in an older one. */
    static ValidatingAdmissionPolicy observed(ValidatingAdmissionPolicy policy) {
        return new ValidatingAdmissionPolicyBuilder(policy)
                .editOrNewStatus()
                .withObservedGeneration(generation(policy))
                .withTypeChecking(null)
                .endStatus()
                .build();
    }

    private static long generation(ValidatingAdmissionPolicy policy) {
        Long generation = policy.getMetadata().getGeneration();
        return generation == null ? 0 : generation;
    }
}
