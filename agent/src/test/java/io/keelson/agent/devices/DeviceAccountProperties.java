package io.keelson.agent.devices;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.keelson.agent.devices.DeviceAccount.Checkpoint;
import io.keelson.agent.devices.DeviceAccount.Given;
import io.keelson.agent.devices.DeviceAccount.Place;
import io.keelson.agent.wire.deviceplugin.ContainerAllocateResponse;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

final class DeviceAccountProperties {
    record Entry(Place place, String resource, Given given) {}

    @Provide
    Arbitrary<List<Entry>> entries() {
        Arbitrary<String> word = Arbitraries.of("a", "b", "ü \"x\"", "");
        Arbitrary<Given> given = Combinators.combine(
                        Arbitraries.maps(
                                        Arbitraries.longs().between(-1, 3),
                                        word.set().ofMaxSize(3))
                                .ofMaxSize(3),
                        word)
                .as((byNode, value) -> new Given(
                        byNode,
                        ContainerAllocateResponse.newBuilder()
                                .putEnvs("X", value)
                                .build()));
        return Combinators.combine(word, word, word, given)
                .as((pod, container, resource, what) -> new Entry(new Place(pod, container), resource, what))
                .list()
                .ofMaxSize(6);
    }

    @Property(tries = 200, seed = "11")
    void whatIsWrittenIsRead(@ForAll("entries") List<Entry> entries) throws IOException {
        DeviceAccount account = new DeviceAccount();
        Map<Place, Map<String, Given>> reference = new HashMap<>();
        for (Entry entry : entries) {
            account.put(entry.place(), entry.resource(), entry.given());
            reference.computeIfAbsent(entry.place(), any -> new TreeMap<>()).put(entry.resource(), entry.given());
        }
        Checkpoint read = DeviceAccount.parse(account.json(Map.of("r", Set.of("x"))));
        assertEquals(Set.of("r"), read.registered());
        for (Entry entry : entries) {
            assertEquals(reference.get(entry.place()), read.account().of(entry.place()));
        }
        for (String pod : List.copyOf(read.account().pods())) {
            read.account().release(pod);
        }
        assertEquals(Set.of(), read.account().resources());
    }

    @Property(tries = 200, seed = "12")
    void whatIsDamagedIsSeen(@ForAll("entries") List<Entry> entries, @ForAll @IntRange(max = 10_000) int at) {
        DeviceAccount account = new DeviceAccount();
        entries.forEach(entry -> account.put(entry.place(), entry.resource(), entry.given()));
        String text = account.json(Map.of());
        int place = at % text.length();
        assertThrows(IOException.class, () -> DeviceAccount.parse(text.substring(0, place)));
    }
}
