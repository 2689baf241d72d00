package io.keelson.controllers.endpointslice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class FillingProperties {
    private static final AtomicInteger NAMES = new AtomicInteger();
    private static final Map<String, String> LABELS = Map.of("kubernetes.io/service-name", "web");

    private static Endpoint endpoint(int number, boolean ready) {
        return new EndpointBuilder()
                .withAddresses("10.0.0." + number)
                .withNewConditions()
                .withReady(ready)
                .endConditions()
                .build();
    }

    private static EndpointSlice slice(String name, List<Integer> numbers) {
        EndpointSlice slice = new EndpointSliceBuilder()
                .withNewMetadata()
                .withName(name)
                .withLabels(LABELS)
                .endMetadata()
                .withAddressType("IPv4")
                .build();
        slice.setEndpoints(new ArrayList<>(
                numbers.stream().map(number -> endpoint(number, true)).toList()));
        return slice;
    }

    private static Map<EndpointIdentity, Endpoint> wanted(Iterable<Integer> numbers) {
        Map<EndpointIdentity, Endpoint> wanted = new LinkedHashMap<>();
        for (int number : numbers) {
            Endpoint endpoint = endpoint(number, number % 3 != 0);
            wanted.put(EndpointIdentity.of(endpoint), endpoint);
        }
        return wanted;
    }

    private static SlicePlan plan(int max, List<EndpointSlice> existing, Map<EndpointIdentity, Endpoint> wanted) {
        return Filling.plan(max, LABELS, existing, wanted, () -> slice("", List.of()));
    }

    private static List<EndpointSlice> after(SlicePlan plan) {
        List<EndpointSlice> after = plan.written();
        after.addAll(plan.unchanged());
        return after;
    }

    private static Map<String, Boolean> states(List<EndpointSlice> slices) {
        Map<String, Boolean> states = new TreeMap<>();
        for (EndpointSlice slice : slices) {
            for (Endpoint endpoint : slice.getEndpoints()) {
                Boolean twice = states.put(
                        endpoint.getAddresses().getFirst(),
                        endpoint.getConditions().getReady());
                assertEquals(null, twice, "an endpoint is in two slices");
            }
        }
        return states;
    }

    /** Slices hold any numbers, the same one twice as well; any numbers are wanted. */
    @Property(tries = 400)
    void afterAPlanTheSlicesHoldJustWhatIsWanted(
            @ForAll @Size(max = 6) List<@Size(max = 5) List<@IntRange(max = 20) Integer>> existing,
            @ForAll @Size(max = 20) List<@IntRange(max = 20) Integer> numbers,
            @ForAll @IntRange(min = 1, max = 5) int max) {
        List<EndpointSlice> slices = new ArrayList<>();
        for (int i = 0; i < existing.size(); i++) {
            slices.add(slice("s" + i, existing.get(i)));
        }
        Map<EndpointIdentity, Endpoint> wanted = wanted(numbers);
        SlicePlan plan = plan(max, slices, wanted);
        List<EndpointSlice> after = after(plan);

        Map<String, Boolean> expected = new TreeMap<>();
        wanted.values()
                .forEach(endpoint -> expected.put(
                        endpoint.getAddresses().getFirst(),
                        endpoint.getConditions().getReady()));
        assertEquals(expected, states(after));
        assertTrue(after.stream().allMatch(slice -> slice.getEndpoints().size() <= max));
        assertTrue(after.stream().noneMatch(slice -> slice.getEndpoints().isEmpty()));
        assertEquals(
                slices.size(),
                plan.update().size() + plan.delete().size() + plan.unchanged().size());

        // The plan of what the plan leads to is to do nothing.
        SlicePlan again = plan(max, after, wanted(numbers));
        assertTrue(again.written().isEmpty() && again.delete().isEmpty());
    }

    /** One pod more or less is one write, as long as a slice has room. */
    @Property(tries = 200)
    void onePodMoreIsOneWrite(
            @ForAll @Size(min = 1, max = 20) List<@IntRange(min = 1, max = 20) Integer> numbers,
            @ForAll @IntRange(min = 1, max = 5) int max) {
        List<EndpointSlice> settled = plan(max, List.of(), wanted(numbers)).create();
        List<Integer> more = new ArrayList<>(numbers);
        more.add(100);
        SlicePlan plan = plan(max, settled, wanted(more));
        assertEquals(1, plan.written().size() + plan.delete().size());
        SlicePlan back = plan(max, after(plan), wanted(numbers));
        assertEquals(1, back.written().size() + back.delete().size());
    }

    /** Whatever was done of a plan when the process ended: the next plan leads to where the first one was to. */
    @Property(tries = 300)
    void aPlanThatWasCarriedOutInPartIsMadeGood(
            @ForAll @Size(max = 4) List<@Size(max = 3) List<@IntRange(max = 12) Integer>> existing,
            @ForAll @Size(max = 12) List<@IntRange(max = 12) Integer> numbers,
            @ForAll @IntRange(max = 8) int done) {
        Map<String, EndpointSlice> stored = new TreeMap<>();
        for (int i = 0; i < existing.size(); i++) {
            stored.put("s" + i, slice("s" + i, existing.get(i)));
        }
        SlicePlan plan = plan(3, List.copyOf(stored.values()), wanted(numbers));
        plan.recycle();
        carryOut(plan, stored, done);
        SlicePlan next = plan(3, List.copyOf(stored.values()), wanted(numbers));
        next.recycle();
        carryOut(next, stored, Integer.MAX_VALUE);
        assertEquals(
                wanted(numbers).keySet().stream()
                        .map(identity -> identity.addresses().getFirst())
                        .sorted()
                        .toList(),
                List.copyOf(states(List.copyOf(stored.values())).keySet()));
    }

    /** Carries out so many writes, in the order in which they are written to the API. */
    private static void carryOut(SlicePlan plan, Map<String, EndpointSlice> stored, int writes) {
        List<Runnable> all = new ArrayList<>();
        plan.create().forEach(slice -> all.add(() -> stored.put("new" + NAMES.incrementAndGet(), slice)));
        plan.update()
                .forEach(slice -> all.add(() -> stored.put(slice.getMetadata().getName(), slice)));
        plan.delete()
                .forEach(
                        slice -> all.add(() -> stored.remove(slice.getMetadata().getName())));
        all.stream().limit(writes).forEach(Runnable::run);
        stored.forEach((name, slice) -> slice.getMetadata().setName(name));
    }

    @Test
    void whatIsWrittenAnywayIsFilledFirst() {
        List<EndpointSlice> existing = List.of(slice("one", List.of(1, 2, 4)), slice("two", List.of(5, 7)));
        SlicePlan plan = plan(3, existing, wanted(List.of(1, 2, 5, 7, 8, 10)));
        assertEquals(2, plan.update().size());
        assertEquals(0, plan.create().size());
        SlicePlan full = plan(3, existing, wanted(List.of(1, 2, 4, 5, 7, 8, 10)));
        assertEquals(0, full.update().size());
        assertEquals(1, full.create().size());
    }

    @Test
    void theRestGoesWhereItFitsBest() {
        List<EndpointSlice> existing = List.of(slice("small", List.of(1)), slice("large", List.of(2, 4, 5)));
        SlicePlan plan = plan(5, existing, wanted(List.of(1, 2, 4, 5, 7, 8)));
        assertEquals("large", plan.update().getFirst().getMetadata().getName());
        assertEquals(1, plan.update().size());
    }

    @Test
    void aSliceWithOtherLabelsIsWrittenAndKeepsItsEndpoints() {
        EndpointSlice old = slice("old", List.of(1, 2));
        old.getMetadata().setLabels(new HashMap<>(Map.of("kubernetes.io/service-name", "web", "gone", "yes")));
        SlicePlan plan = plan(5, List.of(old), wanted(List.of(1, 2)));
        assertEquals(LABELS, plan.update().getFirst().getMetadata().getLabels());
        assertEquals(2, plan.update().getFirst().getEndpoints().size());
        assertEquals("yes", old.getMetadata().getLabels().get("gone"));
    }
}
