package io.keelson.scheduler.decision;

import io.keelson.scheduler.state.NodeState;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Why nodes that were looked at one after the other cannot take a pod. It is made for each pod that no node of a large cluster
 * can take, and read from one end to the other: a hash table of all nodes would take longer than to look at them.
 */
final class Rejections extends AbstractMap<NodeState, List<Rejection>> {
    private final List<NodeState> nodes;
    private final int first;
    private final List<List<Rejection>> whys;

    /**
     * Of nodes in a row, after the last of which comes the first.
     *
     * @param nodes different ones; the list does not change
     * @param first which of them was looked at first
     * @param whys why not, of that and of those that follow; no more than there are nodes
     */
    Rejections(List<NodeState> nodes, int first, List<List<Rejection>> whys) {
        this.nodes = nodes;
        this.first = first;
        this.whys = whys;
    }

    private NodeState node(int place) {
        int at = first + place;
        return nodes.get(at < nodes.size() ? at : at - nodes.size());
    }

    @Override
    public int size() {
        return whys.size();
    }

    @Override
    public Collection<List<Rejection>> values() {
        return Collections.unmodifiableList(whys);
    }

    @Override
    public void forEach(BiConsumer<? super NodeState, ? super List<Rejection>> consumer) {
        for (int i = 0; i < whys.size(); i++) {
            consumer.accept(node(i), whys.get(i));
        }
    }

    @Override
    public Set<Map.Entry<NodeState, List<Rejection>>> entrySet() {
        return new AbstractSet<>() {
            @Override
            public int size() {
                return whys.size();
            }

            @Override
            public Iterator<Map.Entry<NodeState, List<Rejection>>> iterator() {
                return new Iterator<>() {
                    private int next;

                    @Override
                    public boolean hasNext() {
                        return next < whys.size();
                    }

                    @Override
                    public Map.Entry<NodeState, List<Rejection>> next() {
                        if (!hasNext()) {
                            throw new NoSuchElementException();
                        }
                        List<Rejection> why = whys.get(next);
                        return Map.entry(node(next++), why);
                    }
                };
            }
        };
    }
}
