package io.keelson.agent.policy;

import io.keelson.agent.policy.TableChanges.TableChain;
import io.keelson.controllers.runtime.Key;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The chains that isolated pods are led to: one for each policy, and one for each combination of policies that some pod of this
 * node has. Each is there while somebody needs it. One thread at a time.
 */
final class PolicyChains {
    private final PeerSets sets;
    private final TableContent content;
    private final Map<String, Used> used = new HashMap<>();

    /** A chain that is used. */
    private static final class Used {
        private int users;
        private List<Policy> policies;

        private Used(List<Policy> policies) {
            this.policies = policies;
        }
    }

    PolicyChains(PeerSets sets, TableContent content) {
        this.sets = sets;
        this.content = content;
    }

    /**
     * Somebody is isolated by these policies from now on.
     *
     * @param policies at least one
     * @return the name of the chain that tells what is allowed
     */
    String acquire(Direction direction, List<Policy> policies) {
        List<Policy> sorted = new ArrayList<>(policies);
        sorted.sort(Comparator.comparing(policy -> policy.key().toString()));
        List<Key> keys = sorted.stream().map(Policy::key).toList();
        String name = TableNames.chain(direction, keys);
        Used group = used.computeIfAbsent(name, _ -> new Used(sorted));
        if (group.users++ == 0) {
            List<RuleLine> lines = new ArrayList<>();
            for (Policy policy : sorted) {
                lines.add(RuleLine.of(new RuleLine.Outcome.Ask(acquire(direction, policy))));
            }
            lines.add(RuleLine.of(new RuleLine.Outcome.Drop()));
            content.putChain(name, new TableChain(direction, List.copyOf(lines)));
        }
        return name;
    }

    private String acquire(Direction direction, Policy policy) {
        String name = TableNames.chain(direction, policy.key());
        Used chain = used.computeIfAbsent(name, _ -> new Used(List.of(policy)));
        if (chain.users++ == 0) {
            sets.acquire(policy.peers(direction), policy.portNames(direction));
            content.putChain(name, new TableChain(direction, PolicyLines.of(policy, direction)));
        }
        return name;
    }

    /** Somebody is isolated by these policies no more. */
    void release(Direction direction, String group) {
        Optional<Used> ended = ended(group);
        if (ended.isPresent()) {
            content.removeChain(group);
            for (Policy policy : ended.get().policies) {
                release(direction, policy.key());
            }
        }
    }

    private void release(Direction direction, Key policy) {
        String name = TableNames.chain(direction, policy);
        Optional<Used> ended = ended(name);
        if (ended.isPresent()) {
            content.removeChain(name);
            Policy last = ended.get().policies.getFirst();
            sets.release(last.peers(direction), last.portNames(direction));
        }
    }

    private Optional<Used> ended(String name) {
        Used one = used.get(name);
        if (one == null || --one.users > 0) {
            return Optional.empty();
        }
        used.remove(name);
        return Optional.of(one);
    }

    /** A policy says something else. */
    void changed(Policy policy) {
        for (Direction direction : Direction.values()) {
            String name = TableNames.chain(direction, policy.key());
            Used chain = used.get(name);
            if (chain != null) {
                Policy before = chain.policies.getFirst();
                chain.policies = List.of(policy);
                sets.acquire(policy.peers(direction), policy.portNames(direction));
                content.putChain(name, new TableChain(direction, PolicyLines.of(policy, direction)));
                sets.release(before.peers(direction), before.portNames(direction));
            }
        }
    }
}
