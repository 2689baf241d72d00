package io.keelson.proxy.rules;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a table differs from what it was: the elements whose values are others, each once, and the chains that they lead
 * to.
 */
public final class TableChanges {
    private final Map<ElementKey, Difference> elements = new LinkedHashMap<>();
    private final Set<ChoiceChain> chains = new LinkedHashSet<>();
    private final Set<ChoiceChain> left = new LinkedHashSet<>();

    /**
     * What becomes of an element.
     *
     * @param before null if it was not there
     * @param after null if it is not to be there
     */
    public record Difference(
            @Nullable ElementValue before, @Nullable ElementValue after) {}

    void set(ElementKey key, @Nullable ElementValue before, @Nullable ElementValue after) {
        Difference known = elements.get(key);
        if (known == null && Objects.equals(before, after)) {
            return;
        }
        ElementValue first = known == null ? before : known.before();
        if (Objects.equals(first, after)) {
            elements.remove(key);
        } else {
            elements.put(key, new Difference(first, after));
        }
    }

    void need(ChoiceChain chain) {
        chains.add(chain);
        left.remove(chain);
    }

    void leave(ChoiceChain chain) {
        left.add(chain);
        chains.remove(chain);
    }

    /** Elements that differ; those to be taken away before others are added. */
    public Map<ElementKey, Difference> elements() {
        return elements;
    }

    /** Chains that must be there before the elements are; each behind the one that it leads to. */
    public Set<ChoiceChain> chains() {
        return chains;
    }

    /** Chains that nothing leads to any more. */
    public Set<ChoiceChain> left() {
        return left;
    }

    /** Whether nothing differs. */
    public boolean isEmpty() {
        return elements.isEmpty();
    }
}
