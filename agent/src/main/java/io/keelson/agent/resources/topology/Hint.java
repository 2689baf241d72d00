package io.keelson.agent.resources.topology;

import java.util.Optional;

/**
 * From where something could be given.
 *
 * @param nodes from which, all of them together; empty if that does not matter
 * @param preferred whether no fewer nodes would do even if nobody else had anything of them
 */
public record Hint(Optional<NodeSet> nodes, boolean preferred) {
    /** It may come from anywhere. */
    public static final Hint ANY = new Hint(Optional.empty(), true);

    /** It may come from anywhere, and from however many nodes. */
    public static final Hint FREE = new Hint(Optional.empty(), false);

    /** From certain nodes. */
    public static Hint of(NodeSet nodes, boolean preferred) {
        return new Hint(Optional.of(nodes), preferred);
    }
}
