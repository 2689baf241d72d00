package io.keelson.dist.up;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * This machine is to be a node of a cluster that runs elsewhere.
 *
 * @param folder where all of it is kept
 * @param joining which cluster
 * @param place what it is on this machine
 * @param without what is left out
 */
record JoinPlan(Path folder, JoinFile joining, NodePlace place, Set<Part> without) implements StartPlan {
    /** What there is of a cluster on a machine that has joined it. */
    private static final Set<Part> PARTS = EnumSet.of(Part.AGENT, Part.PROXY, Part.DNS);

    /** @throws IllegalArgumentException if something is left out that a node cannot do without, or does not have */
    JoinPlan {
        without = Set.copyOf(without);
        for (Part part : without) {
            if (part == Part.AGENT) {
                throw new IllegalArgumentException("--disable=agent: a machine joins by its agent, which gets its"
                        + " certificate; keelson proxy and keelson dns run without one");
            }
            if (!PARTS.contains(part)) {
                throw new IllegalArgumentException("--disable=" + part.title()
                        + ": a machine that has joined a cluster has no such part; there are proxy and dns");
            }
        }
    }

    @Override
    public Path kubeconfig() {
        return NodeAccess.joined(folder).agent();
    }

    @Override
    public Optional<NodePlace> node() {
        return Optional.of(place);
    }

    @Override
    public boolean has(Part part) {
        return PARTS.contains(part) && !without.contains(part);
    }

    /** Which cluster it is stands in the folder. */
    @Override
    public List<String> arguments() {
        List<String> words = new ArrayList<>(place.arguments());
        without.stream().sorted().forEach(part -> words.add("--disable=" + part.title()));
        return words;
    }

    @Override
    public Started start(Steps steps) throws IOException, InterruptedException {
        return JoinedMachine.start(this, steps);
    }
}
