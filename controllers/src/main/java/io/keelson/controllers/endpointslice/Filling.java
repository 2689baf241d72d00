package io.keelson.controllers.endpointslice;

import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Puts endpoints of one family and one set of ports into slices, with few writes rather than full slices.
 *
 * <ol>
 *   <li>An endpoint that is in a slice stays there; one that is not wanted any more leaves. A slice that loses all is deleted.
 *   <li>Slices that are written anyway are filled with endpoints that have no place yet.
 *   <li>What is left goes into new slices, each full. The rest that makes no full slice goes into the slice that it fills
 *       best, if there is one that would have stayed as it is, else into a new one.
 * </ol>
 *
 * <p>Worked through, with three endpoints a slice: slices (a b c), (d e); wanted a b d e f g. The first loses c and is written,
 * so f goes there; g fits into the second, which is written too. Had c been wanted, f and g would not have fitted together
 * into the second slice and would have made a third.
 */
final class Filling {
    private final int max;
    private final Map<String, String> labels;
    private final Map<EndpointIdentity, Endpoint> left;
    private final SlicePlan plan = new SlicePlan();

    private Filling(int max, Map<String, String> labels, Map<EndpointIdentity, Endpoint> wanted) {
        this.max = max;
        this.labels = labels;
        this.left = new LinkedHashMap<>(wanted);
    }

    /**
     * Makes the plan.
     *
     * @param max endpoints of a slice
     * @param labels that each slice is to have
     * @param existing slices with these ports
     * @param fresh makes an empty slice with these ports and labels
     */
    static SlicePlan plan(
            int max,
            Map<String, String> labels,
            List<EndpointSlice> existing,
            Map<EndpointIdentity, Endpoint> wanted,
            Supplier<EndpointSlice> fresh) {
        Filling filling = new Filling(max, labels, wanted);
        existing.forEach(filling::keep);
        filling.fillWritten();
        filling.place(fresh);
        return filling.plan;
    }

    private void keep(EndpointSlice slice) {
        List<Endpoint> kept = new ArrayList<>();
        boolean changed = SlicePlan.endpoints(slice).size() > max;
        for (Endpoint there : SlicePlan.endpoints(slice)) {
            EndpointIdentity identity = EndpointIdentity.of(there);
            Endpoint wanted = kept.size() < max ? left.remove(identity) : null;
            if (wanted == null) {
                changed = true;
            } else {
                changed |= !EndpointIdentity.isSameState(there, wanted);
                kept.add(wanted);
            }
        }
        boolean relabelled = !Objects.equals(labels, slice.getMetadata().getLabels());
        if (kept.isEmpty()) {
            plan.delete().add(slice);
        } else if (changed) {
            plan.update().add(copy(slice, kept));
        } else if (relabelled) {
            plan.update().add(copy(slice, null));
        } else {
            plan.unchanged().add(slice);
        }
    }

    private EndpointSlice copy(EndpointSlice slice, @Nullable List<Endpoint> endpoints) {
        EndpointSlice copy = new EndpointSliceBuilder(slice)
                .editMetadata()
                .withLabels(labels)
                .endMetadata()
                .build();
        copy.setEndpoints(endpoints == null ? new ArrayList<>(copy.getEndpoints()) : endpoints);
        return copy;
    }

    private void fillWritten() {
        List<EndpointSlice> fullestFirst = new ArrayList<>(plan.update());
        fullestFirst.sort(Comparator.comparingInt(
                        (EndpointSlice slice) -> slice.getEndpoints().size())
                .reversed());
        fullestFirst.forEach(this::fill);
    }

    private void place(Supplier<EndpointSlice> fresh) {
        while (!left.isEmpty()) {
            EndpointSlice slice = left.size() < max ? bestFit() : null;
            if (slice == null) {
                slice = fresh.get();
                slice.setEndpoints(new ArrayList<>());
                plan.create().add(slice);
            } else {
                plan.unchanged().remove(slice);
                slice = copy(slice, null);
                plan.update().add(slice);
            }
            fill(slice);
        }
    }

    /** The slice that has the least room of those that have room for all that is left. */
    private @Nullable EndpointSlice bestFit() {
        EndpointSlice best = null;
        int most = -1;
        for (EndpointSlice slice : plan.unchanged()) {
            int size = SlicePlan.endpoints(slice).size();
            if (size + left.size() <= max && size > most) {
                best = slice;
                most = size;
            }
        }
        return best;
    }

    private void fill(EndpointSlice slice) {
        Iterator<Endpoint> next = left.values().iterator();
        while (next.hasNext() && slice.getEndpoints().size() < max) {
            slice.getEndpoints().add(next.next());
            next.remove();
        }
    }
}
